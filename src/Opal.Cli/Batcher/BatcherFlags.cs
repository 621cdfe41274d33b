using Opal.Cli.Flags;
using Opal.Cli.L1Services;
using static Opal.Cli.Flags.FlagEffect;
using static Opal.Cli.Flags.FlagKind;
using static Opal.Cli.Flags.FlagLevel;

namespace Opal.Cli.Batcher;

/// <summary>The batcher's flags: op-batcher's names, environment variables and defaults, and a few of its own.</summary>
internal static class BatcherFlags
{
    public const string Chains = "CHAINS", Channels = "CHANNELS", Start = "START", Throttling = "THROTTLING", AltDa = "ALTERNATIVE DA", Old = "DEPRECATED";

    /// <summary>The table.</summary>
    public static FlagTable Table { get; } = new("opal batcher", "OP_BATCHER_",
    [
        .. ChainFlags(), .. ChannelFlags(), .. StartFlags(), .. ThrottleFlags.All(), .. L1ServiceFlags.Keys("sequencer-hd-path"), .. L1ServiceFlags.Transactions(), .. BlobTipFlags(),
        .. L1ServiceFlags.Rpc(), .. SharedFlags.Metrics(), .. SharedFlags.Logging(), .. SharedFlags.AltDa("Post data to an alternative DA server", AltDa), .. MiscFlags(), .. OldFlags(),
    ]);

    /// <summary>All but those of some names, for commands that take the batcher's command line and have no use for the rest of it.</summary>
    /// <param name="own">The flags that such a command has itself.</param>
    public static IEnumerable<FlagDefinition> Beside(IEnumerable<FlagDefinition> own)
    {
        FlagDefinition[] mine = [.. own];
        return [.. mine, .. Table.All.Where(flag => flag.Group != SharedFlags.Misc && !mine.Any(known => known.Name == flag.Name)).Select(static flag => flag with { Effect = Hint, Note = "", IsHidden = true })];
    }

    private static IEnumerable<FlagDefinition> ChainFlags() =>
    [
        new("l1-eth-rpc", List, "", Must, Chains, "JSON-RPC of L1, over http or ws") { IsSecret = true },
        new("l2-eth-rpc", List, "", Must, Chains, "JSON-RPC of the sequencer's execution client; several, one for each --rollup-rpc, follow whoever makes blocks") { IsSecret = true },
        new("rollup-rpc", List, "", Must, Chains, "RPC of the sequencer's rollup node; several as for --l2-eth-rpc") { IsSecret = true },
        new("poll-interval", Duration, "6s", Must, Chains, "How often L2 is looked at"),
        new("active-sequencer-check-duration", Duration, "5s", Should, Chains, "How often it is looked which of several sequencers makes blocks"),
    ];

    private static IEnumerable<FlagDefinition> ChannelFlags() =>
    [
        new("sub-safety-margin", Number, "10", Must, Channels, "L1 blocks kept between a channel's closing and the end of its first block's sequencing window"),
        new("max-channel-duration", Number, "0", Must, Channels, "L1 blocks after which an open channel is closed; 0 sets no limit, and the safe head may then lag by the sequencing window"),
        new("max-pending-tx", Number, "1", Must, Channels, "Transactions on their way at a time, 0 sets no limit"),
        new("data-availability-type", Choice, "calldata", Must, Channels, "Where data goes; auto takes what is cheaper") { Choices = ["calldata", "blobs", "auto"] },
        new("batch-type", Choice, "0", Must, Channels, "0 makes a batch a block, 1 span batches") { Choices = ["0", "1"] },
        new("compression-algo", Choice, "zlib", Should, Channels, "Compression; brotli alone is brotli-10") { Choices = ["zlib", "brotli", "brotli-9", "brotli-10", "brotli-11"] },
        new("compressor", Choice, "shadow", Should, Channels, "How it is found out that a channel is full") { Choices = ["shadow", "ratio", "none"] },
        new("approx-compr-ratio", FlagKind.Decimal, "0.6", Should, Channels, "Compressed size over raw size that the ratio compressor reckons with, above 0 and up to 1"),
        new("target-num-frames", Number, "1", Should, Channels, "Frames a channel aims at; with blobs the blobs of a transaction"),
        new("max-l1-tx-size-bytes", Number, "120000", Should, Channels, "Most bytes of a calldata transaction's frames"),
        new("max-blocks-per-span-batch", Number, "0", Should, Channels, "Most blocks of a span batch, 0 sets no limit"),
    ];

    private static IEnumerable<FlagDefinition> StartFlags() =>
    [
        new("journal.dir", FilePath, "", Should, Start, "Folder of the journal, created if absent (default ~/.opal/batcher/CHAINID-GENESIS-ACCOUNT)"),
        new("journal", Bool, "true", Should, Start, "Keep a journal; without it a batcher that was killed may post twice what was on its way"),
        new("stopped", Bool, "false", Should, Start, "Post nothing before admin_startBatcher"),
        new("wait-node-sync", Bool, "false", Should, Start, "Wait until the rollup node has read L1 up to its head, or up to our own newest transaction (--check-recent-txs-depth)"),
        new("check-recent-txs-depth", Number, "0", Should, Start, "L1 blocks searched at the start for transactions of the account, up to 128; 0 searches none"),
        new("doctor", Bool, "true", Should, Start, "Refuse to start with a key that L1's SystemConfig does not take batches from; wrong chains are always refused"),
    ];

    private static IEnumerable<FlagDefinition> BlobTipFlags() =>
    [
        new("txmgr.blob-tip-cap-dynamic", Bool, "false", Later, L1ServiceFlags.Sending, "Offer blob transactions the tip that recent ones had, instead of L1's suggestion"),
        new("txmgr.blob-tip-cap-percentile", Number, "60", Later, L1ServiceFlags.Sending, "Percentile of those tips, 1 to 100"),
        new("txmgr.blob-tip-cap-range", Number, "20", Later, L1ServiceFlags.Sending, "L1 blocks looked at for them"),
    ];

    private static IEnumerable<FlagDefinition> MiscFlags() => SharedFlags.About();

    private static IEnumerable<FlagDefinition> OldFlags() =>
    [
        new("throttle-interval", Duration, "2s", Deprecated, Old, "Accepted for old scripts") { Effect = Ignored, Note = "the limits are sent with every look at L2 (--poll-interval)" },
        new("prefer-local-safe-l2", Bool, "false", Deprecated, Old, "Accepted for old scripts") { Effect = Ignored, Note = "interop is not built, so that safe and local safe are one" },
    ];
}
