using Opal.Primitives;

namespace Opal.Trie;

/// <content>Old leaves are compared with what the records above them say, so that a flat table and a trie that drift apart are noticed when they are used.</content>
public sealed partial class BranchTrie
{
    private Arena<Check> _checks = new(64);
    private byte[] _checkReferences = [];
    private int _hashedChecks;

    private struct Check
    {
        /// <summary>The old leaf.</summary>
        public Leaf Leaf;
        public int Trie;

        /// <summary>The branch whose child the leaf is; <see cref="None"/> when the walk did not get there.</summary>
        public int Branch;
        public int Digit;
    }

    private int AddCheck(in Hash256 key, ReadOnlySpan<byte> old)
    {
        int at = _values.Take(old.Length);
        old.CopyTo(_values.Items.AsSpan(at));
        return _checks.Add(new Check { Leaf = new Leaf { Key = key, ValueAt = at, ValueLength = old.Length }, Trie = _tries.Count, Branch = None }) + 1;
    }

    private void PlaceCheck(int index, int branch, int digit, int depth)
    {
        ref Check check = ref _checks.Items[index];
        check.Branch = branch;
        check.Digit = digit;
        check.Leaf.Depth = (byte)depth;
    }

    private void HashChecks()
    {
        if (_hashedChecks == _checks.Count) return;
        Fit(ref _checkReferences, _checks.Count);
        for (int i = _hashedChecks; i < _checks.Count; i++)
        {
            if (_checks.Items[i].Branch != None) EncodeLeaf(ref _checks.Items[i].Leaf, _checkReferences, i * Hash256.Size);
        }

        _batch.Flush(_checkReferences);
        _hashedChecks = _checks.Count;
    }

    /// <summary>After <see cref="Hash"/>: the first leaf whose old value is not what the record above it says; false when there is none.</summary>
    /// <param name="owner">The trie.</param>
    /// <param name="key">The leaf's key.</param>
    public bool TryFindDamage(out Hash256 owner, out Hash256 key)
    {
        for (int i = 0; i < _hashedChecks; i++)
        {
            ref Check check = ref _checks.Items[i];
            if (check.Branch == None) continue;
            ReadOnlySpan<byte> expected = OldReference(_branches.Items[check.Branch], check.Digit);
            if (expected.SequenceEqual(_checkReferences.AsSpan(i * Hash256.Size, check.Leaf.ReferenceLength))) continue;
            owner = _tries[check.Trie].Owner;
            key = check.Leaf.Key;
            return true;
        }

        owner = key = default;
        return false;
    }
}
