using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>Where a walk back starts reading and with which key, beside what <see cref="ResetTests"/> holds.</summary>
public sealed class ResetCases
{
    /// <summary>A net with a channel of every epoch's blocks in the L1 block after it; <paramref name="mine"/> makes that block.</summary>
    private static TestNet Derived(TestNet net, int epochs, Func<int, Frame[], L1Block> mine)
    {
        net.L1.Mine();
        ulong posted = 0;
        for (int epoch = 1; epoch <= epochs; epoch++)
        {
            while (net.Sequencer.Head.Header.Timestamp + 2 < net.L1.Head.Header.Timestamp + FakeL1.BlockTime) net.Sequence(1);
            ulong head = net.Sequencer.HeadRef.Number;
            mine(epoch, net.Cut(CaseNet.Singulars(net, TestNet.Range(posted + 1, head)), 1));
            posted = head;
        }

        net.Sync();
        net.AssertSafeIsSequenced(posted);
        return net;
    }

    private static ResetFound Walk(TestNet net, L2BlockRef safe)
    {
        var walk = new ResetWalk(net.Config, net.Builder, safe, safe, safe, CaseNet.RefAt(net.Verifier, 0));
        while (true)
        {
            switch (walk.Step())
            {
                case NeedL2BlockByHash need: Assert.True(walk.Provide(net.Verifier.Chain.Find(block => block.Hash == need.Hash)!)); break;
                case NeedL1Ref need: Assert.True(walk.Provide(net.L1.Chain[(int)need.Number].Block.Ref)); break;
                case { } end: return Assert.IsType<ResetFound>(end);
            }
        }
    }

    [Theory]
    [InlineData(0, 9)] // Granite always: 3 blocks below 12
    [InlineData(11, 6)] // a block before Granite has the longer time: the walk goes on to 6 blocks below
    [InlineData(9, 9)] // the walk ends before it comes to one
    [InlineData(100, 6)]
    [Case("V-26 D-RS-07")]
    public void How_far_a_walk_goes_back_is_asked_by_the_time_of_the_L1_block_it_stands_at(ulong granite, ulong start)
    {
        OptimismForkTimes forks = CaseNet.ActivatingAt(OptimismFork.Granite, granite == 0 ? 0 : CaseNet.At(granite * FakeL1.BlockTime));
        var net = new TestNet(forks, static config => config with { ChannelTimeoutBlocks = 6, ChannelTimeoutGraniteBlocks = 3 });
        Derived(net, 12, (_, frames) => net.L1.Mine([net.Post(frames)]));
        L2BlockRef safe = net.Verifier.RefOf(net.Verifier.Chain.Last(static _ => true));
        Assert.Equal(12UL, safe.L1Origin.Number);
        ResetFound found = Walk(net, safe);
        Assert.Equal(start, found.Start.Number);
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [Case("V-25 V-27 D-RS-07 D-RS-08")]
    public void The_key_at_the_start_is_that_of_the_block_walked_back_to(OptimismFork fork)
    {
        Address other = Address.Parse("0x00000000000000000000000000000000000b0b0b");
        var net = new TestNet(fork, static config => config with { ChannelTimeoutGraniteBlocks = 4 });
        Frame[] held = [];
        Derived(net, 10, (epoch, frames) =>
        {
            // epoch 6's channel begins under the old key and ends under the new one, which L1 block 8 brings
            if (epoch < 6) return net.L1.Mine([net.Post(frames)]);
            if (epoch == 6)
            {
                byte[] data = frames[0].Data.ToArray();
                held = net.Cut(data, 2);
                return net.L1.Mine([net.Post(held[0])]);
            }

            Transaction From(Frame[] sent) => FakeL1.Calldata(net.Config, other, FrameCodec.Encode(sent));
            if (epoch == 7) return net.L1.Mine([From([held[1]]), From(frames)], [CaseNet.Update(net, 0, other.ToUInt256())]);
            return net.L1.Mine([From(frames)]);
        });

        L2BlockRef end = net.Pipeline.SafeHead;
        Assert.Equal(other, net.Verifier.ConfigOf(net.Verifier.Head).BatcherAddress);
        foreach (L2BlockRef safe in net.Verifier.Chain[1..].Select(net.Verifier.RefOf).Where(static block => block.SequenceNumber == 2).ToArray())
        {
            ResetFound found = Walk(net, safe);
            Block started = net.Verifier.Chain.First(block => net.Verifier.RefOf(block).L1Origin.Number == found.Start.Number);
            Assert.Equal(net.Verifier.ConfigOf(started).BatcherAddress, found.StartConfig.BatcherAddress);
            Assert.Equal(found.Start.Number < 8 ? TestNet.Batcher : other, found.StartConfig.BatcherAddress);
            net.Verifier.TruncateTo(safe);
            net.Pipeline.Reset(found.Safe, found.StartConfig, found.Start);
            Assert.IsType<Idle>(net.Derive());
            Assert.Equal(end, net.Pipeline.SafeHead);
        }
    }
}
