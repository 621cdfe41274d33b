namespace Opal.State.Flat;

/// <summary>One trie: its leaves by key, in flat form, and its branch records by path.</summary>
internal sealed class TrieTable
{
    private const int LeavesPerPage = 8, BranchesPerPage = 4;

    public PagedMap Leaves { get; } = new(LeavesPerPage);

    public PagedMap Branches { get; } = new(BranchesPerPage);

    public PagedMap Map(Table table) => table == Table.Leaves ? Leaves : Branches;

    /// <summary>Makes room for so many leaves; only while it is empty.</summary>
    public void Reserve(long leaves)
    {
        Leaves.Reserve(leaves);
        Branches.Reserve(leaves / 3); // a third as many branches as leaves, in a trie of hashes
    }

    public void Apply(TrieDelta delta, SortedRunBuilder builder)
    {
        Leaves.Apply(delta.Leaves, builder);
        Branches.Apply(delta.Branches, builder);
    }

    /// <summary>What takes <paramref name="delta"/> back.</summary>
    public TrieDelta Inverse(TrieDelta delta, SortedRunBuilder builder) => new(Leaves.Inverse(delta.Leaves, builder), Branches.Inverse(delta.Branches, builder));
}

/// <summary>The two maps of a trie.</summary>
internal enum Table : byte
{
    Leaves,
    Branches,
}

/// <summary>Changes of one trie; an empty value removes.</summary>
internal sealed record TrieDelta(SortedRun Leaves, SortedRun Branches)
{
    public SortedRun Run(Table table) => table == Table.Leaves ? Leaves : Branches;
}
