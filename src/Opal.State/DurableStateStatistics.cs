namespace Opal.State;

/// <summary>What a durable store holds, counted.</summary>
public sealed record DurableStateStatistics
{
    /// <summary>The block whose state the tables hold; null before genesis.</summary>
    public required BlockState? Persisted { get; init; }

    /// <summary>Rows of the tables.</summary>
    public required StateRowCount Rows { get; init; }

    /// <summary>Contract codes, each once.</summary>
    public required long Codes { get; init; }

    /// <summary>Bytes of keys and values of accounts.</summary>
    public required long AccountBytes { get; init; }

    /// <summary>Bytes of keys and values of slots.</summary>
    public required long SlotBytes { get; init; }

    /// <summary>Bytes of keys and values of branch records.</summary>
    public required long RecordBytes { get; init; }

    /// <summary>Bytes of keys and values of code.</summary>
    public required long CodeBytes { get; init; }

    /// <summary>Blocks in memory alone.</summary>
    public required int Layers { get; init; }

    /// <summary>Their memory, about, in bytes.</summary>
    public required long LayerBytes { get; init; }

    /// <summary>The oldest block whose state can be opened.</summary>
    public required ulong OldestState { get; init; }

    /// <summary>The oldest block for which proofs can be made.</summary>
    public required ulong OldestProof { get; init; }

    /// <summary>Bytes on disk of the history of accounts and slots.</summary>
    public required long StateHistoryBytes { get; init; }

    /// <summary>Bytes on disk of the history of branch records.</summary>
    public required long ProofHistoryBytes { get; init; }
}
