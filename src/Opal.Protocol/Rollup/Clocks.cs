namespace Opal.Protocol;

/// <summary>An L2 block's timestamp in seconds: the clock of execution.</summary>
public readonly record struct L2Time(ulong Seconds);

/// <summary>The timestamp in seconds of the L1 block that a batch or frame was included in.</summary>
public readonly record struct L1InclusionTime(ulong Seconds);

/// <summary>The timestamp in seconds of the L1 block that an L2 block has as its origin.</summary>
public readonly record struct L1OriginTime(ulong Seconds);
