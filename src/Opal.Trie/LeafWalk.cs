using Opal.Primitives;

namespace Opal.Trie;

/// <summary>Walks the leaves of a trie in the order of their keys, from branch records and flat leaves. It holds the records from the root down to where it stands, no more.</summary>
/// <remarks>Every record and leaf is compared with the reference that the record above it has, so that what the walk gives leads to the root it began with.</remarks>
/// <param name="reader">Where records and leaves are.</param>
public sealed class LeafWalk(IBranchReader reader)
{
    private const int MaxDepth = 64;

    private readonly Step[] _steps = new Step[MaxDepth];
    private int _depth;
    private Hash256 _owner, _root, _start;
    private bool _begun;

    /// <summary>A branch that the walk is in.</summary>
    private struct Step
    {
        public byte[]? Record;
        public int Length;

        /// <summary>The digits on the way to the branch, and how many.</summary>
        public Hash256 Digits;
        public int Depth;

        /// <summary>The child to look at next; 16 when all are done.</summary>
        public int Next;
    }

    /// <summary>Goes to the first leaf whose key is not below <paramref name="start"/>.</summary>
    /// <param name="owner">The trie: the hashed address of an account, or zero for the account trie.</param>
    /// <param name="root">The trie's root hash.</param>
    /// <param name="start">A key, there or not.</param>
    public void Begin(in Hash256 owner, in Hash256 root, in Hash256 start)
    {
        (_owner, _root, _start) = (owner, root, start);
        _depth = 0;
        _begun = false;
    }

    /// <summary>Takes the next leaf.</summary>
    /// <param name="key">Its key.</param>
    /// <param name="value">Takes its value as the trie has it; <see cref="BranchTrie.MaxLeafValue"/> bytes.</param>
    /// <param name="length">The size of the value; 0 when there is no leaf any more.</param>
    /// <returns>Anything but <see cref="TrieStatus.Ok"/> means that the database is damaged.</returns>
    public TrieStatus Next(out Hash256 key, Span<byte> value, out int length)
    {
        key = default;
        length = 0;
        if (!_begun)
        {
            _begun = true;
            TrieStatus began = EnterRoot(out key, value, out length);
            if (began != TrieStatus.Ok || length > 0) return began;
        }

        while (_depth > 0)
        {
            ref Step step = ref _steps[_depth - 1];
            if (!BranchRecord.TryOpen(step.Record.AsSpan(0, step.Length), out BranchRecord record)) return TrieStatus.MalformedNode;
            while (step.Next < 16 && (record.Mask & (1 << step.Next)) == 0) step.Next++;
            if (step.Next == 16)
            {
                _depth--;
                continue;
            }

            int digit = step.Next++;
            var path = new TriePath(step.Digits.WithDigit(step.Depth, digit), step.Depth + 1);
            TrieStatus status = (record.LeafMask & (1 << digit)) != 0
                ? TakeLeaf(path, record.Reference(digit), out key, value, out length)
                : EnterBranch(path, record.Reference(digit));
            if (status != TrieStatus.Ok || length > 0) return status;
        }

        return TrieStatus.Ok;
    }

    private TrieStatus EnterRoot(out Hash256 key, Span<byte> value, out int length)
    {
        key = default;
        length = 0;
        if (_root == Hash256.EmptyTrie) return TrieStatus.Ok;
        Span<byte> root = stackalloc byte[Hash256.Size];
        _root.CopyTo(root);
        return reader.TryReadBranch(_owner, default, out _)
            ? EnterBranch(default, root)
            : TakeLeaf(default, root, out key, value, out length); // a trie with one leaf has no record
    }

    /// <summary>Takes a leaf, unless it is below the start: then the length is 0.</summary>
    private TrieStatus TakeLeaf(in TriePath path, ReadOnlySpan<byte> expected, out Hash256 key, Span<byte> value, out int length)
    {
        Span<byte> reference = stackalloc byte[Hash256.Size];
        length = 0;
        int found = reader.ReadLeaf(_owner, path, out key, value);
        if (found <= 0) return TrieStatus.MissingNode;
        int size = BranchReference.OfLeaf(key, path.Length, value[..found], reference);
        if (!reference[..size].SequenceEqual(expected)) return TrieStatus.MalformedNode;
        if (key >= _start) length = found;
        return TrieStatus.Ok;
    }

    /// <summary>Goes into a branch, unless all below it is below the start.</summary>
    private TrieStatus EnterBranch(in TriePath path, ReadOnlySpan<byte> expected)
    {
        if (!reader.TryReadBranch(_owner, path, out ReadOnlySpan<byte> bytes)) return TrieStatus.MissingNode;
        if (_depth == MaxDepth || bytes.Length > BranchRecord.MaxSize || !BranchRecord.TryOpen(bytes, out BranchRecord record) || path.Length + record.ExtensionLength > 63) return TrieStatus.MalformedNode;
        Span<byte> reference = stackalloc byte[Hash256.Size];
        int size = BranchReference.OfRecord(record, path, reference);
        if (!reference[..size].SequenceEqual(expected)) return TrieStatus.MalformedNode;
        ref Step step = ref _steps[_depth];
        step.Digits = record.Extend(path);
        step.Depth = path.Length + record.ExtensionLength;
        int order = step.Digits.CompareTo(_start.FirstDigits(step.Depth));
        if (order < 0) return TrieStatus.Ok;
        step.Next = order == 0 ? _start.DigitAt(step.Depth) : 0;
        step.Record ??= new byte[BranchRecord.MaxSize];
        bytes.CopyTo(step.Record);
        step.Length = bytes.Length;
        _depth++;
        return TrieStatus.Ok;
    }
}
