using Opal.Batcher;
using Opal.Cli.Flags;

namespace Opal.Cli.Batcher;

/// <summary>The throttle, made from flags of three generations of op-batcher.</summary>
/// <remarks>
/// The oldest flags (<c>throttle-threshold</c>, <c>throttle-tx-size</c>, <c>throttle-block-size</c>) come from a time with one controller, the step, and with limits of
/// their own: whoever gives one of them gets that time's values for the others. A controller may be named beside them.
/// </remarks>
internal static class ThrottleSettings
{
    private const ulong OldThreshold = 1_000_000, OldTransactionBytes = 5_000, OldBlockBytes = 21_000;
    private const double OldMultiplier = 4;

    private const string Lower = "throttle.unsafe-da-bytes-lower-threshold", Upper = "throttle.unsafe-da-bytes-upper-threshold";
    private const string LowerTransaction = "throttle.tx-size-lower-limit", LowerBlock = "throttle.block-size-lower-limit";

    /// <summary>An old flag and the newer one that says the same.</summary>
    private static readonly (string Old, string New)[] s_replaced =
        [("throttle-threshold", Lower), ("throttle-tx-size", LowerTransaction), ("throttle-block-size", LowerBlock), ("throttle-threshold-multiplier", Upper)];

    /// <summary>The throttle; one with a lower threshold of 0 never slows down.</summary>
    /// <exception cref="FlagException">Flags contradict one another, or limits stand in the wrong order.</exception>
    public static ThrottleOptions Read(FlagValues values)
    {
        foreach ((string old, string newer) in s_replaced)
        {
            if (values.TextOrNull(old) is not null && values.IsGiven(newer)) throw new FlagException($"{values.NamedAs(old)} and {values.NamedAs(newer)} are an older and a newer form of one setting; leave one out");
        }

        ThrottleOptions options = s_replaced.Any(pair => values.TextOrNull(pair.Old) is not null) ? ReadOld(values) : ReadDotted(values);
        return options.FindFault() is { } fault ? throw new FlagException($"{fault}; see --throttle.* in 'opal batcher --help'") : options;
    }

    private static ThrottleOptions ReadDotted(FlagValues values) => new()
    {
        Controller = ControllerOf(values),
        LowerThreshold = values.Number(Lower),
        UpperThreshold = values.Number(Upper),
        TransactionSizeLowerLimit = values.Number(LowerTransaction),
        TransactionSizeUpperLimit = values.Number("throttle.tx-size-upper-limit"),
        BlockSizeLowerLimit = values.Number(LowerBlock),
        BlockSizeUpperLimit = values.Number("throttle.block-size-upper-limit"),
        Pid = PidOf(values),
        NetworkTimeout = values.Duration("network-timeout"),
    };

    private static ThrottleOptions ReadOld(FlagValues values)
    {
        ulong Limit(string old, string newer, ulong preset) => values.NumberOrNull(old) ?? (values.IsGiven(newer) ? values.Number(newer) : preset);
        ThrottleOptions options = ThrottleOptions.SecondGeneration(
            values.IsGiven("throttle.controller-type") ? ControllerOf(values) : ThrottleControllerType.Step,
            Limit("throttle-threshold", Lower, OldThreshold), values.TextOrNull("throttle-threshold-multiplier") is null ? OldMultiplier : values.Decimal("throttle-threshold-multiplier"),
            Limit("throttle-tx-size", LowerTransaction, OldTransactionBytes), Limit("throttle-block-size", LowerBlock, OldBlockBytes), values.Number("throttle.block-size-upper-limit"), PidOf(values));
        if (values.IsGiven(Upper)) options = options with { UpperThreshold = values.Number(Upper) };
        if (values.IsGiven("throttle.tx-size-upper-limit")) options = options with { TransactionSizeUpperLimit = values.Number("throttle.tx-size-upper-limit") };
        return options with { NetworkTimeout = values.Duration("network-timeout") };
    }

    private static ThrottleControllerType ControllerOf(FlagValues values) => Enum.Parse<ThrottleControllerType>(values.Text("throttle.controller-type"), ignoreCase: true);

    private static PidOptions PidOf(FlagValues values) => new()
    {
        Proportional = values.Decimal("throttle.pid-kp"),
        Integral = values.Decimal("throttle.pid-ki"),
        Derivative = values.Decimal("throttle.pid-kd"),
        IntegralMax = values.Decimal("throttle.pid-integral-max"),
        OutputMax = values.Decimal("throttle.pid-output-max"),
        SampleTime = values.Duration("throttle.pid-sample-time"),
    };
}
