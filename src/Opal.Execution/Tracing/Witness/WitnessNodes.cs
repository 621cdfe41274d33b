using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.State;

namespace Opal.Execution;

/// <summary>
/// The trie nodes of a witness: those on the way to what was read, and beside what was deleted. A branch that is left with one child gives way to it, so that the
/// child's own node must be known; which children those may be is bounded from the number of deletions in the trie.
/// </summary>
internal sealed class WitnessNodes(IStateView view)
{
    private readonly record struct Deletion(Hash256 Owner, Hash256 Key, IReadOnlyList<byte[]> Way);

    private readonly Dictionary<Hash256, byte[]> _nodes = [];
    private readonly List<Deletion> _deletions = [];

    public IReadOnlyDictionary<Hash256, byte[]> Nodes => _nodes;

    private void Add(IEnumerable<byte[]> nodes)
    {
        foreach (byte[] node in nodes) _nodes[Keccak256.Hash(node)] = node;
    }

    /// <summary>Adds the way to an account and its slots.</summary>
    /// <param name="proof">Both.</param>
    /// <param name="change">What the block changes of it; null for nothing.</param>
    public void AddAccount(AccountProof proof, AccountChange? change)
    {
        Hash256 key = proof.Address.Keccak();
        Add(proof.Nodes);
        foreach (StorageProof slot in proof.Storage) Add(slot.Nodes);
        if (change is null || !proof.Exists) return;
        if (!change.Exists) _deletions.Add(new Deletion(Hash256.Zero, key, proof.Nodes));
        if (change.StorageCleared || !change.Exists) return;
        foreach ((UInt256 slot, UInt256 value) in change.Storage)
        {
            if (!value.IsZero) continue;
            foreach (StorageProof before in proof.Storage)
            {
                if (before.Slot == slot && !before.Value.IsZero) _deletions.Add(new Deletion(key, Keccak256.Hash(slot.ToBigEndianArray()), before.Nodes));
            }
        }
    }

    /// <summary>Adds what lies beside the deleted keys.</summary>
    public void AddSiblings()
    {
        foreach (IGrouping<Hash256, Deletion> trie in _deletions.GroupBy(static d => d.Owner))
        {
            int count = trie.Count();
            foreach (Deletion deletion in trie) AddSiblings(deletion, count);
        }
    }

    private void AddSiblings(in Deletion deletion, int deletions)
    {
        byte[] key = deletion.Key.ToArray();
        int depth = 0;
        foreach (byte[] node in deletion.Way)
        {
            if (!RlpReader.TryOpenList(node, out RlpReader items)) throw RpcException.Refused("a trie node of the state is damaged");
            List<bool> isHash = [], isThere = [];
            byte[] first = [];
            while (!items.AtEnd)
            {
                bool isList = items.NextIsList;
                if (!items.TryReadRaw(out ReadOnlySpan<byte> item)) throw RpcException.Refused("a trie node of the state is damaged");
                if (isThere.Count == 0) first = item.ToArray();
                isThere.Add(item is not [0x80]);
                isHash.Add(!isList && item.Length == 33);
            }

            if (isThere.Count != 17)
            {
                depth += PathLength(first);
                continue;
            }

            int own = Digit(key, depth);
            if (isThere.Take(16).Count(static there => there) - deletions <= 1)
            {
                for (int digit = 0; digit < 16; digit++)
                {
                    if (digit != own && isHash[digit]) AddBeside(deletion.Owner, key, depth, digit);
                }
            }

            depth++;
        }
    }

    private void AddBeside(in Hash256 owner, byte[] key, int depth, int digit)
    {
        byte[] beside = new byte[32];
        key.AsSpan(0, depth / 2).CopyTo(beside);
        beside[depth / 2] = (byte)((depth & 1) == 0 ? digit << 4 : (key[depth / 2] & 0xf0) | digit);
        List<byte[]> nodes = [];
        if (!view.TryProve(owner, new Hash256(beside), nodes)) throw RpcException.Refused("this state store gives no trie nodes by path, which the witness of a block with deletions needs");
        Add(nodes);
    }

    private static int Digit(byte[] key, int index) => (index & 1) == 0 ? key[index / 2] >> 4 : key[index / 2] & 15;

    /// <summary>The digits of a compact path, in RLP.</summary>
    private static int PathLength(ReadOnlySpan<byte> encoded)
    {
        ReadOnlySpan<byte> compact = encoded.Length == 1 ? encoded : encoded[1..];
        return ((compact.Length - 1) * 2) + ((compact[0] & 0x10) != 0 ? 1 : 0);
    }
}
