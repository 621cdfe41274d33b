using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>The batch queue and its Holocene successor as stages: order, waiting, the rest of a span, forced blocks.</summary>
public sealed class BatchCases
{
    [Fact]
    [Case("D-BQ-01")]
    public void Of_the_batches_for_a_slot_the_first_acceptable_in_order_of_inclusion_wins()
    {
        TestNet net = CaseNet.Sequenced(OptimismFork.Granite, 2);
        SingularBatch first = net.BatchOf(net.Sequencer.Chain[1]);
        byte[] broken = CaseNet.Altered(first, epochHash: Keccak256.Hash([1])).Encode();
        byte[] rival = CaseNet.Altered(first, transactions: []).Encode();
        net.L1.Mine([CaseNet.Whole(net, TestNet.Compress(false, broken, first.Encode(), rival))]);
        net.Sync();
        net.AssertSafeIsSequenced(1);
        Assert.True(net.Observer.Saw(BatchRule.EpochHashMismatch));
        Assert.True(net.Observer.Saw(BatchRule.TimestampInPast)); // the rival
    }

    [Fact]
    [Case("D-BQ-02")]
    public void A_batch_is_judged_at_its_arrival_and_again_on_the_safe_head_of_its_turn()
    {
        TestNet net = CaseNet.Sequenced(OptimismFork.Granite, 2);
        byte[] orphan = CaseNet.Altered(net.BatchOf(net.Sequencer.Chain[2]), parent: Keccak256.Hash([1])).Encode();
        net.L1.Mine([CaseNet.Whole(net, TestNet.Compress(false, orphan))]);
        Assert.IsType<Idle>(net.Derive());
        Assert.Empty(net.Observer.Batches); // it waits: its time comes first among the rules
        net.Submit(net.SingularOf(1));
        Assert.IsType<Idle>(net.Derive());
        net.AssertSafeIsSequenced(1);
        Assert.True(net.Observer.Saw(BatchRule.ParentHashMismatch));
        net.Submit(net.SingularOf(2));
        net.Sync();
        net.AssertSafeIsSequenced(2);
    }

    [Fact]
    [Case("D-BQ-03 D-SP-10")]
    public void While_the_front_batch_is_undecided_nothing_behind_it_is_tried_and_no_block_is_forced()
    {
        TestNet net = CaseNet.Sequenced(new TestNet(OptimismFork.Granite, static config => config with { SequencingWindowSize = 3 }), 2);
        while (net.L1.Chain.Count < 3) net.L1.Mine();
        // ends in L1 block 4, which nobody knows yet in block 3
        SingularBatch[] reaching = new SingularBatch[5];
        for (int i = 0; i < reaching.Length; i++)
        {
            reaching[i] = CaseNet.Altered(net.BatchOf(net.Sequencer.Chain[1]), time: CaseNet.At(2 + (2 * (ulong)i)), epoch: (ulong)i, transactions: []);
        }

        net.L1.Mine([CaseNet.Whole(net, TestNet.Compress(false, CaseNet.Span(net, reaching), net.SingularOf(1), net.SingularOf(2)))]);
        Assert.IsType<Idle>(net.Derive());
        Assert.Equal(0UL, net.Safe);
        Assert.Equal(0, net.Observer.Forced);
        net.L1.Mine();
        Assert.IsType<Idle>(net.Derive());
        Assert.True(net.Observer.Saw(BatchRule.EpochHashMismatch)); // block 4 has another hash
        Assert.True(net.Safe >= 2);
        Assert.Equal(net.Sequencer.Chain[2].Hash, net.Verifier.Chain[2].Hash);
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [Case("D-BQ-04 D-RS-08")]
    public void Batches_from_before_the_safe_heads_origin_are_thrown_away(OptimismFork fork)
    {
        TestNet net = Epochs(fork, 6);
        L2BlockRef safe = FirstOf(net, 5), end = net.Pipeline.SafeHead;
        net.Verifier.TruncateTo(safe);
        net.Observer.Batches.Clear();
        net.Pipeline.Reset(safe, net.Config.GenesisSystemConfig, net.L1.Chain[1].Block.Ref);
        Assert.IsType<Idle>(net.Derive());
        Assert.Equal(end, net.Pipeline.SafeHead);
        int thrown = net.Observer.Batches.Count(static entry => entry.Check.Rule == BatchRule.OriginBehindSafeHead);

        // the batches of epoch e came in L1 block e + 1: those of blocks 2 to 4, and to 5 from Holocene on
        Assert.Equal(fork == OptimismFork.Holocene ? 4 : 3, thrown);
    }

    /// <summary>A net with one span for every epoch, posted in the L1 block after it, and derived.</summary>
    private static TestNet Epochs(OptimismFork fork, int count)
    {
        var net = new TestNet(fork);
        net.L1.Mine();
        ulong posted = 0;
        for (int epoch = 1; epoch <= count; epoch++)
        {
            while (net.Sequencer.Head.Header.Timestamp + 2 < net.L1.Head.Header.Timestamp + FakeL1.BlockTime) net.Sequence(1);
            ulong head = net.Sequencer.HeadRef.Number;
            net.Submit(net.SpanOf(TestNet.Range(posted + 1, head)));
            posted = head;
        }

        net.Sync();
        net.AssertSafeIsSequenced(posted);
        return net;
    }

    private static L2BlockRef FirstOf(TestNet net, ulong origin) => net.Verifier.RefOf(net.Verifier.Chain.First(block => net.Verifier.RefOf(block).L1Origin.Number == origin));

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [Case("D-BQ-05 D-BQ-09")]
    public void Before_Holocene_only_the_last_block_of_a_span_moves_the_safe_head(OptimismFork fork)
    {
        TestNet net = CaseNet.Sequenced(fork, 20); // origins 0 to 3
        net.Submit(net.SpanOf(TestNet.Range(1, 20)));
        net.Sync();
        net.AssertSafeIsSequenced(20);
        Assert.Equal(20, net.Given.Count);
        for (int i = 0; i < 20; i++) Assert.Equal(fork == OptimismFork.Holocene || i == 19, net.Given[i].ConcludesBatch);
    }

    [Fact]
    [Case("D-BQ-06 D-EN-05")]
    public void When_a_block_of_a_span_fails_its_rest_goes_and_the_queue_is_asked_again()
    {
        TestNet net = CaseNet.Sequenced(OptimismFork.Granite, 4);
        net.Refused.Add(3);
        net.Submit(net.SpanOf(1, 2, 3, 4), net.SingularOf(1), net.SingularOf(2), CaseNet.Altered(net.BatchOf(net.Sequencer.Chain[3]), transactions: []).Encode());
        net.Sync();
        Assert.Equal(3UL, net.Safe);
        Assert.Equal(net.Sequencer.Chain[2].Hash, net.Verifier.Chain[2].Hash);
        Assert.Single(net.Verifier.Chain[3].Transactions);
    }

    [Fact]
    [Case("D-BQ-06")]
    public void A_rest_of_a_span_that_does_not_follow_the_safe_head_is_dropped_and_the_queue_is_asked()
    {
        TestNet net = CaseNet.Sequenced(OptimismFork.Granite, 6);
        net.Submit(net.SpanOf(1, 2, 3, 4));
        net.Sync();

        // as if the block before the rest had failed: the rest begins with block 6, the safe head is block 4
        DerivationSnapshot taken = Between(net);
        var rest = new SingularBatch[] { net.BatchOf(net.Sequencer.Chain[6]) };
        net.Pipeline.Restore(new DerivationSnapshot(taken.Safe, taken.Config, taken.Current, taken.StageOrigin, taken.Epochs, taken.Channels, taken.Batches, rest));
        net.Submit(net.SingularOf(5), net.SingularOf(6));
        net.Sync();
        net.AssertSafeIsSequenced(6);
        Assert.True(net.Observer.Saw(BatchRule.SpanRemainderStale));
    }

    private static DerivationSnapshot Between(TestNet net)
    {
        Assert.IsType<NeedL1Block>(net.Pipeline.Step());
        return net.Pipeline.TakeSnapshot()!;
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [Case("D-BQ-07")]
    public void A_stage_that_knows_neither_the_safe_heads_origin_nor_the_next_asks_for_a_reset(OptimismFork fork)
    {
        TestNet net = Epochs(fork, 6);
        L2BlockRef safe = FirstOf(net, 4);
        net.Verifier.TruncateTo(safe);
        net.Pipeline.Reset(safe, net.Config.GenesisSystemConfig, net.L1.Chain[6].Block.Ref);
        Assert.Equal(new ResetNeeded(ResetReason.EpochOutOfStep), net.Derive());
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [Case("D-SP-15 V-13")]
    public void A_span_waits_for_the_blocks_it_overlaps_however_often_the_look_up_fails(OptimismFork fork)
    {
        TestNet net = CaseNet.Sequenced(fork, 8);
        net.Submit(net.SpanOf(TestNet.Range(1, 7)));
        net.Sync();
        net.Submit(net.SpanOf(TestNet.Range(5, 8)));
        DerivationStep step;
        while ((step = net.Pipeline.Step()) is not NeedL2Block)
        {
            if (step is NeedL1Block need) net.Pipeline.Provide(net.L1.Chain[(int)need.Number].Block);
        }

        for (int i = 0; i < 5; i++) Assert.Equal(step, net.Pipeline.Step());
        net.Sync();
        net.AssertSafeIsSequenced(8);
        Assert.DoesNotContain(ChannelRule.Flushed, net.Observer.Channels);
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [Case("V-32 D-SP-14 D-RG-03")]
    public void An_overlapping_span_with_a_dead_origin_at_its_end_is_dropped_and_derivation_goes_on(OptimismFork fork)
    {
        TestNet net = CaseNet.Sequenced(fork, 14);
        byte[] overlapping = net.SpanOf(TestNet.Range(5, 14)); // its last origin is L1 block 2
        net.Submit(net.SpanOf(TestNet.Range(1, 7)));
        net.Sync();
        net.AssertSafeIsSequenced(7);
        byte[] honest = net.SpanOf(TestNet.Range(8, 11));
        net.L1.Rewind(2);
        net.L1.Mine(); // another block 2
        net.Submit(net.SpanOf(TestNet.Range(1, 7)));
        net.L1.Mine([CaseNet.Whole(net, TestNet.Compress(false, overlapping))]);
        net.Submit(honest);
        net.Sync();
        net.AssertSafeIsSequenced(11);
        Assert.True(net.Observer.Saw(BatchRule.EpochHashMismatch));
    }

    [Fact]
    [Case("D-SP-13")]
    public void From_Holocene_on_the_blocks_of_a_span_are_judged_one_by_one_and_the_good_ones_before_a_bad_one_stand()
    {
        foreach (string fault in (string[])["empty", "deposit", "set code"])
        {
            TestNet net = CaseNet.Sequenced(OptimismFork.Holocene, 4);
            byte[] transaction = fault switch { "empty" => [], "deposit" => [0x7e, 0xc0], _ => net.RandomTransaction(TransactionType.SetCode).Encoded };
            SingularBatch[] blocks = [.. Enumerable.Range(1, 4).Select(number => net.BatchOf(net.Sequencer.Chain[number]))];
            blocks[2] = CaseNet.Altered(blocks[2], transactions: [transaction]);
            if (fault == "set code") net.Submit(CaseNet.Span(net, blocks));
            else net.Submit([.. blocks.Select(static block => block.Encode())]); // a span cannot carry these
            net.Sync();
            net.AssertSafeIsSequenced(2);
            Assert.Contains(ChannelRule.Flushed, net.Observer.Channels);
        }
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [Case("D-SP-14 V-12")]
    public void Every_block_of_a_long_overlap_is_asked_for_once(OptimismFork fork)
    {
        var net = new TestNet(fork, static config => config with { SequencingWindowSize = 600 });
        while (net.L1.Chain.Count < 502) net.L1.Mine();
        while (net.Sequencer.HeadRef.Number < 3001) net.Sequence();
        net.Submit(net.SpanOf(TestNet.Range(1, 3000)));
        net.Sync();
        net.AssertSafeIsSequenced(3000);
        Assert.Equal(0, net.LookUps);
        net.Submit(net.SpanOf(TestNet.Range(1, 3001)));
        net.Sync();
        net.AssertSafeIsSequenced(3001);
        Assert.Equal(3001, net.LookUps); // and the parent of the first
    }

    [Theory]
    [InlineData(OptimismFork.Granite, 0UL)]
    [InlineData(OptimismFork.Holocene, 900UL)] // up to the drift of 1,800 s
    [Case("D-SB-11 D-SP-12")]
    public void A_span_of_millions_of_empty_blocks_takes_memory_for_the_blocks_that_are_used(OptimismFork fork, ulong derived)
    {
        TestNet net = CaseNet.Sequenced(fork, 1);
        var content = new ByteWriter();
        content.Write(SpanBatch.Version);
        content.WriteUvarint(2);
        content.WriteUvarint(0);
        HashCheck.Of(net.Config.GenesisL2.Hash).CopyTo(content.Take(HashCheck.Size));
        HashCheck.Of(net.Config.GenesisL1.Hash).CopyTo(content.Take(HashCheck.Size));
        content.WriteUvarint(2_000_000);
        content.Take(250_000 + 2_000_000).Clear(); // no new origin, no transactions
        net.Submit(content.ToArray());
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.IsType<Idle>(net.Derive());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 120_000_000);
        Assert.Equal(derived, net.Safe);
        Assert.True(net.Observer.Saw(BatchRule.SequencerDriftOriginAvailable));
    }
}
