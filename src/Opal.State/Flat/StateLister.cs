using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.State.Flat;

/// <summary>Lists a state in the order of hashed keys. It walks the trie's records, which any kept state has, so that old states cost what the newest does but for the reads of history.</summary>
internal static class StateLister
{
    /// <summary>See <see cref="IStateView.ListAccounts"/>.</summary>
    /// <exception cref="MissingStateException">Records and leaves do not fit together.</exception>
    public static StatePage<StateAccountEntry> Accounts(IFlatState state, in Hash256 start, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        Span<byte> value = stackalloc byte[BranchTrie.MaxLeafValue];
        var walk = new LeafWalk(new FlatBranchReader(state));
        walk.Begin(Hash256.Zero, state.Root, start);
        var entries = new List<StateAccountEntry>();
        while (true)
        {
            Require(walk.Next(out Hash256 key, value, out int length));
            if (length == 0) return new StatePage<StateAccountEntry>(entries, null);
            if (entries.Count == limit) return new StatePage<StateAccountEntry>(entries, key);
            if (!StateAccount.TryDecode(value[..length], out StateAccount leaf)) throw Damaged();
            entries.Add(new StateAccountEntry(key, new Account(leaf.Nonce, leaf.Balance, leaf.CodeHash), leaf.StorageRoot));
        }
    }

    /// <summary>See <see cref="IStateView.ListSlots"/>.</summary>
    /// <exception cref="MissingStateException">Records and leaves do not fit together.</exception>
    public static StatePage<StateSlotEntry> Slots(IFlatState state, in Hash256 owner, in Hash256 start, int limit)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(limit);
        Span<byte> value = stackalloc byte[BranchTrie.MaxLeafValue];
        owner.CopyTo(value);
        Hash256 root = Hash256.EmptyTrie;
        if (state.TryGet(Hash256.Zero, Table.Leaves, value[..Hash256.Size], out ReadOnlySpan<byte> flat)) _ = FlatAccount.Read(flat, out root);
        var walk = new LeafWalk(new FlatBranchReader(state));
        walk.Begin(owner, root, start);
        var entries = new List<StateSlotEntry>();
        while (true)
        {
            Require(walk.Next(out Hash256 key, value, out int length));
            if (length == 0) return new StatePage<StateSlotEntry>(entries, null);
            if (entries.Count == limit) return new StatePage<StateSlotEntry>(entries, key);
            var leaf = new RlpReader(value[..length]);
            if (!leaf.TryReadUInt256(out UInt256 number) || !leaf.TryEnd()) throw Damaged();
            entries.Add(new StateSlotEntry(key, number));
        }
    }

    private static void Require(TrieStatus status)
    {
        if (status != TrieStatus.Ok) throw Damaged();
    }

    private static MissingStateException Damaged() => new("the state lacks a trie record or a leaf, or one is damaged; stop the node and run 'opal db verify'");
}
