using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.State.Flat;

/// <summary>Proofs from flat leaves and branch records.</summary>
internal static class ProofMaker
{
    /// <summary>See <see cref="IStateView.GetProof"/>.</summary>
    /// <exception cref="MissingStateException">Records and leaves do not fit together.</exception>
    public static AccountProof Make(IFlatState state, IStateKeys? keys, in Address address, IReadOnlyList<UInt256> slots)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        Hash256 key = keys is null ? address.Keccak() : keys.OfAccount(address), storageRoot = Hash256.EmptyTrie;
        key.CopyTo(bytes);
        bool exists = state.TryGet(Hash256.Zero, Table.Leaves, bytes, out ReadOnlySpan<byte> flat);
        Account account = exists ? FlatAccount.Read(flat, out storageRoot) : Account.Empty;
        var reader = new FlatBranchReader(state);
        List<byte[]> nodes = Prove(reader, Hash256.Zero, key);
        var proofs = new StorageProof[slots.Count];
        for (int i = 0; i < proofs.Length; i++)
        {
            if (storageRoot == Hash256.EmptyTrie)
            {
                proofs[i] = new StorageProof(slots[i], default, []);
                continue;
            }

            Hash256 slot = keys is null ? StateKeys.OfSlot(slots[i]) : keys.OfSlot(slots[i]);
            slot.CopyTo(bytes);
            UInt256 value = state.TryGet(key, Table.Leaves, bytes, out ReadOnlySpan<byte> minimal) ? UInt256.FromBigEndian(minimal) : default;
            proofs[i] = new StorageProof(slots[i], value, Prove(reader, key, slot));
        }

        return new AccountProof(address, exists, account, storageRoot, nodes, proofs);
    }

    /// <summary>The nodes on the way to a key, from the root down.</summary>
    /// <exception cref="MissingStateException">Records and leaves do not fit together.</exception>
    public static List<byte[]> Prove(IFlatState state, in Hash256 owner, in Hash256 key) => Prove(new FlatBranchReader(state), owner, key);

    private static List<byte[]> Prove(FlatBranchReader reader, in Hash256 owner, in Hash256 key)
    {
        var nodes = new List<byte[]>();
        return BranchProof.TryProve(reader, owner, key, nodes) == TrieStatus.Ok ? nodes : throw new MissingStateException("the state lacks a trie record or a leaf, or one is damaged");
    }
}
