using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>Blocks that derivation makes of itself once the sequencing window has run out.</summary>
public sealed class EmptyBatchCases
{
    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("D-EB-01 D-EB-03 D-EB-04 V-35")]
    public void An_epoch_is_filled_until_the_next_ones_time_and_then_the_next_one_is_opened(OptimismFork fork)
    {
        var net = new TestNet(fork);
        for (int i = 0; i < 30; i++) net.L1.Mine();
        net.Sync();
        ulong drained = net.Pipeline.Origin.Number;
        Assert.Equal(30UL, drained);
        L2BlockRef previous = CaseNet.RefAt(net.Verifier, 0);
        foreach (Block block in net.Verifier.Chain[1..])
        {
            L2BlockRef at = net.Verifier.RefOf(block);
            ulong expected = (at.Timestamp - TestNet.GenesisTime) / FakeL1.BlockTime; // the newest origin that is not later
            Assert.Equal(expected, at.L1Origin.Number);
            Assert.Equal(at.L1Origin.Number == previous.L1Origin.Number ? previous.SequenceNumber + 1 : 0, at.SequenceNumber);
            previous = at;
        }

        // epoch 20's window ends with block 30, all of whose data are read
        Assert.Equal(20UL, previous.L1Origin.Number);
        Assert.Equal((21 * FakeL1.BlockTime) - 2, previous.Timestamp - TestNet.GenesisTime);
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("D-EB-05 D-EB-04")]
    public void An_L2_clock_ahead_of_L1_gets_one_block_an_epoch(OptimismFork fork)
    {
        var net = new TestNet(fork);
        for (int i = 0; i < 30; i++) net.L1.Mine(seconds: 1);
        for (int i = 0; i < 20; i++) net.L1.Mine(seconds: 12); // L1 catches up
        net.Sync();
        for (ulong number = 1; number <= 30; number++) Assert.Equal(number, CaseNet.RefAt(net.Verifier, number).L1Origin.Number);
        L2BlockRef last = net.Verifier.HeadRef;
        Assert.True(last.L1Origin.Number > 35);
        Assert.True(last.SequenceNumber > 0);
        L1BlockRef origin = net.L1.Chain[(int)last.L1Origin.Number].Block.Ref;
        Assert.InRange(last.Timestamp, origin.Timestamp, origin.Timestamp + 12);
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("D-EB-02")]
    public void Without_the_L1_block_after_the_epoch_nothing_is_forced(OptimismFork fork)
    {
        // no window at all: the epoch is over in its own block, but its successor's time is not known
        var net = new TestNet(fork, static config => config with { SequencingWindowSize = 0 });
        Assert.Same(Idle.Instance, net.Derive());
        Assert.Equal(0UL, net.Safe);
        net.L1.Mine();
        Assert.Same(Idle.Instance, net.Derive());
        Assert.Equal(5UL, net.Safe);
        Assert.Equal(0UL, net.Pipeline.SafeHead.L1Origin.Number);
    }

    [Theory]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [Case("V-36 D-CK-03")]
    public void Constants_that_are_not_the_standard_ones_are_taken_from_the_configuration(OptimismFork fork)
    {
        foreach (ulong drift in (ulong[])[1800, 2892])
        {
            var net = new TestNet(fork, config => config with { BlockTimeSeconds = 100, MaxSequencerDriftFjordSeconds = drift, SequencingWindowSize = 500, ChannelTimeoutGraniteBlocks = 3 });
            for (int i = 0; i < 28; i++) net.Sequence(1, stay: true); // up to 2,800 s on the genesis origin
            net.L1.Mine(seconds: 2900);
            Frame[] frames = net.Cut(CaseNet.Singulars(net, TestNet.Range(1, 28)), 2);
            net.L1.Mine([net.Post(frames[0])]);
            for (int i = 0; i < 2; i++) net.L1.Mine();
            net.L1.Mine([net.Post(frames[1])]); // the last block of the channel's time
            net.Sync();
            net.AssertSafeIsSequenced(drift == 1800 ? 18UL : 28UL);
        }
    }
}
