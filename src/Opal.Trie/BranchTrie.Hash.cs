using System.Numerics;
using Opal.Primitives;

namespace Opal.Trie;

/// <content>The way up: all leaves first, then the branches from the deepest level, four messages of equal block count at a time. A node's RLP is put together in the hash buffer itself.</content>
public sealed partial class BranchTrie
{
    private readonly KeccakBatch _batch = new();
    private readonly int[] _levels = new int[64];
    private byte[] _leafReferences = [], _branchReferences = [];
    private int _hashedLeaves, _hashedBranches;

    /// <summary>The number of Keccak permutations done by this object.</summary>
    public long Permutations => _batch.Permutations;

    /// <summary>Hashes what was walked since the last time.</summary>
    public void Hash()
    {
        Fit(ref _leafReferences, _leaves.Count);
        Fit(ref _branchReferences, _branches.Count);
        for (int i = _hashedLeaves; i < _leaves.Count; i++) EncodeLeaf(ref _leaves.Items[i], _leafReferences, i * Hash256.Size);
        _batch.Flush(_leafReferences);
        _hashedLeaves = _leaves.Count;
        HashChecks();

        _levels.AsSpan().Fill(None);
        for (int i = _hashedBranches; i < _branches.Count; i++)
        {
            ref Branch branch = ref _branches.Items[i];
            if (branch.Dead) continue;
            branch.Next = _levels[branch.Depth];
            _levels[branch.Depth] = i;
        }

        for (int depth = 63; depth >= 0; depth--)
        {
            if (_levels[depth] == None) continue;
            bool extended = false;
            for (int i = _levels[depth]; i != None; i = _branches.Items[i].Next)
            {
                EncodeBranch(ref _branches.Items[i], i * Hash256.Size);
                extended |= _branches.Items[i].Start < depth;
            }

            _batch.Flush(_branchReferences);
            if (!extended) continue;
            for (int i = _levels[depth]; i != None; i = _branches.Items[i].Next)
            {
                if (_branches.Items[i].Start < depth) EncodeExtension(ref _branches.Items[i], i * Hash256.Size);
            }

            _batch.Flush(_branchReferences);
        }

        _hashedBranches = _branches.Count;
    }

    private static void Fit(ref byte[] references, int count)
    {
        if (references.Length < count * Hash256.Size) Array.Resize(ref references, (int)BitOperations.RoundUpToPowerOf2((uint)(count * Hash256.Size)));
    }

    /// <summary>The reference of a new or changed node, which has been hashed.</summary>
    private ReadOnlySpan<byte> NewReference(int kid)
    {
        int index = kid >> 1;
        return (kid & 1) != 0
            ? _leafReferences.AsSpan(index * Hash256.Size, _leaves.Items[index].ReferenceLength)
            : _branchReferences.AsSpan(index * Hash256.Size, _branches.Items[index].ReferenceLength);
    }

    /// <summary>The reference of a child that there is, changed or not.</summary>
    private ReadOnlySpan<byte> Reference(in Branch branch, int digit)
    {
        int kid = _kids.Items[branch.Kids + digit];
        return kid != None ? NewReference(kid) : OldReference(branch, digit);
    }

    /// <summary>The reference of a child as the record says that was read.</summary>
    private ReadOnlySpan<byte> OldReference(in Branch branch, int digit)
    {
        int rank = BitOperations.PopCount((uint)(branch.OldMask & ((1 << digit) - 1)));
        if (!branch.OldInline) return _oldRecords.Items.AsSpan(branch.OldReferences + (rank * Hash256.Size), Hash256.Size);
        int at = branch.OldReferences;
        for (; rank > 0; rank--) at += 1 + _oldRecords.Items[at];
        return _oldRecords.Items.AsSpan(at + 1, _oldRecords.Items[at]);
    }

    private void EncodeLeaf(ref Leaf leaf, byte[] references, int at)
    {
        ReadOnlySpan<byte> value = _values.Items.AsSpan(leaf.ValueAt, leaf.ValueLength);
        int path = TrieRlp.CompactLength(64 - leaf.Depth);
        int payload = path + TrieRlp.StringLength(value), total = TrieRlp.ListHeaderLength(payload) + payload;
        Span<byte> room = Target(total, references, at);
        int written = TrieRlp.WriteListHeader(room, payload);
        written += TrieRlp.WriteCompact(room[written..], leaf.Key, leaf.Depth, 64, true);
        TrieRlp.WriteString(room[written..], value);
        leaf.ReferenceLength = Finish(total, references, at);
    }

    private void EncodeBranch(ref Branch branch, int at)
    {
        int payload = 17 - BitOperations.PopCount(branch.Mask);
        bool inline = false;
        for (uint mask = branch.Mask; mask != 0; mask &= mask - 1)
        {
            int length = TrieRlp.ReferenceLength(Reference(branch, BitOperations.TrailingZeroCount(mask)));
            payload += length;
            inline |= length < Hash256.Size;
        }

        branch.HoldsInline = inline;
        int total = TrieRlp.ListHeaderLength(payload) + payload;
        Span<byte> room = Target(total, _branchReferences, at);
        int written = TrieRlp.WriteListHeader(room, payload);
        for (int digit = 0; digit < 16; digit++)
        {
            if ((branch.Mask & (1 << digit)) == 0) room[written++] = 0x80;
            else written += TrieRlp.WriteReference(room[written..], Reference(branch, digit));
        }

        room[written] = 0x80;
        branch.ReferenceLength = Finish(total, _branchReferences, at);
    }

    private void EncodeExtension(ref Branch branch, int at)
    {
        // the branch's own reference gives way to that of the extension above it
        Span<byte> child = stackalloc byte[Hash256.Size];
        child = child[..branch.ReferenceLength];
        _branchReferences.AsSpan(at, branch.ReferenceLength).CopyTo(child);
        int payload = TrieRlp.CompactLength(branch.Depth - branch.Start) + TrieRlp.ReferenceLength(child), total = TrieRlp.ListHeaderLength(payload) + payload;
        Span<byte> room = Target(total, _branchReferences, at);
        int written = TrieRlp.WriteListHeader(room, payload);
        written += TrieRlp.WriteCompact(room[written..], branch.Prefix, branch.Start, branch.Depth, false);
        TrieRlp.WriteReference(room[written..], child);
        branch.ReferenceLength = Finish(total, _branchReferences, at);
    }

    /// <summary>Where a node of <paramref name="total"/> bytes is to be written: if it is short it is its own reference.</summary>
    private Span<byte> Target(int total, byte[] references, int at) => total < Hash256.Size ? references.AsSpan(at, total) : _batch.Room(total);

    private byte Finish(int total, byte[] references, int at)
    {
        if (total < Hash256.Size) return (byte)total;
        _batch.Add(total, references, at);
        return Hash256.Size;
    }
}
