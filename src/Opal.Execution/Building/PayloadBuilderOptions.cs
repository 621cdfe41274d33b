namespace Opal.Execution;

/// <summary>How payloads are built.</summary>
public sealed record PayloadBuilderOptions
{
    /// <summary>Payloads kept by id; the oldest make room.</summary>
    public int MaxPayloads { get; init; } = 10;

    /// <summary>The most time that sealing spends on transactions that arrived late.</summary>
    public TimeSpan SealBudget { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long arrivals are gathered before a pass adds them.</summary>
    public TimeSpan GatherTime { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The gas limit that an L1's blocks move towards; null keeps the parent's. On L2 the attributes state it.</summary>
    public ulong? GasLimitTarget { get; init; }

    /// <summary>The extra data of an L1's blocks, at most 32 bytes.</summary>
    public byte[] ExtraData { get; init; } = [];
}
