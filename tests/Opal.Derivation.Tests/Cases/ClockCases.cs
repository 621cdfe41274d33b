using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>Which of the three clocks governs what: L2 time, the time of the inclusion block, the time of the origin. Each test puts a fork between them.</summary>
public sealed class ClockCases
{
    [Theory]
    [InlineData(12, 2)] // Fjord in the inclusion block
    [InlineData(24, 1)] // one block later
    [Case("D-CK-02")]
    public void The_limit_of_a_channels_content_goes_by_the_inclusion_block(ulong fjord, ulong derived)
    {
        var net = new TestNet(CaseNet.ActivatingAt(OptimismFork.Fjord, CaseNet.At(fjord)));
        for (int i = 0; i < 2; i++) net.Sequence(1);
        byte[] second = net.SingularOf(2);
        var padded = new byte[10_500_000]; // bytes behind a batch are ignored
        second.CopyTo(padded, 0);
        net.Submit(net.SingularOf(1), padded);
        net.Sync();
        net.AssertSafeIsSequenced(derived);
        Assert.Equal(derived == 1, net.Observer.Channels.Contains(ChannelRule.RlpLimit));
    }

    [Theory]
    [InlineData(24, true)]
    [InlineData(36, false)]
    [Case("D-CK-02")]
    public void The_limit_of_the_bank_goes_by_the_inclusion_block(ulong fjord, bool kept)
    {
        var net = new TestNet(CaseNet.ActivatingAt(OptimismFork.Fjord, CaseNet.At(fjord)));
        for (int i = 0; i < 2; i++) net.Sequence(1);
        Frame[] first = net.Cut(CaseNet.Singulars(net, 1, 2), 2);
        ChannelId big = net.NewChannel();
        var filler = new byte[1_000_000];
        net.L1.Mine([net.Post(first[0])]);
        net.L1.Mine([.. Enumerable.Range(0, 101).Select(index => net.Post(new Frame(big, (ushort)index, filler, false)))]);
        net.L1.Mine([net.Post(first[1])]);
        net.Sync();
        net.AssertSafeIsSequenced(kept ? 2UL : 0UL);
        Assert.Equal(!kept, net.Observer.Channels.Contains(ChannelRule.BankFull));
    }

    [Fact]
    [Case("D-CK-04")]
    public void A_span_in_an_L1_block_before_Delta_is_skipped_alone()
    {
        var net = new TestNet(CaseNet.ActivatingAt(OptimismFork.Delta, CaseNet.At(24)));
        for (int i = 0; i < 3; i++) net.Sequence(1);
        net.Submit(net.SpanOf(1, 2), net.SingularOf(1)); // block 1, before Delta
        net.Sync();
        net.AssertSafeIsSequenced(1);
        Assert.True(net.Observer.Saw(BatchRule.SpanBeforeDeltaInReader));
        net.Submit(net.SpanOf(2, 3), net.SingularOf(2)); // block 2, in Delta; but the origin is before it
        net.Sync();
        net.AssertSafeIsSequenced(2);
        Assert.True(net.Observer.Saw(BatchRule.SpanBeforeDelta));
    }

    [Fact]
    [Case("D-CK-05")]
    public void From_the_first_L1_block_of_Canyon_on_a_later_channel_is_read_before_an_open_one()
    {
        var net = new TestNet(CaseNet.ActivatingAt(OptimismFork.Canyon, CaseNet.At(24)));
        for (int i = 0; i < 2; i++) net.Sequence(1);
        net.L1.Mine([net.Post(net.Cut(CaseNet.Singulars(net, 1), 2)[0]), CaseNet.Whole(net, CaseNet.Singulars(net, 1, 2))]);
        Assert.IsType<Idle>(net.Derive());
        net.AssertSafeIsSequenced(0);
        net.L1.Mine();
        net.Sync();
        net.AssertSafeIsSequenced(2);
    }

    [Fact]
    [Case("D-CK-05")]
    public void From_the_first_L1_block_of_Ecotone_on_blobs_are_read_and_their_calldata_is_not()
    {
        var net = new TestNet(CaseNet.ActivatingAt(OptimismFork.Ecotone, CaseNet.At(24)));
        for (int i = 0; i < 3; i++) net.Sequence(1);
        Transaction Both(ulong calldata, ulong blob) => net.L1.BlobTransaction(net.Config, TestNet.Batcher, CaseNet.Data(net, calldata), FakeL1.Blob(CaseNet.Data(net, blob)));
        net.L1.Mine([Both(1, 2)]);
        Assert.IsType<Idle>(net.Derive());
        net.AssertSafeIsSequenced(1);
        net.L1.Mine([Both(3, 2)]);
        Assert.IsType<Idle>(net.Derive());
        net.AssertSafeIsSequenced(2);
    }

    [Fact]
    [Case("D-CK-07")]
    public void Strict_order_holds_for_batches_of_blocks_from_before_Holocene_too()
    {
        foreach (ulong holocene in (ulong[])[12, 24])
        {
            var net = new TestNet(CaseNet.ActivatingAt(OptimismFork.Holocene, CaseNet.At(holocene)));
            for (int i = 0; i < 3; i++) net.Sequence(1); // at 2, 4 and 6 s
            net.L1.Mine([CaseNet.Whole(net, CaseNet.Singulars(net, 1, 3, 2))]);
            Assert.IsType<Idle>(net.Derive());
            net.AssertSafeIsSequenced(holocene == 12 ? 1UL : 3UL);
        }
    }

    [Fact]
    [Case("D-CK-08")]
    public void After_a_reset_the_start_blocks_time_picks_the_stages_and_crossing_the_fork_exchanges_them()
    {
        var net = new TestNet(CaseNet.ActivatingAt(OptimismFork.Holocene, CaseNet.At(48))); // L1 block 4
        ulong posted = 0;
        for (int block = 1; block <= 8; block++)
        {
            net.SequenceToL1Head();
            ulong head = net.Sequencer.HeadRef.Number;
            if (head == posted)
            {
                net.L1.Mine();
                continue;
            }

            Frame[] frames = net.Cut(CaseNet.Singulars(net, TestNet.Range(posted + 1, head)), 2);
            bool backwards = block is 3 or 6; // derived before Holocene, lost from it on
            net.L1.Mine(backwards ? [net.Post(frames[1]), net.Post(frames[0])] : [net.Post(frames[0]), net.Post(frames[1])]);
            if (block != 6) posted = head;
        }

        net.Sync();
        net.AssertSafeIsSequenced(posted);
        L2BlockRef end = net.Pipeline.SafeHead;
        net.Observer.Origins.Clear();
        for (int start = 1; start <= 6; start++)
        {
            L2BlockRef safe = net.Verifier.RefOf(net.Verifier.Chain.First(block => net.Verifier.RefOf(block).L1Origin.Number == (ulong)start));
            net.Verifier.TruncateTo(safe);
            net.Observer.Frames.Clear();
            net.Pipeline.Reset(safe, net.Config.GenesisSystemConfig, net.L1.Chain[start].Block.Ref);
            Assert.IsType<Idle>(net.Derive());
            Assert.Equal(end, net.Pipeline.SafeHead);
            Assert.Contains(FrameRule.NoChannel, net.Observer.Frames); // block 6 is read by the strict stages
            Assert.Equal(start < 4, net.Observer.Origins.Exists(origin => origin.Number == 3));
            net.Observer.Origins.Clear();
        }
    }

    [Theory]
    [InlineData(3, 4)] // in Isthmus
    [InlineData(2, 1)] // the block before: the rest of the span goes with it
    [Case("D-CK-09")]
    public void A_set_code_transaction_in_a_span_over_Isthmus_is_judged_by_its_own_blocks_time(ulong carrier, ulong derived)
    {
        var net = new TestNet(CaseNet.ActivatingAt(OptimismFork.Isthmus, CaseNet.At(6)));
        while (net.Sequencer.HeadRef.Number < 4)
        {
            if (net.Sequencer.HeadRef.Number + 1 == carrier) net.Sequence(exactly: [net.RandomTransaction(TransactionType.SetCode)]);
            else net.Sequence(1);
        }

        net.Submit(net.SpanOf(1, 2, 3, 4));
        net.Sync();
        net.AssertSafeIsSequenced(derived);
        Assert.Equal(derived == 1, net.Observer.Saw(BatchRule.SetCodeBeforeIsthmus));
    }

    [Fact]
    [Case("D-CK-10")]
    public void The_form_of_a_block_goes_by_its_own_time()
    {
        for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++)
        {
            // the origin, at 12 s, is before the fork at 18 s
            var bundle = new UpgradeBundle(fork, [new UpgradeTransaction("one", default, default(Address), new byte[] { 1 }, 1000)]);
            var net = new TestNet(CaseNet.ActivatingAt(fork, CaseNet.At(18)), upgrades: new NetworkUpgrades(bundle));
            net.L1.Mine();
            PayloadAttributes before = CaseNet.FirstOf(net, 1, CaseNet.At(14)), first = CaseNet.FirstOf(net, 1, CaseNet.At(16)), after = CaseNet.FirstOf(net, 1, CaseNet.At(18));
            Assert.Equal(fork > OptimismFork.Canyon, before.Withdrawals is not null);
            Assert.Equal(fork >= OptimismFork.Canyon, first.Withdrawals is not null);
            Assert.Equal(fork > OptimismFork.Ecotone, before.ParentBeaconBlockRoot is not null);
            Assert.Equal(fork >= OptimismFork.Ecotone, first.ParentBeaconBlockRoot is not null);
            Assert.Equal(fork > OptimismFork.Holocene, before.Eip1559Params is not null);
            Assert.Equal(fork >= OptimismFork.Holocene, first.Eip1559Params is not null);
            Assert.Equal(fork > OptimismFork.Jovian, before.MinBaseFee is not null);
            Assert.Equal(fork >= OptimismFork.Jovian, first.MinBaseFee is not null);
            Assert.Equal(fork > OptimismFork.Regolith ? 1_000_000UL : 150_000_000UL, GasOfInfo(before));
            Assert.Equal(1_000_000UL, GasOfInfo(first));
            Assert.Equal([1, 2, 1], new[] { before, first, after }.Select(static attributes => attributes.Transactions.Count));
            Assert.Equal(CaseNet.InfoOf(before).Format, CaseNet.InfoOf(first).Format);
            bool changes = fork is OptimismFork.Ecotone or OptimismFork.Isthmus or OptimismFork.Jovian;
            Assert.Equal(changes, CaseNet.InfoOf(first).Format != CaseNet.InfoOf(after).Format);
        }
    }

    private static ulong GasOfInfo(PayloadAttributes attributes)
    {
        Assert.True(Transaction.TryDecode(attributes.Transactions[0], out Transaction? transaction, out _));
        return transaction!.GasLimit;
    }

    [Theory]
    [InlineData(OptimismFork.Ecotone, L1BlockInfoFormat.Bedrock, L1BlockInfoFormat.Ecotone)]
    [InlineData(OptimismFork.Isthmus, L1BlockInfoFormat.Ecotone, L1BlockInfoFormat.Jovian)] // both have a form of their own
    [Case("D-CK-12 D-AT-01")]
    public void Two_forks_in_one_block_bring_their_deposits_in_fork_order_between_user_deposits_and_transactions(OptimismFork fork, L1BlockInfoFormat at, L1BlockInfoFormat next)
    {
        UpgradeBundle Bundle(OptimismFork of, byte mark) => new(of, [new UpgradeTransaction($"u{mark}", default, default(Address), new[] { mark }, 1000)]);
        OptimismForkTimes forks = CaseNet.With(CaseNet.ActivatingAt(fork, CaseNet.At(11)), fork + 1, CaseNet.At(12));
        var net = new TestNet(forks, upgrades: new NetworkUpgrades(Bundle(fork, 7), Bundle(fork + 1, 8)));
        net.L1.Mine(logs: [CaseNet.Deposit(net, 5)]);
        while (net.Sequencer.HeadRef.Number < 7) net.Sequence(fork == OptimismFork.Isthmus && net.Sequencer.HeadRef.Number == 5 ? 0 : 1);
        Transaction[] transactions = net.Sequencer.Chain[6].Transactions;
        Assert.Equal(at, CaseNet.InfoOf(transactions[0]).Format);
        Assert.Equal(5UL, transactions[1].Value.U0);
        Assert.Equal([7], transactions[2].Data.ToArray());
        Assert.Equal([8], transactions[3].Data.ToArray());
        Assert.Equal(fork == OptimismFork.Isthmus ? 4 : 5, transactions.Length);
        Assert.Equal(next, CaseNet.InfoOf(net.Sequencer.Chain[7].Transactions[0]).Format);
        net.Submit(net.SpanOf(TestNet.Range(1, 7)));
        net.Sync();
        net.AssertSafeIsSequenced(7);
    }

    [Theory]
    [InlineData(13, 7UL)] // the log's L1 block, at 12 s, is before Ecotone: both words count, though the L2 block is in Ecotone
    [InlineData(12, 0UL)]
    [Case("D-CK-13 D-SC-03")]
    public void Fee_scalars_are_read_by_the_time_of_the_L1_block_that_logs_them(ulong ecotone, ulong overhead)
    {
        var net = new TestNet(CaseNet.ActivatingAt(OptimismFork.Ecotone, CaseNet.At(ecotone)));
        net.L1.Mine(logs: [CaseNet.Update(net, 1, 7, 9)]);
        ulong first = ecotone == 13 ? 14UL : 12UL; // the activation block has Bedrock's form, which shows the overhead
        L1BlockInfo info = CaseNet.InfoOf(CaseNet.FirstOf(net, 1, CaseNet.At(first - 2)));
        Assert.Equal(L1BlockInfoFormat.Bedrock, info.Format);
        Assert.Equal(overhead, info.FeeOverhead.U0);
        Assert.Equal(9UL, info.FeeScalar.U0);
    }

    [Theory]
    [InlineData(OptimismFork.Holocene, 4UL)]
    [InlineData(OptimismFork.Isthmus, 5UL)]
    [InlineData(OptimismFork.Jovian, 6UL)]
    [InlineData(OptimismFork.Jovian, 7UL)]
    [Case("D-CK-14 D-LI-06")]
    public void What_a_fork_makes_settable_is_lost_when_it_is_set_before(OptimismFork fork, ulong type)
    {
        UInt256 value = type switch { 4 => (50UL << 32) | 3, 5 => new UInt256(9, 8, 0, 0), _ => 77 };
        foreach ((ulong activation, bool kept) in ((ulong, bool)[])[(18, false), (12, type is 4 or 6), (2, true)])
        {
            // the log is in L1 block 1, at 12 s, whose first L2 block is number 6
            var net = new TestNet(CaseNet.ActivatingAt(fork, CaseNet.At(activation)));
            net.L1.Mine(logs: [CaseNet.Update(net, type, value)]);
            while (net.Sequencer.HeadRef.Number < 12) net.Sequence();
            SystemConfig config = net.Sequencer.ConfigOf(net.Sequencer.Head);
            ulong seen = type switch { 4 => config.Eip1559Denominator, 5 => config.OperatorFeeConstant, 6 => config.MinBaseFee, _ => config.DAFootprintGasScalar };
            ulong unset = type switch { 4 => net.Config.FeeMarket.DenominatorCanyon, 5 or 6 => 0, _ => 400 };
            ulong set = type switch { 4 => 50, 5 => 9, _ => 77 };
            Assert.Equal(kept ? set : unset, seen);
            net.Submit([.. TestNet.Range(1, 12).Select(net.SingularOf)]);
            net.Sync();
            net.AssertSafeIsSequenced(12);
        }
    }

    [Fact]
    [Case("D-CK-15 D-LI-03")]
    public void The_blob_base_fee_follows_the_L1_fork_at_the_origins_time()
    {
        const ulong Prague = 2000, Excess = 40_000_000;
        var schedule = new BlobSchedule(new BlobSchedule.Entry(0, BlobParameters.Cancun), new BlobSchedule.Entry(Prague, BlobParameters.Prague));
        UInt256 cancun = BlobGas.BaseFee(Excess, BlobParameters.Cancun), prague = BlobGas.BaseFee(Excess, BlobParameters.Prague);
        Assert.NotEqual(cancun, prague);
        var rollup = new RollupConfig { GenesisL2Time = 10, Forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Isthmus) };
        UInt256 Fee(RollupConfig config, ulong originTime, ulong? excess)
        {
            var origin = new BlockHeader { Number = 5, Timestamp = originTime, BaseFeePerGas = 7, ExcessBlobGas = excess };
            Assert.True(L1BlockInfo.TryBuild(config, schedule, new SystemConfig(), 0, origin, new L2Time(9000), out L1BlockInfo? info));
            return info!.BlobBaseFee;
        }

        Assert.Equal(cancun, Fee(rollup, Prague - 1, Excess));
        Assert.Equal(prague, Fee(rollup, Prague, Excess));
        RollupConfig late = rollup with { PectraBlobScheduleTime = 3000 };
        Assert.Equal(cancun, Fee(late, 2999, Excess));
        Assert.Equal(prague, Fee(late, 3000, Excess));
        Assert.Equal(UInt256.One, Fee(rollup, Prague, null)); // an L1 without blobs
    }
}
