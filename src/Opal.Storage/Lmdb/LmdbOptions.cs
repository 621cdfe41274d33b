namespace Opal.Storage;

/// <summary>How a <see cref="LmdbStore"/> is opened.</summary>
public sealed record LmdbOptions
{
    /// <summary>1 TiB: address space that is set aside, neither memory nor disk.</summary>
    public const long LargestMap = 1L << 40;

    /// <summary>Bytes of address space to set aside; where there is less, half of it is tried, and so on. A map below <see cref="LargestMap"/> grows as the store does.</summary>
    public long MapSize { get; init; } = LargestMap;

    /// <summary>How many named tables there can be.</summary>
    public int MaxTables { get; init; } = 64;

    /// <summary>How many snapshots can be open at once, over all processes that have the store open.</summary>
    public int MaxSnapshots { get; init; } = 1024;
}
