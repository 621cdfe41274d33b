using Opal.Primitives;

namespace Opal.Trie.Tests;

/// <summary>Branch records and flat leaves of one trie in plain maps, with every change undoable.</summary>
internal sealed class RecordStore : IBranchReader
{
    public SortedDictionary<Hash256, byte[]> Leaves { get; private set; } = [];

    public Dictionary<TriePath, byte[]> Records { get; private set; } = [];

    public bool TryReadBranch(in Hash256 owner, in TriePath path, out ReadOnlySpan<byte> record)
    {
        bool found = Records.TryGetValue(path, out byte[]? bytes);
        record = bytes;
        return found;
    }

    public int ReadLeaf(in Hash256 owner, in TriePath path, out Hash256 key, Span<byte> value)
    {
        foreach ((Hash256 leaf, byte[] bytes) in Leaves)
        {
            if (!path.Covers(leaf)) continue;
            key = leaf;
            bytes.CopyTo(value);
            return bytes.Length;
        }

        key = default;
        return -1;
    }

    /// <summary>Computes the root after some changes and makes them; what was before is the undo.</summary>
    public Hash256 Apply(BranchTrie trie, SortedDictionary<Hash256, byte[]> changes, bool wiped, out RecordStore before)
    {
        before = new RecordStore { Leaves = new(Leaves), Records = new(Records) };
        trie.Reset(this);
        trie.Begin(default, wiped);
        foreach ((Hash256 key, byte[] value) in changes.Reverse()) trie.Set(key, value, !wiped && Leaves.ContainsKey(key));
        Assert.Equal(TrieStatus.Ok, trie.Walk(out int number));
        trie.Hash();
        Hash256 root = trie.RootOf(number);
        if (wiped)
        {
            Leaves.Clear();
            Records.Clear();
        }

        var record = new byte[BranchRecord.MaxSize];
        TriePath? last = null;
        foreach (BranchChange change in trie.Records(number))
        {
            Assert.True(last is null || last < change.Path);
            last = change.Path;
            Assert.Equal(Records.GetValueOrDefault(change.Path, []), trie.OldRecord(change).ToArray());
            if (change.Branch < 0) Assert.True(Records.Remove(change.Path));
            else Records[change.Path] = record.AsSpan(0, trie.WriteRecord(change.Branch, record)).ToArray();
        }

        foreach ((Hash256 key, byte[] value) in changes)
        {
            if (value.Length == 0) Leaves.Remove(key);
            else Leaves[key] = value;
        }

        return root;
    }

    /// <summary>The same leaves with records built from nothing.</summary>
    public RecordStore Rebuilt(BranchTrie trie, out Hash256 root)
    {
        var fresh = new RecordStore();
        root = fresh.Apply(trie, Leaves, true, out _);
        return fresh;
    }

    public void AssertSameRecords(RecordStore other)
    {
        Assert.Equal(other.Records.Count, Records.Count);
        foreach ((TriePath path, byte[] record) in other.Records) Assert.True(Records.TryGetValue(path, out byte[]? mine) && mine.AsSpan().SequenceEqual(record));
    }

    /// <summary>The root by the trie of node objects.</summary>
    public Hash256 PatriciaRoot()
    {
        var batch = new TrieBatch();
        foreach ((Hash256 key, byte[] value) in Leaves) batch.Add(key, value);
        Assert.Equal(TrieStatus.Ok, batch.TryApply(PatriciaTrie.Empty, out PatriciaTrie trie));
        return trie.RootHash;
    }
}
