namespace Opal.Batcher;

/// <summary>Limits that the sequencer is asked to keep (<c>miner_setMaxDASize</c>) while the backlog of data that is not on L1 is large.</summary>
public sealed record ThrottleOptions
{
    /// <summary>The backlog in estimated bytes on L1 from which the sequencer is slowed down.</summary>
    public long ThresholdBytes { get; init; } = 3_200_000;

    /// <summary>The most estimated bytes of a transaction while slowed down.</summary>
    public ulong TransactionBytes { get; init; } = 5_000;

    /// <summary>The most estimated bytes of a block while slowed down.</summary>
    public ulong BlockBytes { get; init; } = 21_000;

    /// <summary>The most estimated bytes of a block otherwise; 0: no limit.</summary>
    public ulong AlwaysBlockBytes { get; init; } = 130_000;
}
