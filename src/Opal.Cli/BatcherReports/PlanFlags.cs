using Opal.Batcher;
using Opal.Cli.Batcher;
using Opal.Cli.Flags;
using Opal.Protocol;
using static Opal.Cli.Flags.FlagKind;
using static Opal.Cli.Flags.FlagLevel;

namespace Opal.Cli.BatcherReports;

/// <summary>The flags of <c>opal batcher plan</c>; those that say how the batcher is set are the batcher's own, and so are their variables.</summary>
internal static class PlanFlags
{
    private const string Connections = "CONNECTIONS", What = "PLAN", Present = "PRESENT SETTING";

    private static readonly string[] s_present = ["batch-type", "compression-algo", "data-availability-type", "target-num-frames", "max-channel-duration"];

    /// <summary>The table.</summary>
    public static FlagTable Table { get; } = new("opal batcher plan", "OP_BATCHER_", BatcherFlags.Beside(
    [
        new("l1-eth-rpc", List, "", Must, Connections, "JSON-RPC of L1; of several the first is asked") { IsSecret = true },
        new("l2-eth-rpc", List, "", Must, Connections, "JSON-RPC of the execution client; of several the first is asked") { IsSecret = true },
        new("rollup-rpc", List, "", Must, Connections, "RPC of the rollup node; of several the first is asked") { IsSecret = true },
        new("blocks", Number, "600", Must, What, "Newest L2 blocks on which settings are tried"),
        new("l1-blocks", Number, "100", Must, What, "Newest L1 blocks whose prices are taken, up to 1024"),
        new("max-lag", Duration, "30m", Must, What, "How far the safe head may lag with the setting that is advised"),
        new("all", Bool, "false", Should, What, "List every setting"),
        new("json", Bool, "false", Must, What, "Print everything as one JSON document"),
        new("help", Bool, "false", Must, What, "Show this"),
        new("batch-type", Choice, "0", Should, Present, "How the batcher is set: 0 singular, 1 span") { Choices = ["0", "1", "singular", "span"] },
        new("compression-algo", Choice, "zlib", Should, Present, "Its compression") { Choices = ["zlib", "brotli", "brotli-9", "brotli-10", "brotli-11"] },
        new("data-availability-type", Choice, "calldata", Should, Present, "Where its frames go; auto is taken as blobs") { Choices = ["calldata", "blobs", "auto"] },
        new("target-num-frames", Number, "1", Should, Present, "Frames of a channel"),
        new("max-channel-duration", Number, "0", Should, Present, "L1 blocks after which it closes a channel; 0: no limit"),
        new("max-l1-tx-size-bytes", Number, "120000", Should, Present, "The most bytes of a calldata transaction"),
        new("num-confirmations", Number, "10", Should, Present, "L1 blocks for which it follows a transaction"),
        new("max-pending-tx", Number, "1", Should, Present, "Transactions that it follows at a time; 0: no limit"),
        new("sub-safety-margin", Number, "10", Should, Present, "L1 blocks it keeps before the end of the sequencing window"),
        new("txmgr.min-tip-cap", Gwei, "1", Should, Present, "The least tip it offers"),
    ]));

    /// <summary>What the flags say of the batcher.</summary>
    /// <exception cref="FlagException">A number is out of its range.</exception>
    public static BatcherOptions OptionsOf(FlagValues values)
    {
        int bytes = values.Int("max-l1-tx-size-bytes", 100_000_000);
        if (bytes < 100) throw new FlagException($"--max-l1-tx-size-bytes: a transaction of {bytes} bytes carries nothing");
        return new BatcherOptions { BatchInbox = default, MaxL1TransactionBytes = bytes, SubSafetyMarginBlocks = values.Number("sub-safety-margin") };
    }

    /// <summary>L1 blocks that a channel is open at least: while as many transactions as may be on their way are followed to their confirmation, it takes the blocks that come.</summary>
    /// <exception cref="FlagException">A number is out of its range.</exception>
    public static ulong PaceOf(FlagValues values)
    {
        ulong confirmations = (ulong)values.Int("num-confirmations"), pending = values.Number("max-pending-tx");
        if (confirmations == 0) throw new FlagException($"{values.NamedAs("num-confirmations")}: must be at least 1");
        return pending == 0 ? 1 : (confirmations + Math.Min(pending, confirmations) - 1) / Math.Min(pending, confirmations);
    }

    /// <summary>How the batcher is set; null when no flag or variable says it.</summary>
    /// <exception cref="FlagException">A number is out of its range.</exception>
    public static PlanSetting? PresentOf(FlagValues values)
    {
        if (!s_present.Any(values.IsGiven)) return null;
        bool blobs = values.Text("data-availability-type") is "blobs" or "auto";
        int frames = Math.Max(1, values.Int("target-num-frames", 1000));
        if (blobs && frames > (int)BlobParameters.Prague.MaxBlobs) throw new FlagException($"--target-num-frames: a channel takes {BlobParameters.Prague.MaxBlobs} blobs at most, not {frames}");
        string compression = values.Text("compression-algo");
        int quality = compression switch { "zlib" => 0, "brotli" => 10, _ => int.Parse(compression.AsSpan("brotli-".Length), System.Globalization.CultureInfo.InvariantCulture) };
        var encoding = new ChannelEncoding(values.Text("batch-type") is "1" or "span" ? BatchType.Span : BatchType.Singular, quality == 0 ? ChannelCompression.Zlib : ChannelCompression.Brotli, quality);
        return new PlanSetting(encoding, new Carriage(blobs, frames, OptionsOf(values).MaxL1TransactionBytes), values.Number("max-channel-duration"));
    }
}
