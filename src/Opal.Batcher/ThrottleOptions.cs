namespace Opal.Batcher;

/// <summary>How the sequencer is slowed down while much data waits for L1, and to which sizes. Sizes and backlogs are estimated bytes on L1. Defaults as op-batcher's.</summary>
/// <remarks>
/// All three generations of op-batcher's flags end here: the dotted family (<c>throttle.*</c>) fits the properties one by one, <see cref="FirstGeneration"/> and
/// <see cref="SecondGeneration"/> make the same record of the older ones. Whoever fills it asks <see cref="FindFault()"/> before use.
/// </remarks>
public sealed record ThrottleOptions
{
    /// <summary>Which controller (<c>throttle.controller-type</c>).</summary>
    public ThrottleControllerType Controller { get; init; } = ThrottleControllerType.Quadratic;

    /// <summary>The backlog above which the sequencer is slowed down; 0 never tells it anything (<c>throttle.unsafe-da-bytes-lower-threshold</c>, <c>throttle.lower-threshold</c>).</summary>
    public ulong LowerThreshold { get; init; } = 3_200_000;

    /// <summary>The backlog from which it is slowed down wholly; linear and quadratic only (<c>throttle.unsafe-da-bytes-upper-threshold</c>, <c>throttle.upper-threshold</c>).</summary>
    public ulong UpperThreshold { get; init; } = 12_800_000;

    /// <summary>A transaction's limit at full intensity; 0: transactions never have one (<c>throttle.tx-size-lower-limit</c>).</summary>
    public ulong TransactionSizeLowerLimit { get; init; } = 150;

    /// <summary>A transaction's limit at the least intensity; none applies without throttling (<c>throttle.tx-size-upper-limit</c>).</summary>
    public ulong TransactionSizeUpperLimit { get; init; } = 20_000;

    /// <summary>A block's limit at full intensity; 0: blocks never have one (<c>throttle.block-size-lower-limit</c>).</summary>
    public ulong BlockSizeLowerLimit { get; init; } = 2_000;

    /// <summary>A block's limit without throttling; with the step controller 0 means none (<c>throttle.block-size-upper-limit</c>).</summary>
    public ulong BlockSizeUpperLimit { get; init; } = 130_000;

    /// <summary>The PID controller's constants (<c>throttle.pid-*</c>).</summary>
    public PidOptions Pid { get; init; } = new();

    /// <summary>How often an execution client is told limits that have not changed: one that was restarted has forgotten them.</summary>
    public TimeSpan ReassertInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long to wait after an execution client could not be told; six times as long after it said that it has no such method.</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long an execution client may take to answer (<c>network-timeout</c>).</summary>
    public TimeSpan NetworkTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>The flags <c>throttle-threshold</c>, <c>throttle-tx-size</c>, <c>throttle-block-size</c> and <c>throttle-always-block-size</c>: a step.</summary>
    /// <param name="threshold">The backlog above which the sequencer is slowed down; 0 never.</param>
    /// <param name="transactionSize">A transaction's limit meanwhile; 0: none.</param>
    /// <param name="blockSize">A block's limit meanwhile; 0: the one that always applies.</param>
    /// <param name="alwaysBlockSize">A block's limit at all times; 0: none.</param>
    public static ThrottleOptions FirstGeneration(ulong threshold = 1_000_000, ulong transactionSize = 5_000, ulong blockSize = 21_000, ulong alwaysBlockSize = 130_000) => new()
    {
        Controller = ThrottleControllerType.Step,
        LowerThreshold = threshold,
        UpperThreshold = UpperOf(threshold, 4),
        TransactionSizeLowerLimit = transactionSize,
        TransactionSizeUpperLimit = Math.Max(20_000, transactionSize * 2),
        BlockSizeLowerLimit = blockSize == 0 || alwaysBlockSize != 0 && alwaysBlockSize < blockSize ? alwaysBlockSize : blockSize,
        BlockSizeUpperLimit = alwaysBlockSize,
    };

    /// <summary>The flags of the first generation with <c>throttle-controller-type</c>, <c>throttle-threshold-multiplier</c> and <c>throttle-pid-*</c>.</summary>
    /// <param name="controller">Which controller.</param>
    /// <param name="threshold">The lower threshold.</param>
    /// <param name="multiplier">The upper threshold over the lower.</param>
    /// <param name="transactionSize">A transaction's lower limit; the upper is 20,000 bytes, or twice as much as this if that is more.</param>
    /// <param name="blockSize">A block's lower limit.</param>
    /// <param name="alwaysBlockSize">A block's upper limit.</param>
    /// <param name="pid">The PID controller's constants; null takes the defaults.</param>
    public static ThrottleOptions SecondGeneration(
        ThrottleControllerType controller, ulong threshold, double multiplier, ulong transactionSize = 5_000, ulong blockSize = 21_000, ulong alwaysBlockSize = 130_000, PidOptions? pid = null) =>
        FirstGeneration(threshold, transactionSize, blockSize, alwaysBlockSize) with { Controller = controller, UpperThreshold = UpperOf(threshold, multiplier), Pid = pid ?? new PidOptions() };

    private static ulong UpperOf(ulong threshold, double multiplier) => threshold * multiplier is var product && product < ulong.MaxValue ? (ulong)Math.Max(0, product) : ulong.MaxValue;

    /// <summary>What contradicts itself, with both values; null when nothing does.</summary>
    public string? FindFault() => FindFault(Controller);

    /// <summary>What would contradict itself with another controller, which takes the same thresholds and limits.</summary>
    internal string? FindFault(ThrottleControllerType controller)
    {
        if (LowerThreshold == 0) return null;
        bool isStep = controller == ThrottleControllerType.Step;
        if (controller is ThrottleControllerType.Linear or ThrottleControllerType.Quadratic && UpperThreshold <= LowerThreshold)
        {
            return $"throttling: the upper threshold ({UpperThreshold} bytes) must be more than the lower threshold ({LowerThreshold} bytes)";
        }

        if (BlockSizeLowerLimit > 0 && (isStep ? BlockSizeUpperLimit != 0 && BlockSizeLowerLimit > BlockSizeUpperLimit : BlockSizeLowerLimit >= BlockSizeUpperLimit))
        {
            return $"throttling: the upper limit of a block ({BlockSizeUpperLimit} bytes) must be more than the lower limit ({BlockSizeLowerLimit} bytes)";
        }

        if (TransactionSizeLowerLimit > 0 && !isStep && TransactionSizeLowerLimit >= TransactionSizeUpperLimit)
        {
            return $"throttling: the upper limit of a transaction ({TransactionSizeUpperLimit} bytes) must be more than the lower limit ({TransactionSizeLowerLimit} bytes)";
        }

        return controller == ThrottleControllerType.Pid && Pid.FindFault() is { } fault ? $"throttling: {fault}" : null;
    }

    internal IThrottleController Create(ThrottleControllerType controller, PidOptions pid, TimeProvider time) => controller == ThrottleControllerType.Pid
        ? new PidController(LowerThreshold, pid, time) : new CurveController(controller, LowerThreshold, UpperThreshold);
}
