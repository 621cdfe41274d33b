using Opal.Batcher;
using Opal.Cli.Flags;
using Opal.Cli.L1Services;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Cli.Batcher;

/// <summary>What a batcher is started with, made from its flags.</summary>
internal static class BatcherSettings
{
    /// <summary>The most frames of a channel in blobs, as op-batcher's: what one of Prague's blocks takes.</summary>
    private static readonly ulong s_mostFrames = BlobParameters.Prague.MaxBlobs;

    /// <summary>Refuses values that no batcher can work with; needs no network.</summary>
    /// <exception cref="FlagException">There is one.</exception>
    public static void Check(FlagValues values)
    {
        SendSettings.RequireTime(values, "poll-interval");
        SendSettings.AtLeastOne(values, "target-num-frames");
        if (values.Text("data-availability-type") != "blobs" && values.Number("max-l1-tx-size-bytes") is < 100 or > 131_072 - 200) // what a pool takes is 128 KiB, envelope included
        {
            throw new FlagException($"{values.NamedAs("max-l1-tx-size-bytes")}: {values.Number("max-l1-tx-size-bytes")} is not between 100 and {131_072 - 200}, which is what L1's pools take");
        }

        double ratio = values.Decimal("approx-compr-ratio");
        if (values.Text("compressor") == "ratio" && ratio is <= 0 or > 1) throw new FlagException($"{values.NamedAs("approx-compr-ratio")}: must be above 0 and at most 1");
        if (values.Number("check-recent-txs-depth") > 128) throw new FlagException($"{values.NamedAs("check-recent-txs-depth")}: at most 128 L1 blocks are searched");
        ulong frames = values.Number("target-num-frames");
        if (values.Text("data-availability-type") == "calldata" || frames <= (ulong)ChannelManager.MaxBlobsPerTransaction) return;
        if (frames > s_mostFrames) throw new FlagException($"{values.NamedAs("target-num-frames")}: {frames} blobs are too many; a transaction takes {ChannelManager.MaxBlobsPerTransaction}, and a channel at most {s_mostFrames}");
        values.Warnings.Add($"{values.NamedAs("target-num-frames")}: a transaction takes {ChannelManager.MaxBlobsPerTransaction} blobs, so a channel of {frames} goes out in two transactions");
    }

    /// <summary>How its transactions are sent: as those of other services, and with tips for blobs.</summary>
    /// <exception cref="FlagException">A flag has a value that nothing can be sent with.</exception>
    public static TxManagerOptions ReadSending(FlagValues values)
    {
        return SendSettings.Checked(values, SendSettings.Read(values) with
        {
            BlobTipDynamic = values.Bool("txmgr.blob-tip-cap-dynamic"),
            BlobTipPercentile = values.Int("txmgr.blob-tip-cap-percentile"),
            BlobTipRange = values.Int("txmgr.blob-tip-cap-range", 1024),
        });
    }

    /// <summary>Refuses blobs that the rollup would not read: it does from Ecotone on.</summary>
    /// <param name="values">The flags.</param>
    /// <param name="rollup">The rollup, as its node has it.</param>
    /// <param name="now">The time, unix seconds.</param>
    /// <returns>Whether the rollup reads blobs.</returns>
    /// <exception cref="FlagException">Blobs are asked for, and Ecotone is not active.</exception>
    public static bool RequireBlobsAreRead(FlagValues values, RollupConfig rollup, ulong now)
    {
        if (rollup.IsActive(OptimismFork.Ecotone, new L2Time(now))) return true;
        if (values.Text("data-availability-type") == "calldata") return false;
        throw new FlagException($"{values.NamedAs("data-availability-type")}: the rollup reads no blobs before Ecotone, which is not active yet: what is posted in them would be lost; give calldata");
    }

    /// <summary>The batcher's parts.</summary>
    /// <param name="values">The flags.</param>
    /// <param name="rollup">The rollup, as its node has it.</param>
    /// <param name="account">The account that posts.</param>
    /// <exception cref="FlagException">A flag's value is out of range.</exception>
    public static BatcherOptions Read(FlagValues values, RollupConfig rollup, Address account) => new()
    {
        PollInterval = values.Duration("poll-interval"),
        SubSafetyMarginBlocks = values.Number("sub-safety-margin"),
        MaxChannelDurationBlocks = values.Number("max-channel-duration"),
        MaxPendingTransactions = values.Int("max-pending-tx"),
        DataAvailability = Enum.Parse<DataAvailabilityType>(values.Text("data-availability-type"), ignoreCase: true),
        BatchType = values.Text("batch-type") == "1" ? BatchType.Span : BatchType.Singular,
        Compression = values.Text("compression-algo").StartsWith("brotli", StringComparison.Ordinal) ? ChannelCompression.Brotli : ChannelCompression.Zlib,
        BrotliQuality = values.Text("compression-algo") switch { "brotli-9" => 9, "brotli-11" => 11, _ => 10 },
        Compressor = Enum.Parse<ChannelCompressor>(values.Text("compressor"), ignoreCase: true),
        ApproxCompressionRatio = values.Decimal("approx-compr-ratio"),
        TargetFrames = values.Int("target-num-frames"),
        MaxL1TransactionBytes = values.Int("max-l1-tx-size-bytes"),
        MaxBlocksPerSpanBatch = values.Int("max-blocks-per-span-batch"),
        JournalDirectory = values.Bool("journal") ? ServiceFolder.Of(values, "batcher", rollup, account) : null,
        StartStopped = values.Bool("stopped"),
        WaitNodeSync = values.Bool("wait-node-sync"),
        CheckRecentTransactionsDepth = values.Int("check-recent-txs-depth"),
        BatchInbox = rollup.BatchInboxAddress,
        ChannelTimeoutBlocks = rollup.Forks.Granite is null ? rollup.ChannelTimeoutBlocks : Math.Min(rollup.ChannelTimeoutBlocks, rollup.ChannelTimeoutGraniteBlocks), // the shorter one is safe before and after
        SequencingWindowBlocks = rollup.SequencingWindowSize,
    };
}
