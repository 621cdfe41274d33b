using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>Scenarios of strict ordering, each beside what the rules before gave.</summary>
public sealed class HoloceneTests
{
    /// <summary>A net whose sequencer has blocks up to number <paramref name="blocks"/>, with transactions in each.</summary>
    private static TestNet NetWith(ulong blocks, bool holocene, Func<RollupConfig, RollupConfig>? change = null)
    {
        var net = new TestNet(holocene ? OptimismFork.Holocene : OptimismFork.Granite, change);
        while ((ulong)net.L1.Chain.Count * FakeL1.BlockTime <= blocks * 2) net.L1.Mine();
        while (net.Sequencer.HeadRef.Number < blocks) net.Sequence(1);
        return net;
    }

    private static byte[] Channel(TestNet net, params ulong[] order) => TestNet.Compress(false, [.. order.Select(net.SingularOf)]);

    [Theory]
    [InlineData("0 1 2", 3, 3)] // S-HO-01
    [InlineData("2 1 0", 3, 0)] // S-HO-02
    [InlineData("0 1 0 2", 3, 0)] // S-HO-03
    [InlineData("0 1 1 2", 3, 3)] // S-HO-04
    [Case("D-CA-02 V-30")]
    public void S_HO_01_to_04_frames_in_separate_items(string order, ulong before, ulong after)
    {
        foreach (bool holocene in (bool[])[false, true])
        {
            TestNet net = NetWith(3, holocene);
            Frame[] frames = net.Cut(Channel(net, 1, 2, 3), 3);
            net.L1.Mine([.. order.Split(' ').Select(index => net.Post(frames[int.Parse(index)]))]);
            net.Sync();
            net.AssertSafeIsSequenced(holocene ? after : before);
        }
    }

    [Theory]
    [InlineData("1 2 3", 3, 3)] // S-HO-06
    [InlineData("1 3 2", 3, 1)]
    [InlineData("2 1 3", 3, 0)]
    [InlineData("1 1 2 3", 3, 3)] // S-HO-07
    [InlineData("2 2 1 3", 3, 0)]
    [Case("D-BQ-08 D-SB-02 D-SB-03")]
    public void S_HO_06_07_batches_in_one_channel(string order, ulong before, ulong after)
    {
        foreach (bool holocene in (bool[])[false, true])
        {
            TestNet net = NetWith(3, holocene);
            net.Submit([.. order.Split(' ').Select(number => net.SingularOf(ulong.Parse(number)))]);
            net.Sync();
            net.AssertSafeIsSequenced(holocene ? after : before);
        }
    }

    [Fact]
    [Case("D-EN-04")]
    public void S_HO_08_D_EN_04_an_invalid_payload_of_a_singular_batch_becomes_deposits_only_and_flushes()
    {
        TestNet net = NetWith(3, holocene: true);
        net.Refused.Add(2);
        net.Submit(net.SingularOf(1), net.SingularOf(2), net.SingularOf(3));
        net.Sync();
        Assert.Equal(2UL, net.Safe);
        Assert.Equal(net.Sequencer.Chain[1].Hash, net.Verifier.Chain[1].Hash);
        Assert.All(net.Verifier.Chain[2].Transactions, static transaction => Assert.True(transaction.IsDeposit));
        Assert.Contains(ChannelRule.Flushed, net.Observer.Channels);
    }

    [Fact]
    [Case("D-EN-05")]
    public void S_HO_08_before_holocene_the_next_candidate_is_tried()
    {
        TestNet net = NetWith(3, holocene: false);
        net.Refused.Add(2);
        net.Submit(net.SingularOf(1), net.SingularOf(2), net.SingularOf(3));
        net.Sync();
        net.AssertSafeIsSequenced(1);
        net.Refused.Clear();
        net.Submit(net.SingularOf(2), net.SingularOf(3));
        net.Sync();
        net.AssertSafeIsSequenced(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void S_HO_09_S_SY_10_an_invalid_payload_in_a_span(bool holocene)
    {
        TestNet net = NetWith(4, holocene);
        net.Refused.Add(3);
        net.Submit(net.SpanOf(1, 2, 3, 4));
        net.Sync();
        Assert.Equal(holocene ? 3UL : 0UL, net.Safe);
        if (!holocene)
        {
            Assert.Equal(0UL, net.Pipeline.PendingSafeHead.Number);
            net.Refused.Clear();
            net.Submit(net.SpanOf(1, 2, 3, 4));
            net.Sync();
            net.AssertSafeIsSequenced(4);
        }
    }

    [Fact]
    [Case("D-SB-04 V-08")]
    public void S_HO_10_a_foreign_parent_drops_and_flushes()
    {
        TestNet net = NetWith(3, holocene: true);
        SingularBatch second = net.BatchOf(net.Sequencer.Chain[2]);
        var foreign = new SingularBatch { ParentHash = second.EpochHash, EpochNumber = second.EpochNumber, EpochHash = second.EpochHash, Timestamp = second.Timestamp, Transactions = [] };
        net.Submit(net.SingularOf(1), foreign.Encode(), net.SingularOf(2), net.SingularOf(3));
        net.Sync();
        net.AssertSafeIsSequenced(1);
        Assert.True(net.Observer.Saw(BatchRule.ParentHashMismatch));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case("D-BQ-09 D-SB-08")]
    public void S_HO_12_an_origin_that_runs_ahead_in_a_span(bool holocene)
    {
        TestNet net = NetWith(4, holocene);
        net.L1.Mine();
        var builder = new SpanBatchBuilder(net.Config);
        for (ulong number = 1; number <= 4; number++)
        {
            SingularBatch batch = net.BatchOf(net.Sequencer.Chain[(int)number]);
            int epoch = number < 3 ? 0 : 1; // block 3 is at 6 s, L1 block 1 at 12 s
            batch = new SingularBatch { ParentHash = batch.ParentHash, EpochNumber = (ulong)epoch, EpochHash = net.L1.Chain[epoch].Block.Hash, Timestamp = batch.Timestamp, Transactions = batch.Transactions };
            Assert.Equal(SpanBuildError.None, builder.TryAdd(batch, number));
        }

        net.Submit(builder.Encode());
        net.Sync();
        net.AssertSafeIsSequenced(holocene ? 2UL : 0UL);
        Assert.True(net.Observer.Saw(BatchRule.TimeBeforeOrigin));
    }

    [Theory]
    [InlineData(0)] // one item
    [InlineData(1)] // one block
    [InlineData(2)] // a later block
    [Case("D-CA-06")]
    public void S_HO_13_a_good_channel_after_a_flush(int apart)
    {
        TestNet net = NetWith(3, holocene: true);
        Frame bad = net.Cut(Channel(net, 1, 3, 2), 1)[0], good = net.Cut(Channel(net, 2, 3), 1)[0];
        if (apart == 0) net.L1.Mine([net.Post(bad, good)]);
        else if (apart == 1) net.L1.Mine([net.Post(bad), net.Post(good)]);
        else
        {
            net.L1.Mine([net.Post(bad)]);
            net.L1.Mine([net.Post(good)]);
        }

        net.Sync();
        net.AssertSafeIsSequenced(3);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case("D-SP-14 V-12")]
    public void S_HO_14_V_12_an_overlapping_span_must_have_the_same_blocks(bool holocene)
    {
        foreach (string kind in (string[])["equal", "transaction", "count", "origin"])
        {
            TestNet net = NetWith(8, holocene);
            net.Submit(net.SpanOf(TestNet.Range(1, 7)));
            net.Sync();
            net.AssertSafeIsSequenced(7);
            var builder = new SpanBatchBuilder(net.Config);
            for (ulong number = 5; number <= 8; number++)
            {
                SingularBatch batch = net.BatchOf(net.Sequencer.Chain[(int)number]);
                IReadOnlyList<byte[]> transactions = batch.Transactions;
                ulong epoch = batch.EpochNumber;
                if (number == 6 && kind == "transaction") transactions = [net.RandomTransaction().Encoded];
                if (number == 6 && kind == "count") transactions = [];
                if (number == 6 && kind == "origin") epoch--;
                batch = new SingularBatch { ParentHash = batch.ParentHash, EpochNumber = epoch, EpochHash = batch.EpochHash, Timestamp = batch.Timestamp, Transactions = transactions };
                Assert.Equal(SpanBuildError.None, builder.TryAdd(batch, net.Sequencer.RefOf(net.Sequencer.Chain[(int)number]).SequenceNumber));
            }

            net.Submit(builder.Encode());
            net.Sync();
            net.AssertSafeIsSequenced(kind == "equal" ? 8UL : 7UL);
            if (kind == "equal") continue;
            BatchRule expected = kind switch { "transaction" => BatchRule.OverlapTransaction, "count" => BatchRule.OverlapTransactionCount, _ => BatchRule.OverlapOrigin };
            Assert.True(net.Observer.Saw(expected), kind);
            if (holocene) Assert.Contains(ChannelRule.Flushed, net.Observer.Channels);
        }
    }

    [Fact]
    [Case("D-BQ-08")]
    public void S_HO_15_D_BQ_08_a_past_span_is_skipped_and_the_channel_goes_on()
    {
        TestNet net = NetWith(6, holocene: true);
        net.Submit(net.SpanOf(1, 2, 3));
        net.Submit(net.SpanOf(1, 2, 3), net.SingularOf(2), net.SingularOf(4), net.SpanOf(5, 6));
        net.Sync();
        net.AssertSafeIsSequenced(6);
        Assert.DoesNotContain(ChannelRule.Flushed, net.Observer.Channels);
    }

    [Fact]
    [Case("D-CA-01 D-CA-05")]
    public void D_CA_01_05_a_first_frame_replaces_the_staging_channel_and_whole_channels_follow_each_other()
    {
        TestNet net = NetWith(4, holocene: true);
        Frame[] open = net.Cut(Channel(net, 1, 2, 3, 4), 3);
        net.L1.Mine([net.Post(open[0]), net.Post(open[1])]);
        net.L1.Mine([net.Post(net.Cut(Channel(net, 1, 2), 1)[0], net.Cut(Channel(net, 3), 1)[0]), net.Post(net.Cut(Channel(net, 4), 2))]);
        net.L1.Mine([net.Post(open[2])]);
        net.Sync();
        net.AssertSafeIsSequenced(4);
        Assert.Contains(ChannelRule.Replaced, net.Observer.Channels);
        Assert.Contains(FrameRule.NoChannel, net.Observer.Frames);
    }

    [Fact]
    public void S_BA_09_interleaved_channels()
    {
        foreach (bool holocene in (bool[])[false, true])
        {
            TestNet net = NetWith(4, holocene);
            Frame[] a = net.Cut(Channel(net, 1, 2), 2), b = net.Cut(Channel(net, 3, 4), 2), both = net.Cut(Channel(net, 1, 2, 3, 4), 2);
            net.L1.Mine([net.Post(a[0]), net.Post(b[0]), net.Post(b[1]), net.Post(a[1])]);
            net.Sync();
            net.AssertSafeIsSequenced(holocene ? 0UL : 4UL); // the channel with 3 and 4 is in the future, which drops it
            net.L1.Mine([net.Post(both)]);
            net.Sync();
            net.AssertSafeIsSequenced(4);
        }
    }

    [Fact]
    [Case("D-CA-04")]
    public void D_CA_04_S_HO_16_a_staging_channel_beyond_the_limit_is_dropped()
    {
        // before Fjord the limit is ten million: 10 frames of a million bytes are too much with their overhead
        var forks = new OptimismForkTimes { Regolith = 0, Canyon = 0, Delta = 0, Ecotone = 0, Holocene = 0 };
        foreach (int lastLength in (int[])[1_000_000 - 2000, 1_000_000 - 1999])
        {
            var net = new TestNet(forks);
            net.L1.Mine();
            while (net.Sequencer.HeadRef.Number < 2) net.Sequence(1);
            ChannelId id = net.NewChannel();
            var items = new List<Transaction>();
            for (int i = 0; i < 10; i++) items.Add(net.Post(new Frame(id, (ushort)i, new byte[i == 9 ? lastLength : 1_000_000], i == 9)));
            items.Add(net.Post(net.Cut(Channel(net, 1, 2), 1)));
            net.L1.Mine([.. items]);
            net.Sync();
            net.AssertSafeIsSequenced(2);
            Assert.Equal(lastLength == 1_000_000 - 1999, net.Observer.Channels.Contains(ChannelRule.TooLarge));
            Assert.Equal(lastLength == 1_000_000 - 2000, net.Observer.Channels.Contains(ChannelRule.UnknownCompression));
        }
    }

    [Fact]
    [Case("D-CK-06 D-CK-08 V-28")]
    public void D_CK_06_S_HO_17_at_holocene_buffers_are_discarded_and_the_known_blocks_carried_over()
    {
        // Holocene begins with L1 block 4
        var forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Granite) with { Holocene = TestNet.GenesisTime + 48 };
        var net = new TestNet(forks);
        for (int i = 0; i < 2; i++) net.L1.Mine();
        while (net.Sequencer.HeadRef.Number < 10) net.Sequence(1);
        Frame[] split = net.Cut(Channel(net, 1, 2), 2);
        net.L1.Mine([net.Post(split[0]), net.Post(net.Cut(Channel(net, 3, 4), 1))]); // an open channel and batches of the future
        Assert.IsType<Idle>(net.Derive());
        net.L1.Mine([net.Post(split[1])]);
        Assert.IsType<Idle>(net.Derive());
        Assert.Equal(0UL, net.Safe);
        Assert.Contains(ChannelRule.StagesExchanged, net.Observer.Channels);
        Assert.True(net.Observer.Saw(BatchRule.StagesExchanged));
        Assert.Contains(FrameRule.NoChannel, net.Observer.Frames);

        net.Submit(net.SpanOf(TestNet.Range(1, 10)));
        net.Sync();
        net.AssertSafeIsSequenced(10);

        // D-CK-08: a reset to before the fork uses the old stages again, and crossing it exchanges them again
        net.Pipeline.Reset(net.Verifier.RefOf(net.Verifier.Chain[0]), net.Config.GenesisSystemConfig, net.L1.Chain[0].Block.Ref);
        net.Verifier.Chain.RemoveRange(1, 10);
        net.Sync();
        net.AssertSafeIsSequenced(10);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case("D-EN-06")]
    public void S_HO_18_D_EN_06_refused_deposits_stop_derivation(bool holocene)
    {
        TestNet net = NetWith(1, holocene);
        net.L1.Mine([net.Post(net.Cut(TestNet.Compress(false, net.SingularOf(1)), 1))]);
        DerivationStep step;
        while ((step = net.Pipeline.Step()) is not PreparedAttributes)
        {
            if (step is NeedL1Block need) net.Pipeline.Provide(net.L1.Chain[(int)need.Number].Block);
            else net.Pipeline.Provide(net.Verifier.Chain[0]);
        }

        net.Pipeline.AttributesRejected();
        step = net.Pipeline.Step();
        if (!holocene)
        {
            Assert.IsNotType<PreparedAttributes>(step);
            return;
        }

        DerivedAttributes second = Assert.IsType<PreparedAttributes>(step).Attributes;
        Assert.True(second.IsDepositsOnly);
        Assert.Single(second.Attributes.Transactions);
        net.Pipeline.AttributesRejected();
        Assert.Equal(new DerivationStopped(StopReason.DepositsOnlyRejected), net.Pipeline.Step());
        Assert.Equal(new DerivationStopped(StopReason.DepositsOnlyRejected), net.Pipeline.Step());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case("D-BQ-09 D-SB-10")]
    public void S_HO_11_sequencer_drift_in_a_span(bool holocene)
    {
        // one-second blocks on the genesis origin past the drift of 1,800 s, with transactions around the limit
        var net = new TestNet(holocene ? OptimismFork.Holocene : OptimismFork.Granite, static config => config with { BlockTimeSeconds = 1, SequencingWindowSize = 1000 });
        for (ulong number = 1; number <= 1804; number++) net.Sequence(number is >= 1799 and <= 1802 ? 1 : 0, stay: true);
        net.L1.Mine(seconds: 1900);
        net.Submit(net.SpanOf(TestNet.Range(1, 1804)));
        net.Sync();
        net.AssertSafeIsSequenced(holocene ? 1800UL : 0UL);
        Assert.True(net.Observer.Saw(BatchRule.SequencerDriftWithTransactions));
    }
}
