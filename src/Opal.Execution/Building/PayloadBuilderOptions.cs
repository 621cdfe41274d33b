using Opal.Primitives;

namespace Opal.Execution;

/// <summary>How payloads are built.</summary>
public sealed record PayloadBuilderOptions
{
    /// <summary>Payloads kept by id; the oldest make room.</summary>
    public int MaxPayloads { get; init; } = 10;

    /// <summary>
    /// The most time that answering a payload spends on transactions that arrived late. When filling, sealing and checking took longer than
    /// this the last time, the newest checked block is answered as it is.
    /// </summary>
    public TimeSpan SealBudget { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>How long arrivals are gathered before a pass adds them.</summary>
    public TimeSpan GatherTime { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>Without arrivals for this long, what is there is sealed and checked (<c>miner.recommit</c> is the longest wait, <see cref="CheckpointInterval"/>).</summary>
    public TimeSpan QuietTime { get; init; } = TimeSpan.FromMilliseconds(30);

    /// <summary>While transactions keep arriving, the time between two checked blocks of a payload; three times what the last one cost when that is longer.</summary>
    public TimeSpan CheckpointInterval { get; init; } = TimeSpan.FromMilliseconds(300);

    /// <summary>The most time spent on finding the transactions that made a block wrong; then the largest good block found so far is taken.</summary>
    public TimeSpan RepairBudget { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The least tip of the pool's transactions that are built in, in wei (<c>miner.gasprice</c>, <c>miner_setGasPrice</c>).</summary>
    public UInt256 MinTip { get; init; }

    /// <summary>Gas after which no more pool transactions are taken into an L2 block, however high its limit (<c>miner.effectivegaslimit</c>); null is the block's limit.</summary>
    public ulong? EffectiveGasLimit { get; init; }

    /// <summary>The gas limit that an L1's blocks move towards (<c>miner.gaslimit</c>); null keeps the parent's. On L2 the attributes state it.</summary>
    public ulong? GasLimitTarget { get; init; }

    /// <summary>The extra data of an L1's blocks, at most 32 bytes (<c>miner.extradata</c>). On L2 the attributes decide it from Holocene on.</summary>
    public byte[] ExtraData { get; init; } = [];
}
