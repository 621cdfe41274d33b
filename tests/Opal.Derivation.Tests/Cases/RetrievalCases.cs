using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>L1 traversal and retrieval beside what <see cref="RetrievalTests"/> holds.</summary>
public sealed class RetrievalCases
{
    [Fact]
    [Case("D-TR-01 D-RT-08")]
    public void A_block_whose_receipts_are_not_there_yet_is_not_entered_and_one_that_is_gone_needs_a_reset()
    {
        TestNet net = CaseNet.Sequenced(OptimismFork.Jovian, 1);
        net.L1.Mine(logs: [CaseNet.Deposit(net, 5)]);
        Assert.Equal(new NeedL1Block(0), net.Pipeline.Step());
        for (int number = 0; number <= 2 && net.Pipeline.Step() is NeedL1Block need; number++) Assert.True(net.Pipeline.Provide(net.L1.Chain[(int)need.Number].Block));
        var receipts = Assert.IsType<NeedL1Receipts>(net.Pipeline.Step());
        ulong at = net.Pipeline.Origin.Number;
        for (int i = 0; i < 3; i++) Assert.Equal(receipts, net.Pipeline.Step()); // a provider's failure is the caller's to retry
        Assert.Equal(at, net.Pipeline.Origin.Number);
        Assert.Equal(receipts.Block.Number, at + 1);
        Assert.False(net.Pipeline.Provide(net.L1.Chain[0].Receipts));
        net.Pipeline.ProvideMissing();
        Assert.Equal(new ResetNeeded(ResetReason.L1BlockGone), net.Pipeline.Step());
    }

    [Fact]
    [Case("D-TR-04")]
    public void Config_logs_of_other_contracts_topics_and_failed_calls_change_nothing()
    {
        var net = new TestNet(OptimismFork.Jovian);
        LogEntry good = CaseNet.Update(net, 2, 40_000_000);
        LogEntry foreign = new(TestNet.Batcher, good.Topics, good.Data), other = new(good.Address, [Hash256.Zero, good.Topics[1], good.Topics[2]], good.Data);
        L1Block block = net.L1.Mine(logs: [good, foreign, other]);
        Assert.Equal(40_000_000UL, CaseNet.FirstOf(net, 1, CaseNet.At(10)).GasLimit);
        net.L1.Chain[1] = new FakeL1.Entry(block, new L1Receipts(block.Hash, [new Receipt { Succeeded = true, Logs = [foreign, other] }, new Receipt { Succeeded = false, Logs = [good] }]));
        Assert.Equal(30_000_000UL, CaseNet.FirstOf(net, 1, CaseNet.At(10)).GasLimit);
    }

    [Fact]
    [Case("D-TR-05")]
    public void A_receipt_of_unknown_type_counts_with_its_logs_and_an_unreadable_one_is_left_out()
    {
        var net = new TestNet(OptimismFork.Jovian);
        LogEntry update = CaseNet.Update(net, 2, 40_000_000);
        L1Block block = net.L1.Mine([null, null], [update]);
        Assert.Null(block.Transactions[0]);
        net.L1.Chain[1] = new FakeL1.Entry(block, new L1Receipts(block.Hash, [null, new Receipt { Type = (TransactionType)0x33, Succeeded = true, Logs = [update] }, null]));
        Assert.Equal(40_000_000UL, CaseNet.FirstOf(net, 1, CaseNet.At(10)).GasLimit);
        while (net.Sequencer.HeadRef.Number < 7) net.Sequence(1);
        net.Submit(net.SpanOf(TestNet.Range(1, 7)));
        net.Sync();
        net.AssertSafeIsSequenced(7);
    }

    [Fact]
    [Case("D-RT-09")]
    public void While_blobs_do_not_come_the_same_ones_are_asked_for_and_nothing_is_read_twice()
    {
        TestNet net = CaseNet.Sequenced(OptimismFork.Jovian, 4);
        Frame[] frames = net.Cut(CaseNet.Singulars(net, 1, 2, 3, 4), 3);
        byte[] blob = FakeL1.Blob(FrameCodec.Encode([frames[1]]));
        net.L1.Mine([net.Post(frames[0]), net.L1.BlobTransaction(net.Config, TestNet.Batcher, [], blob), net.Post(frames[2])]);
        DerivationStep step;
        while ((step = net.Pipeline.Step()) is NeedL1Block need) Assert.True(net.Pipeline.Provide(net.L1.Chain[(int)need.Number].Block));
        for (int i = 0; i < 3; i++) Assert.Same(step, net.Pipeline.Step());
        Assert.True(net.Pipeline.Provide(new L1Blobs(((NeedBlobs)step).Block.Hash, [blob])));
        Assert.IsType<Idle>(net.Derive());
        net.AssertSafeIsSequenced(4);
        Assert.Empty(net.Observer.Frames);
    }
}
