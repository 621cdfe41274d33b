using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

public sealed class ResetTests
{
    private static TestNet Derived(OptimismFork fork, int epochs, Func<RollupConfig, RollupConfig>? change = null, int seed = 1)
    {
        var net = new TestNet(fork, change, seed);
        ulong posted = 0;
        for (int i = 0; i < epochs; i++)
        {
            net.L1.Mine();
            net.SequenceToL1Head(2);
            ulong head = net.Sequencer.HeadRef.Number;
            net.Submit([.. TestNet.Range(posted + 1, head).Select(net.SingularOf)]);
            posted = head;
        }

        net.Sync();
        net.AssertSafeIsSequenced(posted);
        return net;
    }

    private static DerivationStep Walk(TestNet net, L2BlockRef unsafeHead, L2BlockRef? safe, L2BlockRef? finalized, Func<ulong, L1BlockRef?>? l1 = null, RollupConfig? config = null)
    {
        L2BlockRef genesis = net.Verifier.RefOf(net.Verifier.Chain[0]);
        var walk = new ResetWalk(config ?? net.Config, net.Builder, unsafeHead, safe, finalized, genesis);
        for (int i = 0; i < 10_000; i++)
        {
            switch (walk.Step())
            {
                case NeedL2BlockByHash need:
                    if (net.Verifier.Chain.Find(block => block.Hash == need.Hash) is { } found) Assert.True(walk.Provide(found));
                    else walk.ProvideMissing();
                    break;
                case NeedL1Ref need:
                    L1BlockRef? reference = l1 is not null ? l1(need.Number) : need.Number < (ulong)net.L1.Chain.Count ? net.L1.Chain[(int)need.Number].Block.Ref : null;
                    if (reference is { } known) Assert.True(walk.Provide(known));
                    else walk.ProvideMissing();
                    break;
                case { } end:
                    return end;
            }
        }

        throw new InvalidOperationException("the walk does not end");
    }

    [Fact]
    [Case("D-RS-01 D-RS-03")]
    public void D_RS_03_the_safe_start_is_a_window_below_the_highest_canonical_origin()
    {
        TestNet net = Derived(OptimismFork.Granite, 15); // L1 head 30, window 10
        L2BlockRef head = net.Pipeline.SafeHead;
        ResetFound found = Assert.IsType<ResetFound>(Walk(net, head, head, null));
        Assert.Equal(head, found.Unsafe);
        Assert.True(found.Safe.L1Origin.Number + 10 < head.L1Origin.Number);
        Assert.True(found.Safe.L1Origin.Number + 13 > head.L1Origin.Number);
        L2BlockRef next = net.Verifier.RefOf(net.Verifier.Chain[(int)found.Safe.Number + 1]);
        Assert.Equal(0UL, next.SequenceNumber);

        // D-RS-07: the timeout before Fjord's successor is 50 blocks, so reading starts at genesis; a finalized block bounds the safe start
        Assert.Equal(0UL, found.Start.Number);
        L2BlockRef finalized = net.Verifier.RefOf(net.Verifier.Chain[(int)head.Number - 3]);
        found = Assert.IsType<ResetFound>(Walk(net, head, head, finalized));
        Assert.Equal(finalized, found.Safe);
        Assert.Equal(finalized, found.Finalized);
    }

    [Fact]
    [Case("D-RS-07")]
    public void D_RS_07_V_26_reading_starts_a_channel_timeout_below_the_safe_start()
    {
        TestNet net = Derived(OptimismFork.Fjord, 15, static config => config with { ChannelTimeoutBlocks = 6 });
        L2BlockRef head = net.Pipeline.SafeHead;
        ResetFound found = Assert.IsType<ResetFound>(Walk(net, head, head, head));
        Assert.Equal(head, found.Safe);
        Assert.Equal(head.L1Origin.Number - 6, found.Start.Number);
        Assert.Equal(TestNet.Batcher, found.StartConfig.BatcherAddress);
    }

    [Fact]
    [Case("D-RS-02")]
    public void D_RS_02_an_origin_ahead_of_our_l1_is_plausible_and_a_dead_one_is_not()
    {
        TestNet net = Derived(OptimismFork.Granite, 4);
        L2BlockRef head = net.Pipeline.SafeHead;
        ResetFound found = Assert.IsType<ResetFound>(Walk(net, head, head, null, number => number < head.L1Origin.Number ? net.L1.Chain[(int)number].Block.Ref : null));
        Assert.Equal(head, found.Unsafe);

        ulong dead = head.L1Origin.Number - 1;
        L1BlockRef? Other(ulong number) => number >= dead ? net.L1.Chain[(int)number].Block.Ref with { Hash = Keccak256.Hash([(byte)number]) } : net.L1.Chain[(int)number].Block.Ref;
        found = Assert.IsType<ResetFound>(Walk(net, head, head, null, Other));
        Assert.Equal(dead - 1, found.Unsafe.L1Origin.Number);
        Assert.Equal(dead, net.Verifier.RefOf(net.Verifier.Chain[(int)found.Unsafe.Number + 1]).L1Origin.Number);
    }

    [Fact]
    [Case("D-RS-05 D-RS-09 V-27")]
    public void D_RS_05_wrong_chains_and_deep_reorgs_are_refused()
    {
        TestNet net = Derived(OptimismFork.Granite, 4);
        L2BlockRef head = net.Pipeline.SafeHead, first = net.Verifier.RefOf(net.Verifier.Chain[1]);
        L1BlockRef? Elsewhere(ulong number) => net.L1.Chain[(int)number].Block.Ref with { Hash = Keccak256.Hash([(byte)number, 9]) };
        Assert.Equal(new ResetImpossible(ResetFailure.WrongL1Genesis, false), Walk(net, head, head, null, Elsewhere));
        Assert.Equal(new ResetImpossible(ResetFailure.FinalizedOriginReorged, true), Walk(net, head, head, first, Elsewhere));
        Assert.Equal(new ResetImpossible(ResetFailure.FinalizedReorged, false), Walk(net, head, head, first with { Hash = default }));
        Assert.Equal(new ResetImpossible(ResetFailure.BlockGone, true), Walk(net, head with { ParentHash = default }, head, first));

        TestNet deep = Derived(OptimismFork.Granite, 30);
        L1BlockRef? DeadFrom3(ulong number) => number < 3 ? deep.L1.Chain[(int)number].Block.Ref : Elsewhere2(deep, number);
        Assert.Equal(new ResetImpossible(ResetFailure.TooDeep, false), Walk(deep, deep.Pipeline.SafeHead, null, null, DeadFrom3));

        static L1BlockRef? Elsewhere2(TestNet of, ulong number) => of.L1.Chain[(int)number].Block.Ref with { Hash = Keccak256.Hash([(byte)number, 9]) };
    }

    [Fact]
    [Case("D-RS-04")]
    public void D_RS_04_a_broken_chain_is_an_error()
    {
        TestNet net = Derived(OptimismFork.Granite, 4);
        L2BlockRef head = net.Pipeline.SafeHead, genesis = net.Verifier.RefOf(net.Verifier.Chain[0]);
        Assert.Equal(new ResetImpossible(ResetFailure.InconsistentSequenceNumber, false), Walk(net, head with { SequenceNumber = 77 }, genesis, null));
        Assert.Equal(new ResetImpossible(ResetFailure.InconsistentOrigin, false), Walk(net, head with { L1Origin = net.L1.Chain[1].Block.Ref.Id }, genesis, null));
    }

    [Fact]
    [Case("D-RS-06")]
    public void D_RS_06_an_engine_without_labels_or_rewound_is_trusted_at_its_head()
    {
        TestNet net = Derived(OptimismFork.Granite, 16);
        RollupConfig shortWindow = net.Config with { SequencingWindowSize = 2 }; // 14 windows are 28 blocks
        L2BlockRef genesis = net.Verifier.RefOf(net.Verifier.Chain[0]), head = net.Pipeline.SafeHead;
        L2BlockRef at28 = net.Verifier.RefOf(net.Verifier.Chain.Last(block => net.Verifier.RefOf(block).L1Origin.Number == 28));
        Assert.Equal(genesis, Assert.IsType<ResetFound>(Walk(net, at28, null, null, config: shortWindow)).Finalized);
        L2BlockRef at29 = net.Verifier.RefOf(net.Verifier.Chain[(int)at28.Number + 1]);
        ResetFound found = Assert.IsType<ResetFound>(Walk(net, at29, null, null, config: shortWindow));
        Assert.Equal((at29, at29, at29), (found.Unsafe, found.Safe, found.Finalized));
        found = Assert.IsType<ResetFound>(Walk(net, at28, head, genesis));
        Assert.Equal((at28, at28, at28), (found.Unsafe, found.Safe, found.Finalized));
    }

    [Theory]
    [InlineData(OptimismFork.Canyon)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [InlineData(OptimismFork.Karst)]
    [Case("D-RS-08 D-RS-10 V-33")]
    public void S_SY_11_D_RS_08_10_a_restart_at_any_safe_head_gives_the_same_chain(OptimismFork fork)
    {
        // channels open over several blocks, spans, gaps and garbage; the unbroken run is the measure
        var net = new TestNet(fork, static config => config with { SequencingWindowSize = 30 }, seed: 8);
        var random = new Random(80 + (int)fork);
        ulong posted = 0;
        for (int round = 0; round < 8; round++)
        {
            net.L1.Mine();
            net.SequenceToL1Head(2);
            ulong head = net.Sequencer.HeadRef.Number;
            ulong[] numbers = TestNet.Range(posted + 1, head);
            byte[][] batches = fork >= OptimismFork.Delta && random.Next(2) == 0 ? [net.SpanOf(numbers)] : [.. numbers.Select(net.SingularOf)];
            Frame[] frames = net.Cut(TestNet.Compress(false, batches), 3);
            net.L1.Mine([net.Post(frames[0]), FakeL1.Calldata(net.Config, TestNet.Batcher, [1, 2, 3])]);
            if (random.Next(2) == 0) net.L1.Mine();
            net.L1.Mine([net.Post(frames[1])]);
            net.L1.Mine([net.Post(frames[2])]);
            posted = head;
        }

        net.Sync();
        net.AssertSafeIsSequenced(posted);
        L2BlockRef end = net.Pipeline.SafeHead;
        for (int number = 0; number < (int)posted; number += 5)
        {
            L2BlockRef safe = net.Verifier.RefOf(net.Verifier.Chain[number]);
            L2BlockRef finalized = safe;
            ResetFound found = Assert.IsType<ResetFound>(Walk(net, safe, safe, finalized));
            Assert.Equal(safe, found.Safe);
            net.Verifier.TruncateTo(safe);
            net.Pipeline.Reset(found.Safe, found.StartConfig, found.Start);
            Assert.IsType<Idle>(net.Derive());
            Assert.Equal(end, net.Pipeline.SafeHead);
        }
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    public void S_VE_04_l1_block_by_block_or_all_at_once_gives_the_same_safe_heads(OptimismFork fork)
    {
        var atOnce = new TestNet(fork, seed: 9);
        var stepwise = new TestNet(fork, seed: 9);
        foreach (TestNet net in (TestNet[])[atOnce, stepwise])
        {
            ulong posted = 0;
            for (int round = 0; round < 6; round++)
            {
                net.L1.Mine();
                net.SequenceToL1Head(2);
                ulong head = net.Sequencer.HeadRef.Number;
                Frame[] frames = net.Cut(TestNet.Compress(false, net.SpanOf(TestNet.Range(posted + 1, head))), 2);
                net.L1.Mine([net.Post(frames[0])]);
                if (net == stepwise) Assert.IsType<Idle>(net.Derive());
                net.L1.Mine([net.Post(frames[1])]);
                if (net == stepwise) Assert.IsType<Idle>(net.Derive());
                posted = head;
            }

            for (int i = 0; i < 15; i++)
            {
                net.L1.Mine();
                if (net == stepwise) Assert.IsType<Idle>(net.Derive());
            }

            net.Sync();
        }

        Assert.Equal(atOnce.Pipeline.SafeHead, stepwise.Pipeline.SafeHead);
        Assert.True(atOnce.Observer.Forced > 0);
        Assert.Equal(atOnce.Observer.Forced, stepwise.Observer.Forced);
    }
}
