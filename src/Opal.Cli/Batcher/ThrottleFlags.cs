using Opal.Cli.Flags;
using static Opal.Cli.Flags.FlagKind;
using static Opal.Cli.Flags.FlagLevel;

namespace Opal.Cli.Batcher;

/// <summary>The throttle's flags, of three generations of op-batcher: names that mean the same are aliases, what means something else is read by <see cref="ThrottleSettings"/>.</summary>
internal static class ThrottleFlags
{
    public static IEnumerable<FlagDefinition> All() =>
    [
        new("throttle.controller-type", Choice, "quadratic", Should, BatcherFlags.Throttling, "How limits follow the backlog; step where one of --throttle-threshold, --throttle-tx-size or --throttle-block-size is given")
        {
            Choices = ["step", "linear", "quadratic", "pid"], Aliases = ["throttle-controller-type"],
        },
        new("throttle.unsafe-da-bytes-lower-threshold", Number, "3200000", Should, BatcherFlags.Throttling, "Bytes not yet on L1 from which the sequencer is slowed down, 0 never does")
        {
            Aliases = ["throttle.lower-threshold"],
        },
        new("throttle.unsafe-da-bytes-upper-threshold", Number, "12800000", Should, BatcherFlags.Throttling, "Bytes not yet on L1 at which it is slowed down most (linear and quadratic)")
        {
            Aliases = ["throttle.upper-threshold", "throttle-max-threshold"],
        },
        new("throttle.tx-size-lower-limit", Number, "150", Should, BatcherFlags.Throttling, "Most bytes of a transaction when slowed down most, 0 sets no limit"),
        new("throttle.tx-size-upper-limit", Number, "20000", Should, BatcherFlags.Throttling, "Most bytes of a transaction when slowing down begins"),
        new("throttle.block-size-lower-limit", Number, "2000", Should, BatcherFlags.Throttling, "Most bytes of a block when slowed down most, 0 sets no limit"),
        new("throttle.block-size-upper-limit", Number, "130000", Should, BatcherFlags.Throttling, "Most bytes of a block when not slowed down")
        {
            Aliases = ["throttle-always-block-size"],
        },
        new("throttle.additional-endpoints", List, "", Should, BatcherFlags.Throttling, "More execution clients and block builders that are told the limits") { Aliases = ["additional-throttling-endpoints"], IsSecret = true },
        new("throttle.pid-kp", FlagKind.Decimal, "0.33", Later, BatcherFlags.Throttling, "Proportional gain of the pid controller") { Aliases = ["throttle-pid-kp"] },
        new("throttle.pid-ki", FlagKind.Decimal, "0.01", Later, BatcherFlags.Throttling, "Its integral gain") { Aliases = ["throttle-pid-ki"] },
        new("throttle.pid-kd", FlagKind.Decimal, "0.05", Later, BatcherFlags.Throttling, "Its derivative gain") { Aliases = ["throttle-pid-kd"] },
        new("throttle.pid-integral-max", FlagKind.Decimal, "1000", Later, BatcherFlags.Throttling, "The most its integral grows to") { Aliases = ["throttle-pid-integral-max"] },
        new("throttle.pid-output-max", FlagKind.Decimal, "1", Later, BatcherFlags.Throttling, "The most it slows down, above 0 and up to 1") { Aliases = ["throttle-pid-output-max"] },
        new("throttle.pid-sample-time", Duration, "2s", Later, BatcherFlags.Throttling, "How often it reckons anew") { Aliases = ["throttle-pid-sample-time"] },
        new("throttle-threshold", Number, "", Should, BatcherFlags.Throttling, "Older name of the lower threshold; with it the limits are those of its time: transactions 5000, blocks 21000"),
        new("throttle-tx-size", Number, "", Should, BatcherFlags.Throttling, "Most bytes of a transaction when slowed down (older form of --throttle.tx-size-lower-limit)"),
        new("throttle-block-size", Number, "", Should, BatcherFlags.Throttling, "Most bytes of a block when slowed down (older form of --throttle.block-size-lower-limit)"),
        new("throttle-threshold-multiplier", FlagKind.Decimal, "", Later, BatcherFlags.Throttling, "The upper threshold as a multiple of the lower one"),
    ];
}
