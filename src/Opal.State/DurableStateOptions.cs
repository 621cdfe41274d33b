namespace Opal.State;

/// <summary>How much a durable store keeps, and where.</summary>
public sealed record DurableStateOptions
{
    /// <summary>How many blocks below the persisted one keep their state; 0 for all.</summary>
    public ulong StateHistory { get; init; }

    /// <summary>How many blocks below the persisted one keep what proofs (and roots on top of them) need; 0 for all.</summary>
    public ulong ProofHistory { get; init; }

    /// <summary>Bytes of canonical blocks in memory that start a flush; at twice as many, <see cref="IStateStore.Advance"/> waits for the disk.</summary>
    public long LayerBudget { get; init; } = 256L << 20;

    /// <summary>Canonical blocks in memory that start a flush.</summary>
    public int MaxLayers { get; init; } = 64;

    /// <summary>A branch beside the canonical chain is dropped when its highest block is so many blocks below the persisted one.</summary>
    public ulong KeptForks { get; init; } = 64;

    /// <summary>Bytes of contract code kept in memory.</summary>
    public long CodeCache { get; init; } = 64L << 20;

    /// <summary>About how many bytes one transaction of a flush writes at most.</summary>
    public long TransactionBudget { get; init; } = 64L << 20;

    /// <summary>Takes the slow way to write history also where the fast one would do, for tests that compare them.</summary>
    internal bool HistoryByLayer { get; init; }

    /// <summary>Told in a sentence what opening had to mend.</summary>
    public Action<string>? Report { get; init; }
}
