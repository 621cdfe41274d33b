using Opal.Primitives;

namespace Opal.Trie;

/// <summary>The root of a trie from positions to items: transactions, receipts, withdrawals.</summary>
/// <remarks>Key i is rlp(i). The keys' order is known, so the root is computed in one pass without making nodes.</remarks>
public static class OrderedTrie
{
    private const int MaxKeySize = 5;

    /// <summary>The root over <paramref name="items"/>, encoded already and none of them empty, in their order.</summary>
    public static Hash256 Root(IReadOnlyList<ReadOnlyMemory<byte>> items)
    {
        if (items.Count == 0) return Hash256.EmptyTrie;
        var builder = new Builder(items);
        Span<byte> reference = stackalloc byte[Hash256.Size + 1];
        int length = builder.Reference(0, items.Count, 0, reference);
        return length == Hash256.Size + 1 ? new Hash256(reference[1..]) : Keccak256.Hash(reference[..length]);
    }

    private readonly ref struct Builder(IReadOnlyList<ReadOnlyMemory<byte>> items)
    {
        private readonly IReadOnlyList<ReadOnlyMemory<byte>> _items = items;
        private readonly RlpWriter _scratch = new(600);

        /// <summary>The item with the <paramref name="rank"/>-th smallest key: 1 to 127 (0x01 to 0x7f), then 0 (0x80), then the rest in order.</summary>
        private int ItemAt(int rank)
        {
            int singles = Math.Min(_items.Count - 1, 127);
            return rank < singles ? rank + 1 : rank == singles ? 0 : rank;
        }

        private int WriteKey(int rank, Span<byte> key)
        {
            int index = ItemAt(rank);
            if (index is > 0 and < 0x80)
            {
                key[0] = (byte)index;
                return 1;
            }

            int size = index == 0 ? 0 : index < 1 << 8 ? 1 : index < 1 << 16 ? 2 : index < 1 << 24 ? 3 : 4;
            key[0] = (byte)(0x80 + size);
            for (int i = 0; i < size; i++) key[1 + i] = unchecked((byte)(index >> (8 * (size - 1 - i))));
            return 1 + size;
        }

        private int DigitAt(int rank, int depth)
        {
            Span<byte> key = stackalloc byte[MaxKeySize];
            WriteKey(rank, key);
            return NibblePath.DigitAt(key, depth);
        }

        /// <summary>Writes how a parent refers to the node of the ranks [from, to), whose keys share <paramref name="depth"/> digits: a hash as RLP string, or the node.</summary>
        public int Reference(int from, int to, int depth, Span<byte> reference)
        {
            Span<byte> first = stackalloc byte[MaxKeySize], last = stackalloc byte[MaxKeySize];
            int firstSize = WriteKey(from, first), lastSize = WriteKey(to - 1, last);
            if (to - from == 1)
            {
                ReadOnlySpan<byte> value = _items[ItemAt(from)].Span;
                _scratch.Clear();
                int list = _scratch.BeginList();
                WritePath(first[..firstSize], depth, (firstSize * 2) - depth, true);
                _scratch.WriteBytes(value);
                _scratch.EndList(list);
                return Finish(reference);
            }

            int common = 0; // no key is the beginning of another, so both go on after what they share
            while (NibblePath.DigitAt(first, depth + common) == NibblePath.DigitAt(last, depth + common)) common++;
            if (common > 0)
            {
                Span<byte> child = stackalloc byte[Hash256.Size + 1];
                int length = Reference(from, to, depth + common, child);
                _scratch.Clear();
                int list = _scratch.BeginList();
                WritePath(first[..firstSize], depth, common, false);
                _scratch.WriteRaw(child[..length]);
                _scratch.EndList(list);
                return Finish(reference);
            }

            return Branch(from, to, depth, reference);
        }

        private int Branch(int from, int to, int depth, Span<byte> reference)
        {
            const int slot = Hash256.Size + 1;
            Span<byte> children = stackalloc byte[16 * slot];
            Span<int> lengths = stackalloc int[16];
            lengths.Clear();
            while (from < to)
            {
                int digit = DigitAt(from, depth);
                int end = from + 1;
                while (end < to && DigitAt(end, depth) == digit) end++;
                lengths[digit] = Reference(from, end, depth + 1, children.Slice(digit * slot, slot));
                from = end;
            }

            _scratch.Clear();
            int list = _scratch.BeginList();
            for (int i = 0; i < 16; i++)
            {
                if (lengths[i] == 0) _scratch.WriteBytes(default);
                else _scratch.WriteRaw(children.Slice(i * slot, lengths[i]));
            }

            _scratch.WriteBytes(default);
            _scratch.EndList(list);
            return Finish(reference);
        }

        private void WritePath(ReadOnlySpan<byte> key, int start, int count, bool isLeaf)
        {
            Span<byte> compact = stackalloc byte[MaxKeySize + 1];
            NibblePath path = NibblePath.Of(key.ToArray()).From(start).First(count);
            path.WriteCompact(compact, isLeaf);
            _scratch.WriteBytes(compact[..path.CompactLength]);
        }

        private int Finish(Span<byte> reference)
        {
            if (_scratch.Length < Hash256.Size)
            {
                _scratch.Written.CopyTo(reference);
                return _scratch.Length;
            }

            reference[0] = 0x80 + Hash256.Size;
            Keccak256.Hash(_scratch.Written, reference[1..]);
            return Hash256.Size + 1;
        }
    }
}
