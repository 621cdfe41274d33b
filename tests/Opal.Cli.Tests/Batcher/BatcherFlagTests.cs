using Opal.Batcher;
using Opal.Cli.Batcher;
using Opal.Cli.BatcherReports;
using Opal.Cli.Flags;
using Opal.Cli.L1Services;
using Opal.Cli.Tests.Flags;
using Opal.Cli.Tests.L1Services;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.Tests.Batcher;

/// <summary>The batcher's whole flag table, op-batcher's flags in it, and what a batcher is started with.</summary>
public sealed class BatcherFlagTests() : RoleFlagTests(BatcherFlags.Table, "batcher.md", "Batcher", "L1Services")
{
    /// <summary>op-batcher's own flags, of all generations: name, variable without OP_BATCHER_, default.</summary>
    private const string Common = """
        l1-eth-rpc L1_ETH_RPC -
        l2-eth-rpc L2_ETH_RPC -
        rollup-rpc ROLLUP_RPC -
        poll-interval POLL_INTERVAL 6s
        sub-safety-margin SUB_SAFETY_MARGIN 10
        max-channel-duration MAX_CHANNEL_DURATION 0
        max-pending-tx MAX_PENDING_TX 1
        data-availability-type DATA_AVAILABILITY_TYPE calldata
        batch-type BATCH_TYPE 0
        compression-algo COMPRESSION_ALGO zlib
        compressor COMPRESSOR shadow
        approx-compr-ratio APPROX_COMPR_RATIO 0.6
        target-num-frames TARGET_NUM_FRAMES 1
        max-l1-tx-size-bytes MAX_L1_TX_SIZE_BYTES 120000
        max-blocks-per-span-batch MAX_BLOCKS_PER_SPAN_BATCH 0
        wait-node-sync WAIT_NODE_SYNC false
        check-recent-txs-depth CHECK_RECENT_TXS_DEPTH 0
        stopped STOPPED false
        active-sequencer-check-duration ACTIVE_SEQUENCER_CHECK_DURATION 5s
        throttle.controller-type THROTTLE_CONTROLLER_TYPE quadratic
        throttle-controller-type THROTTLE_CONTROLLER_TYPE quadratic
        throttle.lower-threshold THROTTLE_LOWER_THRESHOLD 3200000
        throttle.upper-threshold THROTTLE_UPPER_THRESHOLD 12800000
        throttle.unsafe-da-bytes-lower-threshold THROTTLE_UNSAFE_DA_BYTES_LOWER_THRESHOLD 3200000
        throttle.unsafe-da-bytes-upper-threshold THROTTLE_UNSAFE_DA_BYTES_UPPER_THRESHOLD 12800000
        throttle.tx-size-lower-limit THROTTLE_TX_SIZE_LOWER_LIMIT 150
        throttle.tx-size-upper-limit THROTTLE_TX_SIZE_UPPER_LIMIT 20000
        throttle.block-size-lower-limit THROTTLE_BLOCK_SIZE_LOWER_LIMIT 2000
        throttle.block-size-upper-limit THROTTLE_BLOCK_SIZE_UPPER_LIMIT 130000
        throttle.additional-endpoints THROTTLE_ADDITIONAL_ENDPOINTS -
        additional-throttling-endpoints ADDITIONAL_THROTTLING_ENDPOINTS -
        throttle.pid-kp THROTTLE_PID_KP 0.33
        throttle.pid-ki THROTTLE_PID_KI 0.01
        throttle.pid-kd THROTTLE_PID_KD 0.05
        throttle.pid-integral-max THROTTLE_PID_INTEGRAL_MAX 1000
        throttle.pid-output-max THROTTLE_PID_OUTPUT_MAX 1
        throttle.pid-sample-time THROTTLE_PID_SAMPLE_TIME 2s
        throttle-pid-kp THROTTLE_PID_KP 0.33
        throttle-threshold THROTTLE_THRESHOLD *
        throttle-max-threshold THROTTLE_MAX_THRESHOLD *
        throttle-threshold-multiplier THROTTLE_THRESHOLD_MULTIPLIER *
        throttle-tx-size THROTTLE_TX_SIZE *
        throttle-block-size THROTTLE_BLOCK_SIZE *
        throttle-always-block-size THROTTLE_ALWAYS_BLOCK_SIZE 130000
        throttle-interval THROTTLE_INTERVAL 2s
        sequencer-hd-path SEQUENCER_HD_PATH -
        txmgr.blob-tip-cap-dynamic TXMGR_BLOB_TIP_CAP_DYNAMIC false
        txmgr.blob-tip-cap-percentile TXMGR_BLOB_TIP_CAP_PERCENTILE 60
        txmgr.blob-tip-cap-range TXMGR_BLOB_TIP_CAP_RANGE 20
        altda.enabled ALTDA_ENABLED false
        altda.da-server ALTDA_DA_SERVER -
        altda.verify-on-read ALTDA_VERIFY_ON_READ true
        altda.da-service ALTDA_DA_SERVICE false
        altda.put-timeout ALTDA_PUT_TIMEOUT 0s
        altda.get-timeout ALTDA_GET_TIMEOUT 0s
        altda.max-concurrent-da-requests ALTDA_MAX_CONCURRENT_DA_REQUESTS 1
        """;

    private const string Key = "0x59c6995e998f97a5a0044966f0945389dc9e86dae88c7a8412f4603b6b78690d";

    private static readonly RollupConfig Rollup = new() { L2ChainId = 42069, BatchInboxAddress = Address.FromNumber(0xff), SequencingWindowSize = 1200, ChannelTimeoutBlocks = 300 };

    public static TheoryData<string, string, string> CommonFlags() => FlagChecks.Lines(Common + "\n" + SharedUpstreamFlags.Lines);

    private static FlagValues Parse(string line, params (string, string)[] environment) => FlagChecks.Parse(BatcherFlags.Table, line.Split(' ', StringSplitOptions.RemoveEmptyEntries), environment);

    [Theory]
    [MemberData(nameof(CommonFlags))]
    public void Op_batchers_flags_have_its_variables_and_defaults(string name, string variable, string preset) => FlagChecks.IsAsUpstream(BatcherFlags.Table, name, variable, preset);

    /// <summary>The lines of the classic tutorial and of the newer ones.</summary>
    [Theory]
    [InlineData("--rpc.port=8548 --max-channel-duration=25")]
    [InlineData("--rpc.port=8548 --max-channel-duration=1")]
    [InlineData("--rpc.port=8548 --max-channel-duration=1 --batch-type=1 --data-availability-type=blobs")]
    public void The_tutorials_command_line_starts_unchanged(string more)
    {
        FlagValues values = Parse("--l2-eth-rpc=http://localhost:8545 --rollup-rpc=http://localhost:9545 --poll-interval=1s --sub-safety-margin=6 --num-confirmations=1 --safe-abort-nonce-too-low-count=3 "
            + $"--resubmission-timeout=30s --rpc.addr=0.0.0.0 --rpc.enable-admin --l1-eth-rpc=http://localhost:9000/v2/secret --private-key={Key} {more}");
        BatcherSettings.Check(values);
        BatcherOptions options = BatcherSettings.Read(values, Rollup, default);
        Assert.Equal(TimeSpan.FromSeconds(1), options.PollInterval);
        Assert.Equal(6ul, options.SubSafetyMarginBlocks);
        Assert.Equal(values.Number("max-channel-duration"), options.MaxChannelDurationBlocks);
        Assert.Equal(more.Contains("blobs", StringComparison.Ordinal) ? DataAvailabilityType.Blobs : DataAvailabilityType.Calldata, options.DataAvailability);
        Assert.Equal(more.Contains("batch-type", StringComparison.Ordinal) ? BatchType.Span : BatchType.Singular, options.BatchType);
        Assert.Equal(1ul, SendSettings.Read(values).ConfirmationBlocks);
        Assert.Equal(TimeSpan.FromSeconds(30), SendSettings.Read(values).ResubmissionTimeout);
        using ServiceEndpoints endpoints = ServiceEndpoints.ForBatcher(values);
        Assert.Equal("http://localhost:9545", Assert.Single(endpoints.Nodes).Rpc.Endpoint);
        Assert.Equal(Key, KeySettings.Read(values).PrivateKey);
        Assert.Contains("ps", Assert.Single(values.Warnings));
        string[] shown = [.. BatcherFlags.Table.All.Select(static flag => flag.Group).Distinct().Select(values.Describe), .. values.Warnings];
        Assert.DoesNotContain(shown, text => text.Contains(Key[2..10], StringComparison.OrdinalIgnoreCase) || text.Contains("secret", StringComparison.Ordinal));
    }

    [Fact]
    public void Values_become_the_batchers_options()
    {
        FlagValues values = Parse("--compression-algo=brotli-11 --compressor=ratio --approx-compr-ratio=0.4 --target-num-frames=6 --max-pending-tx=0 --data-availability-type=auto --max-blocks-per-span-batch=100 --wait-node-sync "
            + "--check-recent-txs-depth=4 --stopped --journal.dir=/tmp/journal --max-l1-tx-size-bytes=60000");
        BatcherSettings.Check(values);
        BatcherOptions options = BatcherSettings.Read(values, Rollup with { Forks = Rollup.Forks with { Granite = 5 } }, Address.FromNumber(1));
        Assert.Equal((ChannelCompression.Brotli, 11, ChannelCompressor.Ratio, 0.4), (options.Compression, options.BrotliQuality, options.Compressor, options.ApproxCompressionRatio));
        Assert.Equal((6, 0, DataAvailabilityType.Auto, 100, 60_000), (options.TargetFrames, options.MaxPendingTransactions, options.DataAvailability, options.MaxBlocksPerSpanBatch, options.MaxL1TransactionBytes));
        Assert.Equal((true, 4, true, "/tmp/journal"), (options.WaitNodeSync, options.CheckRecentTransactionsDepth, options.StartStopped, options.JournalDirectory));
        Assert.Equal((50ul, 1200ul, Address.FromNumber(0xff)), (options.ChannelTimeoutBlocks, options.SequencingWindowBlocks, options.BatchInbox));
        Assert.Equal(300ul, BatcherSettings.Read(values, Rollup, default).ChannelTimeoutBlocks);
        Assert.Null(BatcherSettings.Read(Parse("--journal=false"), Rollup, default).JournalDirectory);
        string own = BatcherSettings.Read(Parse(""), Rollup, Address.FromNumber(1)).JournalDirectory!;
        Assert.EndsWith("/.opal/batcher/42069-00000000-00000000", own, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--poll-interval=0s", "--poll-interval")]
    [InlineData("--target-num-frames=0", "--target-num-frames")]
    [InlineData("--target-num-frames=10 --data-availability-type=blobs", "10 blobs")]
    [InlineData("--compressor=ratio --approx-compr-ratio=0", "--approx-compr-ratio")]
    [InlineData("--compressor=ratio --approx-compr-ratio=1.5", "--approx-compr-ratio")]
    [InlineData("--check-recent-txs-depth=129", "128")]
    [InlineData("--max-l1-tx-size-bytes=200000", "--max-l1-tx-size-bytes")]
    [InlineData("--max-l1-tx-size-bytes=0", "--max-l1-tx-size-bytes")]
    public void Values_that_nothing_works_with_are_refused_by_name(string line, string part) =>
        Assert.Contains(part, Assert.Throws<FlagException>(() => BatcherSettings.Check(Parse(line))).Message);

    [Theory]
    [InlineData("--target-num-frames=6 --data-availability-type=blobs", null)]
    [InlineData("--target-num-frames=9", null)]
    [InlineData("--target-num-frames=7 --data-availability-type=blobs", "--target-num-frames: a transaction takes 6 blobs, so a channel of 7 goes out in two transactions")]
    [InlineData("--target-num-frames=9 --data-availability-type=auto", "a channel of 9")]
    public void More_blobs_than_a_transaction_takes_are_warned_about(string line, string? part)
    {
        FlagValues values = Parse(line);
        BatcherSettings.Check(values);
        if (part is null) Assert.Empty(values.Warnings);
        else Assert.Contains(part, Assert.Single(values.Warnings));
    }

    /// <summary>op-batcher takes these: the value has nothing to do with what is chosen.</summary>
    [Theory]
    [InlineData("--max-l1-tx-size-bytes=1000000 --data-availability-type=blobs")]
    [InlineData("--approx-compr-ratio=0 --compressor=shadow")]
    [InlineData("--target-num-frames=10 --data-availability-type=calldata")]
    public void A_value_that_is_not_used_is_not_refused(string line) => BatcherSettings.Check(Parse(line));

    /// <summary>Derivation looks at blobs from Ecotone on: before it they would be money for nothing.</summary>
    [Theory]
    [InlineData("blobs")]
    [InlineData("auto")]
    public void Blobs_before_Ecotone_are_refused(string type)
    {
        RollupConfig rollup = Rollup with { Forks = Rollup.Forks with { Ecotone = 1000 } };
        Assert.Contains("Ecotone", Assert.Throws<FlagException>(() => BatcherSettings.RequireBlobsAreRead(Parse($"--data-availability-type={type}"), rollup, 999)).Message);
        Assert.True(BatcherSettings.RequireBlobsAreRead(Parse($"--data-availability-type={type}"), rollup, 1000));
        Assert.False(BatcherSettings.RequireBlobsAreRead(Parse("--data-availability-type=calldata"), rollup, 999));
    }

    [Fact]
    public void Choices_are_taken_in_any_case()
    {
        FlagValues values = Parse("--data-availability-type=Blobs --target-num-frames=9", ("OP_BATCHER_COMPRESSION_ALGO", "BROTLI-11"), ("OP_BATCHER_COMPRESSOR", "None"));
        BatcherSettings.Check(values);
        BatcherOptions options = BatcherSettings.Read(values, Rollup, default);
        Assert.Equal((DataAvailabilityType.Blobs, ChannelCompression.Brotli, 11, ChannelCompressor.None), (options.DataAvailability, options.Compression, options.BrotliQuality, options.Compressor));
        PlanSetting present = PlanFlags.PresentOf(FlagChecks.Parse(PlanFlags.Table, ["--data-availability-type=Blobs", "--compression-algo=Brotli"]))!.Value;
        Assert.Equal((true, "brotli-10"), (present.Carriage.AsBlobs, present.Encoding.CompressionName));
    }

    [Fact]
    public void Tips_of_blobs_are_read()
    {
        Opal.TxManager.TxManagerOptions options = BatcherSettings.ReadSending(Parse("--txmgr.blob-tip-cap-dynamic --txmgr.blob-tip-cap-percentile=75 --txmgr.blob-tip-cap-range=8"));
        Assert.Equal((true, 75, 8), (options.BlobTipDynamic, options.BlobTipPercentile, options.BlobTipRange));
        Assert.Contains("--txmgr.blob-tip-cap-percentile", Assert.Throws<FlagException>(() => BatcherSettings.ReadSending(Parse("--txmgr.blob-tip-cap-percentile=101"))).Message);
    }

    [Theory]
    [InlineData("--l2-eth-rpc=http://a --rollup-rpc=http://b", "--l1-eth-rpc")]
    [InlineData("--l1-eth-rpc=http://a --rollup-rpc=http://b", "--l2-eth-rpc")]
    [InlineData("--l1-eth-rpc=http://a --l2-eth-rpc=http://b", "--rollup-rpc")]
    [InlineData("--l1-eth-rpc=http://a --l2-eth-rpc=http://b,http://c --rollup-rpc=http://d", "--l2-eth-rpc names 2 servers and --rollup-rpc 1")]
    [InlineData("--l1-eth-rpc=nowhere --l2-eth-rpc=http://b --rollup-rpc=http://d", "--l1-eth-rpc: not a URL")]
    public void Endpoints_that_are_missing_or_do_not_match_are_refused_by_name(string line, string part) =>
        Assert.Contains(part, Assert.Throws<FlagException>(() => ServiceEndpoints.ForBatcher(Parse(line)).Dispose()).Message);

    [Fact]
    public void Each_server_is_told_the_limits_once()
    {
        using ServiceEndpoints endpoints = ServiceEndpoints.ForBatcher(Parse("--l1-eth-rpc=http://l1:1 --l2-eth-rpc=http://l2:1 --rollup-rpc=http://node:1 --throttle.additional-endpoints=http://builder:1,http://l2:1/,http://builder:1"));
        Assert.Equal("http://builder:1", Assert.Single(endpoints.Throttled).Endpoint);
    }

    [Fact]
    public void What_is_not_built_refuses() =>
        Assert.Contains("alternative DA is not built", Assert.Throws<FlagException>(() => Parse("--altda.enabled")).Message);
}
