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
    private const ulong OldTransactionBytes = 5_000, OldBlockBytes = 21_000, OldThresholdBytes = 1_000_000;
    private const double OldMultiplier = 2;

    private const string Lower = "throttle.unsafe-da-bytes-lower-threshold", Upper = "throttle.unsafe-da-bytes-upper-threshold";

    /// <summary>An old flag and the newer one that says the same.</summary>
    private static readonly (string Old, string New)[] s_replaced =
    [
        ("throttle-threshold", Lower), ("throttle-tx-size", "throttle.tx-size-lower-limit"), ("throttle-block-size", "throttle.block-size-lower-limit"),
        ("throttle-threshold-multiplier", Upper),
    ];

    /// <summary>The throttle; null when there is none (a lower threshold of 0).</summary>
    /// <exception cref="FlagException">Flags contradict one another, or limits stand in the wrong order.</exception>
    public static ThrottleOptions? Read(FlagValues values)
    {
        foreach ((string old, string newer) in s_replaced)
        {
            if (values.TextOrNull(old) is not null && values.IsGiven(newer)) throw new FlagException($"{values.NamedAs(old)} and {values.NamedAs(newer)} are an older and a newer form of one setting; leave one out");
        }

        bool isOld = s_replaced.Take(3).Any(pair => values.TextOrNull(pair.Old) is not null);
        ulong lower = values.NumberOrNull("throttle-threshold") ?? (isOld && !values.IsGiven(Lower) ? OldThresholdBytes : values.Number(Lower));
        if (lower == 0) return null;
        string controller = isOld && !values.IsGiven("throttle.controller-type") ? "step" : values.Text("throttle.controller-type").ToLowerInvariant();
        ulong transactions = values.NumberOrNull("throttle-tx-size") ?? Limit("throttle.tx-size-lower-limit", OldTransactionBytes);
        ulong blocks = values.NumberOrNull("throttle-block-size") ?? Limit("throttle.block-size-lower-limit", OldBlockBytes);
        ulong always = values.Number("throttle.block-size-upper-limit");
        if (blocks > 0 && always > 0 && blocks >= always)
        {
            throw new FlagException($"{values.NamedAs("throttle.block-size-upper-limit")} ({always}) must be more than a block's limit when slowed down ({blocks})");
        }

        return new ThrottleOptions { ThresholdBytes = (long)Math.Min(lower, long.MaxValue), TransactionBytes = transactions, BlockBytes = blocks, AlwaysBlockBytes = always };

        ulong Limit(string name, ulong old) => isOld && !values.IsGiven(name) ? old : values.Number(name);
    }
}
