namespace Opal.Storage;

/// <summary>One entry of a history: what a key held before a block.</summary>
/// <param name="Key">1 to 255 bytes.</param>
/// <param name="OldValue">Empty when the key held nothing.</param>
public readonly record struct HistoryEntry(ReadOnlyMemory<byte> Key, ReadOnlyMemory<byte> OldValue);

/// <summary>
/// The past of a map: for each block, what the keys it changed held before. One writer; any number of readers beside it, which see a block whole or not
/// at all.
/// </summary>
public interface IHistoryLog : IDisposable
{
    /// <summary>The oldest block whose entries are kept; when there is none, 0, as is <see cref="Next"/>. The map can be read as it was after <c>First - 1</c>, or any later block.</summary>
    ulong First { get; }

    /// <summary>The number the next appended block must have; 0 when the log is empty: any number then.</summary>
    ulong Next { get; }

    /// <summary>Bytes on disk.</summary>
    long Size { get; }

    /// <summary>Appends a block's entries; visible at once, durable after <see cref="Sync"/>.</summary>
    /// <param name="number">Equal to <see cref="Next"/>; any number when the log is empty.</param>
    /// <param name="label">Kept beside the entries (a block hash and root, say); at most 255 bytes.</param>
    /// <param name="entries">In ascending order of keys, each once.</param>
    void Append(ulong number, ReadOnlySpan<byte> label, ReadOnlySpan<HistoryEntry> entries);

    /// <summary>Makes all blocks durable.</summary>
    void Sync();

    /// <summary>What a key held after a block, if it changed since: the entry with the smallest number above <paramref name="after"/> and not above <paramref name="upTo"/>.</summary>
    /// <param name="key">The key.</param>
    /// <param name="after">The block whose state is asked for; not below <c>First - 1</c>.</param>
    /// <param name="upTo">The block at which the map stands whose past this is.</param>
    /// <param name="oldValue">Empty when the key held nothing.</param>
    /// <returns>False when no block in between changed the key: it held what the map holds.</returns>
    /// <exception cref="ArgumentOutOfRangeException">Blocks in between are not kept (any more): nothing can be said.</exception>
    bool TryFind(ReadOnlySpan<byte> key, ulong after, ulong upTo, out ReadOnlyMemory<byte> oldValue);

    /// <summary>The keys within bounds that some block in (<paramref name="after"/>, <paramref name="upTo"/>] changed, in ascending order, each once; for the few callers that look for a neighbour.</summary>
    /// <param name="lowest">The first key of interest.</param>
    /// <param name="highest">The last key of interest (a prefix followed by 0xff bytes, say).</param>
    /// <param name="after">As in <see cref="TryFind"/>.</param>
    /// <param name="upTo">As in <see cref="TryFind"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">Blocks in between are not kept, or are dropped while the keys are read.</exception>
    IEnumerable<ReadOnlyMemory<byte>> KeysBetween(ReadOnlyMemory<byte> lowest, ReadOnlyMemory<byte> highest, ulong after, ulong upTo);

    /// <summary>The label of a kept block.</summary>
    ReadOnlyMemory<byte> Label(ulong number);

    /// <summary>The entries of a kept block, in order of keys.</summary>
    IEnumerable<HistoryEntry> ReadBlock(ulong number);

    /// <summary>Drops all blocks above a number. Durable when it returns.</summary>
    void TruncateAfter(ulong number);

    /// <summary>Drops blocks below a number, by whole files: more may stay.</summary>
    void PruneBefore(ulong number);
}
