using System.Diagnostics;
using System.Text.Json;
using Opal.Batcher;
using Opal.Cli.Batcher;
using Opal.Cli.BatcherReports;
using Opal.Cli.Flags;
using Opal.Cli.Tests.Flags;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Cli.Tests.BatcherReports;

public sealed class PlanTests
{
    private const ulong BlobGas = 131_072;

    [Fact]
    public async Task Sizes_are_those_of_the_batchers_own_channels_and_costs_follow_from_them_to_the_wei()
    {
        var world = new PlanWorld(30);
        Plan plan = await world.PlanAsync();
        foreach (PlanRow row in plan.Rows.Where(static row => row.Setting is { Duration: 5, Carriage: { AsBlobs: true, Frames: 6 } })) // 5 L1 blocks of 12 s are 30 L2 blocks of 2 s: the sample
        {
            ChannelEncoding encoding = row.Setting.Encoding;
            var options = new BatcherOptions { BatchInbox = Address.Zero, BatchType = encoding.Batches, Compression = encoding.Compression, BrotliQuality = Math.Max(9, encoding.Quality) };
            Assert.Equal(new ChannelCodec(PlanWorld.Rollup, options).Encode(world.Blocks).Length, row.Bytes);
            Assert.Equal((30L, 1L, 1L, 60UL, 84UL, false), (row.Blocks, row.Carriers, row.Transactions, row.ChannelSeconds, row.LagSeconds, row.IsExtrapolated));
            UInt256 channel = (new UInt256(12 * PlanWorld.Gwei) * 21_000UL) + (new UInt256(PlanWorld.Gwei / 2) * BlobGas);
            Assert.Equal(channel * 1440UL, row.DayMedian);
            Assert.Equal(Amounts.Divide(channel, 30), row.PerTransaction);
            Assert.Equal(row.Bytes / 30.0, row.BytesPerTransaction!.Value, 6);
        }
    }

    [Fact]
    public async Task Every_setting_is_tried_and_a_longer_channel_never_costs_more_in_blobs()
    {
        Plan plan = await new PlanWorld(40).PlanAsync();
        Assert.Equal([1ul, 5, 25, 100, 148, 1500], plan.Rows.Select(static row => row.Setting.Duration).Distinct()); // 148 and 2 L1 blocks are the 30 minutes that are borne unless said
        Assert.Equal(8 * 7 * 6, plan.Rows.Count);
        foreach (IGrouping<(ChannelEncoding, Carriage), PlanRow> same in plan.Rows.Where(static row => row.Setting.Carriage.AsBlobs).GroupBy(static row => (row.Setting.Encoding, row.Setting.Carriage)))
        {
            PlanRow[] rows = [.. same.OrderBy(static row => row.Setting.Duration)];
            for (int i = 1; i < rows.Length; i++)
            {
                Assert.True(rows[i].DayMedian <= rows[i - 1].DayMedian, $"{rows[i].Setting} costs more than {rows[i - 1].Setting}");
                Assert.True(rows[i].LagSeconds >= rows[i - 1].LagSeconds);
            }
        }
    }

    [Fact]
    public async Task Channels_longer_than_the_sample_are_reckoned_and_say_so()
    {
        var world = new PlanWorld(40);
        Plan plan = await world.PlanAsync();
        PlanRow row = plan.Rows.Single(static row => row.Setting is { Duration: 25, Carriage: { AsBlobs: true, Frames: 6 }, Encoding: { Batches: BatchType.Span, Compression: ChannelCompression.Zlib } });
        int sample = new ChannelCodec(PlanWorld.Rollup, new BatcherOptions { BatchInbox = Address.Zero, BatchType = BatchType.Span }).Encode(world.Blocks).Length;
        Assert.Equal((150L, true, false), (row.Blocks, row.IsExtrapolated, row.Fills));
        Assert.Equal(((sample * 150) + 39) / 40, row.Bytes);
        Assert.Contains("reckoned", Text(plan), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_channel_that_fills_before_its_duration_ends_is_full()
    {
        Plan plan = await new PlanWorld(42, bytes: 20_000).PlanAsync();
        PlanRow row = plan.Rows.Single(static row => row.Setting is { Duration: 100, Carriage: { AsBlobs: true, Frames: 6 }, Encoding: { Batches: BatchType.Span, Compression: ChannelCompression.Zlib } });
        Assert.True(row.Fills);
        Assert.Equal(6, row.Carriers);
        Assert.InRange(row.FillPercent, 95, 100);
        Assert.InRange(row.Blocks, 37, 39); // 780,120 bytes of blocks of a little more than 20,000
        PlanRow one = plan.Rows.Single(other => other.Setting == row.Setting with { Duration = 1, Carriage = row.Setting.Carriage with { Frames = 1 } });
        Assert.False(one.Fills);
        Assert.Equal(6, one.Blocks);
    }

    [Theory]
    [InlineData("90s")]
    [InlineData("5m")]
    [InlineData("4h")]
    public async Task What_is_advised_is_the_cheapest_within_the_lag(string lag)
    {
        Plan plan = await new PlanWorld(40).PlanAsync("--max-lag", lag);
        Assert.True(DurationText.TryParse(lag, out TimeSpan most));
        PlanRow advised = plan.Advised.Row;
        Assert.True(advised.MostLagSeconds <= most.TotalSeconds);
        UInt256 cheapest = plan.Rows.Where(row => row.LagSeconds <= most.TotalSeconds).Min(static row => row.DayMedian!.Value);
        Assert.True(advised.DayMedian <= cheapest * 102UL / 100UL);
    }

    /// <summary>Channels that fill up at today's load would wait for their duration on a quiet day: the duration itself keeps the lag.</summary>
    [Fact]
    public async Task What_is_advised_keeps_the_lag_when_L2_falls_quiet()
    {
        Plan plan = await new PlanWorld(42, bytes: 20_000).PlanAsync("--max-lag=4m");
        PlanRow advised = plan.Advised.Row;
        Assert.True(advised.Fills);
        Assert.Equal((18ul, 240ul), (advised.Setting.Duration, advised.MostLagSeconds));
        Assert.Equal(plan.Rows.Where(static row => row.LagSeconds <= 240).Min(static row => row.DayMedian!.Value), advised.DayMedian);
    }

    [Fact]
    public async Task Where_no_setting_keeps_the_lag_the_least_one_is_advised()
    {
        Plan plan = await new PlanWorld(40).PlanAsync("--max-lag=1s");
        Assert.Equal(1UL, plan.Advised.Row.Setting.Duration);
        Assert.Contains("no setting keeps the lag", plan.Advised.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blob_price_that_jumps_advises_the_automatic_choice()
    {
        var world = new PlanWorld(40) { BlobFees = [1, 1, 1, 400 * PlanWorld.Gwei] };
        Plan plan = await world.PlanAsync();
        Assert.True(plan.Advised.Row.Setting.Carriage.AsBlobs);
        Assert.Contains("--data-availability-type=auto", plan.Advised.Why, StringComparison.Ordinal);
        Assert.DoesNotContain("auto", (await new PlanWorld(40).PlanAsync()).Advised.Why, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_blob_price_calldata_is_planned_with()
    {
        Plan plan = await new PlanWorld(40) { BlobFees = null }.PlanAsync();
        Assert.False(plan.Advised.Row.Setting.Carriage.AsBlobs);
        Assert.All(plan.Rows, static row => Assert.Equal(row.Setting.Carriage.AsBlobs, row.DayMedian is null));
        Assert.Contains("unknown", Text(plan), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Prices_are_those_of_the_window_with_the_batchers_least_tip()
    {
        var world = new PlanWorld(10) { BaseFees = [3, 1, 9, 2], Tip = 5, BlobFees = [4, 8, 6, 2] };
        Plan plan = await world.PlanAsync("--txmgr.min-tip-cap=0.00000002");
        Assert.Equal(new L1Prices(22, 4), plan.Fees.Median);
        Assert.Equal(new L1Prices(29, 8), plan.Fees.High);
        Assert.Equal(PlanWorld.L1Seconds, plan.Fees.BlockSeconds);
        Assert.Equal((1000UL, 1003UL), (plan.Fees.From, plan.Fees.To));
    }

    [Fact]
    public async Task The_present_setting_is_shown_beside_the_advised_one()
    {
        Plan plan = await new PlanWorld(40).PlanAsync("--batch-type=0", "--data-availability-type=calldata", "--max-channel-duration=2");
        Assert.Equal(new PlanSetting(new ChannelEncoding(BatchType.Singular, ChannelCompression.Zlib, 0), new Carriage(false, 1, 120_000), 2), plan.Present!.Setting);
        string text = Text(plan);
        Assert.Contains("present", text, StringComparison.Ordinal);
        Assert.Contains("ETH a day more", text, StringComparison.Ordinal);
        Assert.Null((await new PlanWorld(10).PlanAsync()).Present);
    }

    /// <summary>A channel is not closed while the transaction before it is followed to its confirmation: it takes the blocks that come.</summary>
    [Theory]
    [InlineData("1", "10", 10)]
    [InlineData("4", "10", 3)]
    [InlineData("20", "10", 1)]
    [InlineData("0", "10", 1)]
    [InlineData("1", "1", 1)]
    public void Confirmations_set_the_least_length_of_a_channel(string pending, string confirmations, ulong l1Blocks) =>
        Assert.Equal(l1Blocks, PlanFlags.PaceOf(FlagParser.Parse(PlanFlags.Table, [$"--max-pending-tx={pending}", $"--num-confirmations={confirmations}"], [])));

    [Fact]
    public async Task With_the_batchers_own_defaults_short_durations_are_ten_L1_blocks()
    {
        Plan plan = await new PlanWorld(12).PlanAsync("--max-pending-tx=1", "--max-channel-duration=2", "--data-availability-type=blobs");
        Assert.Equal(60, plan.Present!.Blocks);
        foreach (PlanRow row in plan.Rows.Where(static row => row.Setting is { Duration: < 100, Carriage: { AsBlobs: true, Frames: 6 } })) Assert.Equal(Math.Max(row.Setting.Duration, 10) * 6, (ulong)row.Blocks);
        Assert.Contains("Channels are open for at least 10 L1 blocks", Text(plan), StringComparison.Ordinal);
        Assert.DoesNotContain("at least", Text(await new PlanWorld(12).PlanAsync()), StringComparison.Ordinal);
    }

    /// <summary>Time that others take is not in it: a thread that sleeps uses nothing.</summary>
    [Fact]
    public void Work_is_measured_in_the_threads_own_processor_time()
    {
        TimeSpan before = ThreadClock.Used;
        var clock = Stopwatch.StartNew();
        Thread.Sleep(100);
        Assert.True(ThreadClock.Used - before < clock.Elapsed / 2, "sleep was counted as work");
        before = ThreadClock.Used;
        for (int i = 0; i < 100_000_000 && ThreadClock.Used - before < TimeSpan.FromMilliseconds(5); i++) { }
        Assert.True(ThreadClock.Used - before >= TimeSpan.FromMilliseconds(5));
    }

    /// <summary>Who puts <c>plan</c> or <c>report</c> before a batcher's flags gets an answer.</summary>
    [Fact]
    public void The_batchers_own_command_line_is_taken_as_it_is()
    {
        FlagDefinition[] batchers = [.. BatcherFlags.Table.All.Where(static flag => flag.Group != SharedFlags.Misc)];
        foreach (FlagTable table in new[] { PlanFlags.Table, ReportFlags.Table })
        {
            FlagValues values = FlagChecks.Parse(table, [.. batchers.Select(static flag => $"--{flag.Name}={FlagChecks.Sample(flag)}")]);
            Assert.Empty(values.Warnings);
            string help = FlagHelp.Text(table);
            Assert.Contains("--l1-eth-rpc", help);
            Assert.DoesNotContain("poll-interval", help);
        }
    }

    /// <summary>The batcher's own variables may name several sequencers.</summary>
    [Fact]
    public void Of_several_servers_the_first_is_asked()
    {
        foreach (FlagTable table in new[] { PlanFlags.Table, ReportFlags.Table })
        {
            FlagValues values = FlagParser.Parse(table, ["--l1-eth-rpc=http://one:1"], [new("OP_BATCHER_ROLLUP_RPC", "http://two:2,http://three:3")]);
            using HttpRpcClient l1 = ReportRun.Open(values, "l1-eth-rpc"), node = ReportRun.Open(values, "rollup-rpc");
            Assert.Equal(("http://one:1", "http://two:2"), (l1.Endpoint, node.Endpoint));
        }

        Assert.Contains("--l1-eth-rpc", Assert.Throws<FlagException>(() => ReportRun.Open(FlagParser.Parse(PlanFlags.Table, [], []), "l1-eth-rpc")).Message);
    }

    [Fact]
    public async Task An_L2_without_transactions_has_costs_a_day_and_none_a_transaction()
    {
        Plan plan = await new PlanWorld(20, bytes: 0).PlanAsync();
        Assert.All(plan.Rows, static row => Assert.True(row is { PerTransaction: null, BytesPerTransaction: null, DayMedian.IsZero: false }));
        Assert.DoesNotContain("NaN", Text(plan), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Json_has_every_setting()
    {
        Plan plan = await new PlanWorld(40).PlanAsync("--batch-type=1");
        using var stream = new MemoryStream();
        PlanJson.Write(plan, stream);
        using JsonDocument json = JsonDocument.Parse(stream.ToArray());
        JsonElement[] settings = [.. json.RootElement.GetProperty("settings").EnumerateArray()];
        Assert.Equal(plan.Rows.Count, settings.Length);
        Assert.Equal(plan.Advised.Row.DayMedian.ToString(), json.RootElement.GetProperty("advised").GetProperty("wei_per_day_median").GetString());
        Assert.Single(settings, static setting => setting.GetProperty("advised").GetBoolean());
        Assert.Equal("span", json.RootElement.GetProperty("present").GetProperty("batch_type").GetString());
    }

    [Fact]
    public async Task Another_L1_is_refused()
    {
        var world = new PlanWorld(10) { L1ChainId = 1 };
        ReportException error = await Assert.ThrowsAsync<ReportException>(() => world.PlanAsync());
        Assert.Contains("serves chain 1, the rollup node speaks of chain 900", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--blocks=0")]
    [InlineData("--l1-blocks=1")]
    [InlineData("--max-lag=0s")]
    [InlineData("--txmgr.min-tip-cap=lots")]
    [InlineData("--max-l1-tx-size-bytes=5")]
    [InlineData("--num-confirmations=0")]
    public async Task Numbers_out_of_range_are_refused(string flag) => await Assert.ThrowsAsync<FlagException>(() => new PlanWorld(5).PlanAsync(flag));

    [Fact]
    public async Task Calldata_is_priced_by_the_byte_at_the_floor()
    {
        Plan plan = await new PlanWorld(30).PlanAsync();
        foreach (PlanRow row in plan.Rows.Where(static row => row.Setting is { Duration: 5, Carriage.AsBlobs: false }))
        {
            UInt256 channel = new UInt256(12 * PlanWorld.Gwei) * (21_000UL + ((ulong)(row.Bytes + 24) * 40)); // a version byte and a frame's 23
            Assert.Equal(channel * 1440UL, row.DayMedian);
        }
    }

    private static string Text(Plan plan)
    {
        using var text = new StringWriter();
        new PlanText(plan, all: false, text).Write();
        return text.ToString();
    }
}
