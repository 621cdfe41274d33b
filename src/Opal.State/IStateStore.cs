using Opal.Evm;

namespace Opal.State;

/// <summary>The states after blocks: any number of readers beside one writer at a time, and nobody waits for a reader.</summary>
/// <remarks>
/// Two kinds: in memory (<see cref="MemoryStateStore"/>), and on disk. The one on disk keeps the newest states, of all branches, in memory, and
/// those of the canonical chain up to <see cref="Persisted"/> in files; what is in memory alone is lost with the process, and is made again by
/// executing the blocks after <see cref="Persisted"/>.
/// </remarks>
public interface IStateStore
{
    /// <summary>The state after a block; null when it was never committed or is too old. A view may be held for long and stays good, unless its block is pruned or leaves the chain below <see cref="Persisted"/>: reading it then throws <see cref="MissingStateException"/>.</summary>
    IStateView? Open(in BlockState block);

    /// <summary>Makes the state after a block available.</summary>
    /// <param name="parent">The state the block was executed on; it must be in the store. For genesis it is <see cref="BlockState.Empty"/>.</param>
    /// <param name="diff">What the block changed.</param>
    /// <param name="block">The block; the diff must lead to its root.</param>
    /// <exception cref="InvalidOperationException">The parent's state is gone, or the diff does not lead to that root: a bug, or a damaged store.</exception>
    void Commit(in BlockState parent, StateDiff diff, in BlockState block);

    /// <summary>The newest block whose state survives the process; null in memory, or before genesis is persisted.</summary>
    BlockState? Persisted { get; }

    /// <summary>The oldest block of the canonical chain whose state can be opened, as far as the store knows.</summary>
    ulong OldestState { get; }

    /// <summary>
    /// Tells which blocks are canonical, so that the store may write them to disk, at its leisure, in the background. In memory it does nothing.
    /// A chain calls it after each move of its head, with blocks that are unlikely to leave the chain again.
    /// </summary>
    /// <param name="canonical">Ascending, without gaps, the first one no higher than the block after <see cref="Persisted"/>; their states were committed.</param>
    void Advance(IReadOnlyList<BlockState> canonical);

    /// <summary>Writes what <see cref="Advance"/> was told, and returns when it is durable.</summary>
    void Flush();

    /// <summary>Takes the persisted state back to an older block of the chain it is on, through history; states above it that are in memory are dropped.</summary>
    /// <returns>False when history does not reach that far back; nothing has changed then.</returns>
    bool TryRewind(in BlockState block);
}
