using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Keeps the blocks of a <see cref="Blockchain"/> and knows which are canonical. One writer (the chain, under its lock); readers never wait.</summary>
/// <remarks>
/// Two kinds: in memory (<see cref="MemoryBlockStore"/>), and a journal on disk (<see cref="JournalBlockStore"/>). Writing throws an
/// <see cref="IOException"/> when the disk does not take it; the chain stops then.
/// </remarks>
public interface IBlockStore : IDisposable
{
    /// <summary>Begins with the first block, which the store always has, and answers the heads as they were last written; at first all is genesis.</summary>
    /// <exception cref="Storage.StoreCorruptException">What is on disk is damaged.</exception>
    ChainHeads Open(ExecutedBlock genesis);

    /// <summary>Whether blocks outlive the process.</summary>
    bool IsDurable { get; }

    /// <summary>The oldest block from which on every canonical one is kept; the genesis block is kept besides.</summary>
    ulong OldestBlock { get; }

    /// <summary>A block by hash, canonical or not.</summary>
    ExecutedBlock? Find(in Hash256 hash);

    /// <summary>A block's header by hash; cheaper than the block.</summary>
    BlockHeader? FindHeader(in Hash256 hash);

    /// <summary>The parent of a block, where it is cheap to tell: newest blocks. False for others, known or not.</summary>
    bool TryGetParent(in Hash256 hash, out Hash256 parent);

    /// <summary>A canonical block by number.</summary>
    ExecutedBlock? FindCanonical(ulong number);

    /// <summary>The header of a canonical block; cheaper than the block.</summary>
    BlockHeader? FindCanonicalHeader(ulong number);

    /// <summary>The hash of a canonical block; cheaper than the header.</summary>
    bool TryGetCanonicalHash(ulong number, out Hash256 hash);

    /// <summary>A transaction of a canonical block.</summary>
    bool TryFindTransaction(in Hash256 hash, out TransactionLocation location);

    /// <summary>The canonical blocks of a range that may hold such logs, ascending; all that do are among them.</summary>
    IEnumerable<ulong> BlocksThatMayMatch(ulong from, ulong to, LogCriteria criteria);

    /// <summary>Keeps a block; it is not canonical by this.</summary>
    /// <param name="block">The block.</param>
    /// <param name="sync">Whether it must outlive a loss of power from when this returns; else <see cref="Sync"/> sees to it.</param>
    void Add(ExecutedBlock block, bool sync);

    /// <summary>Makes all that was written durable.</summary>
    void Sync();

    /// <summary>Moves the head of the canonical chain.</summary>
    /// <param name="heads">The heads from now on.</param>
    /// <param name="removed">Blocks that leave the chain, highest first.</param>
    /// <param name="added">Blocks that join it, lowest first.</param>
    void MoveHead(ChainHeads heads, IReadOnlyList<ExecutedBlock> removed, IReadOnlyList<ExecutedBlock> added);

    /// <summary>Writes the safe and finalized heads; durable when it returns.</summary>
    void WriteHeads(ChainHeads heads);

    /// <summary>Brings what a restart would read in order, so that it is quick.</summary>
    void Checkpoint();
}
