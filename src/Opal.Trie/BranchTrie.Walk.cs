using System.Numerics;
using Opal.Primitives;

namespace Opal.Trie;

/// <content>The way down: which branches are new, changed or gone. Results are entries of the kids. Recursion is as deep as a key is long.</content>
public sealed partial class BranchTrie
{
    private int WalkRoot(int from, int to)
    {
        if (_trie.StartsEmpty) return Build(from, to, 0);
        int root = Open(default, false);
        if (root != None) return from == to ? root << 1 : Descend(root, from, to);
        return Merge(default, from, to, false); // without a root record the trie is empty, or one leaf
    }

    /// <summary>Reads the record at a path; <see cref="None"/> when there is none, which is damage if it <paramref name="must"/> be there.</summary>
    private int Open(in TriePath path, bool must)
    {
        RecordsRead++;
        if (!_reader!.TryReadBranch(_trie.Owner, path, out ReadOnlySpan<byte> bytes))
        {
            if (must) _status = TrieStatus.MissingNode;
            return None;
        }

        if (!BranchRecord.TryOpen(bytes, out BranchRecord record) || path.Length + record.ExtensionLength > 63)
        {
            _status = TrieStatus.MalformedNode;
            return None;
        }

        int depth = path.Length + record.ExtensionLength;
        int index = NewBranch(record.Extend(path), path.Length, depth);
        int at = _oldRecords.Take(bytes.Length);
        bytes.CopyTo(_oldRecords.Items.AsSpan(at));
        ref Branch branch = ref _branches.Items[index];
        branch.Mask = branch.OldMask = record.Mask;
        branch.LeafMask = record.LeafMask;
        branch.OldAt = at;
        branch.OldLength = bytes.Length;
        branch.OldReferences = at + BranchRecord.HeaderSize + record.ExtensionDigits.Length;
        branch.OldInline = (bytes[1] & BranchRecord.InlineFlag) != 0;
        return index;
    }

    private int NewBranch(in Hash256 prefix, int start, int depth)
    {
        int kids = _kids.Take(16);
        _kids.Items.AsSpan(kids, 16).Fill(None);
        int index = _branches.Take(1);
        _branches.Items[index] = new Branch { Prefix = prefix, Start = (byte)start, Depth = (byte)depth, OldStart = (byte)start, Kids = kids, OldAt = None };
        return index;
    }

    private int NewLeaf(in Change change, int depth) =>
        (_leaves.Add(new Leaf { Key = change.Key, ValueAt = change.ValueAt, ValueLength = change.ValueLength, Depth = (byte)depth }) << 1) | 1;

    /// <summary>A subtree of nothing but what is put into it. The changes have values, all of them.</summary>
    private int Build(int from, int to, int depth)
    {
        if (from == to) return None;
        if (to - from == 1) return NewLeaf(_changes.Items[from], depth);
        Hash256 first = _changes.Items[from].Key;
        int fork = first.CommonDigits(_changes.Items[to - 1].Key);
        int branch = NewBranch(first, depth, fork);
        while (from < to)
        {
            int end = EndOfGroup(from, to, fork, out int digit);
            SetKid(branch, digit, Build(from, end, fork + 1));
            from = end;
        }

        return branch << 1;
    }

    /// <summary>Changes from <paramref name="from"/> up to the result share the digit at <paramref name="depth"/>.</summary>
    private int EndOfGroup(int from, int to, int depth, out int digit)
    {
        digit = _changes.Items[from].Key.DigitAt(depth);
        int end = from + 1;
        while (end < to && _changes.Items[end].Key.DigitAt(depth) == digit) end++;
        return end;
    }

    private void SetKid(int index, int digit, int kid)
    {
        ref Branch branch = ref _branches.Items[index];
        int bit = 1 << digit;
        _kids.Items[branch.Kids + digit] = kid;
        branch.Mask = (ushort)(kid == None ? branch.Mask & ~bit : branch.Mask | bit);
        branch.LeafMask = (ushort)(kid == None || (kid & 1) == 0 ? branch.LeafMask & ~bit : branch.LeafMask | bit);
    }

    /// <summary>Applies changes to an open branch and what is below it. There is at least one.</summary>
    private int Descend(int index, int from, int to)
    {
        Hash256 prefix = _branches.Items[index].Prefix;
        int start = _branches.Items[index].Start, depth = _branches.Items[index].Depth;

        // keys are sorted: if any leaves the way to the branch, the first or the last does so soonest
        int common = Math.Min(_changes.Items[from].Key.CommonDigits(prefix), _changes.Items[to - 1].Key.CommonDigits(prefix));
        if (common < depth) return Split(index, prefix, start, common, from, to);

        while (from < to)
        {
            int end = EndOfGroup(from, to, depth, out int digit);
            int bit = 1 << digit, kid;
            if ((_branches.Items[index].Mask & bit) == 0)
            {
                kid = Build(from, end, depth + 1);
            }
            else if ((_branches.Items[index].LeafMask & bit) != 0)
            {
                for (int i = from; i < end; i++)
                {
                    if (_changes.Items[i].Check > 0) PlaceCheck(_changes.Items[i].Check - 1, index, digit, depth + 1);
                }

                kid = Merge(new TriePath(_changes.Items[from].Key, depth + 1), from, end, true);
            }
            else
            {
                int child = Open(new TriePath(_changes.Items[from].Key, depth + 1), true);
                kid = child == None ? None : Descend(child, from, end);
            }

            SetKid(index, digit, kid);
            from = end;
        }

        return Close(index);
    }

    /// <summary>Puts a new branch into the extension above an open one, which keeps what of the extension is below the new branch.</summary>
    private int Split(int index, in Hash256 prefix, int start, int fork, int from, int to)
    {
        int top = NewBranch(prefix, start, fork);
        _branches.Items[index].Start = (byte)(fork + 1);
        int own = prefix.DigitAt(fork);
        SetKid(top, own, index << 1);
        while (from < to)
        {
            int end = EndOfGroup(from, to, fork, out int digit);
            SetKid(top, digit, digit == own ? Descend(index, from, end) : Build(from, end, fork + 1));
            from = end;
        }

        return Close(top);
    }

    /// <summary>Applies changes where there is one leaf, or (if it need not be there) perhaps none.</summary>
    private int Merge(in TriePath path, int from, int to, bool must)
    {
        bool replaced = false;
        for (int i = from; i < to && !replaced; i++) replaced = _changes.Items[i].Exists;
        if (replaced)
        {
            if (to - from == 1) return _changes.Items[from].ValueLength == 0 ? None : NewLeaf(_changes.Items[from], path.Length);
            int first = _changes.Count;
            for (int i = from; i < to; i++)
            {
                if (_changes.Items[i].ValueLength > 0) _changes.Add(_changes.Items[i]);
            }

            return Build(first, _changes.Count, path.Length);
        }

        if (!TryReadLeaf(path, must, out Change old)) return Build(from, to, path.Length);
        if (from == to) return NewLeaf(old, path.Length);
        int merged = _changes.Count;
        bool placed = false;
        for (int i = from; i < to; i++)
        {
            if (!placed && _changes.Items[i].Key > old.Key)
            {
                _changes.Add(old);
                placed = true;
            }

            _changes.Add(_changes.Items[i]);
        }

        if (!placed) _changes.Add(old);
        return Build(merged, _changes.Count, path.Length);
    }

    private bool TryReadLeaf(in TriePath path, bool must, out Change leaf)
    {
        LeavesRead++;
        int at = _values.Take(MaxLeafValue);
        int length = _reader!.ReadLeaf(_trie.Owner, path, out Hash256 key, _values.Items.AsSpan(at, MaxLeafValue));
        _values.Count = at + Math.Max(length, 0);
        leaf = new Change { Key = key, ValueAt = at, ValueLength = length };
        if (length > 0) return true;
        if (must) _status = TrieStatus.MissingNode;
        return false;
    }

    /// <summary>What takes the place of a branch after its children changed: it has two at least, or its only child is pulled up, or nothing is left.</summary>
    private int Close(int index)
    {
        Branch branch = _branches.Items[index];
        if (BitOperations.PopCount(branch.Mask) >= 2) return index << 1;
        _branches.Items[index].Dead = true;
        if (branch.Mask == 0) return None;
        int digit = BitOperations.TrailingZeroCount(branch.Mask);
        int kid = _kids.Items[branch.Kids + digit];
        if (kid == None)
        {
            var path = new TriePath(branch.Prefix.WithDigit(branch.Depth, digit), branch.Depth + 1);
            if (branch.LeafMask != 0) return TryReadLeaf(path, true, out Change leaf) ? NewLeaf(leaf, branch.Start) : None;
            int child = Open(path, true);
            if (child == None) return None;
            kid = child << 1;
        }

        if ((kid & 1) != 0) _leaves.Items[kid >> 1].Depth = branch.Start;
        else _branches.Items[kid >> 1].Start = branch.Start;
        return kid;
    }
}
