using Opal.Node;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>What L1 calls final or deep enough, where that is not plain.</summary>
public sealed class LabelCases
{
    [Theory]
    [MemberData(nameof(ForkMatrix.Ends), MemberType = typeof(ForkMatrix))]
    [Case("D-FN-03 S-FI-04")]
    public async Task A_finalized_block_that_is_not_canonical_finalizes_nothing_and_asks_for_a_reset(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        await net.RoundAsync();
        await net.RoundAsync();
        net.L1.MineEmpty(1);
        BlockHeader orphan = net.L1.Head;
        net.L1.Reorg(1);
        net.L1.MineEmpty(2);
        await net.Verifier.SyncAsync();
        L2BlockRef safe = net.Verifier.Safe;
        int resets = net.Verifier.Recorder.Resets.Count;
        net.L1.FinalizedHeader = orphan;
        await net.Verifier.RunUntilAsync(() => net.Verifier.Recorder.Resets.Count > resets, TimeSpan.FromMinutes(2));
        Assert.Contains("final", net.Verifier.Recorder.Resets[^1], StringComparison.Ordinal);
        Assert.Equal(0ul, net.Verifier.Finalized.Number);

        // the provider comes to its senses
        net.L1.FinalizedHeader = null;
        net.L1.FinalizedNumber = net.L1.Head.Number;
        await net.Verifier.RunUntilAsync(() => net.Verifier.Finalized.Number > 0, TimeSpan.FromMinutes(2));
        await net.Verifier.SyncAsync();
        Assert.Equal(safe, net.Verifier.Finalized);
        Assert.Equal(safe, net.Verifier.Safe);
    }

    [Fact]
    [Case("D-SQ-03")]
    public async Task A_sequencer_keeps_an_origin_that_is_in_use_though_it_is_not_deep_enough_to_be_adopted()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        net.L1.MineEmpty(2);
        await net.RoundAsync();
        L2BlockRef head = net.Sequencer.Unsafe;
        Assert.Equal(net.L1.Head.Number - 1, head.L1Origin.Number);
        await using var careful = new NodeActor(net, new SequencerOptions { Enabled = true, L1Confirmations = 4 });
        await careful.RunUntilAsync(() => careful.Unsafe.Number >= head.Number + 2, TimeSpan.FromMinutes(2));
        L2BlockRef made = careful.Unsafe;
        Assert.Equal(head.L1Origin, made.L1Origin);
        Assert.Equal(head.Hash, (await careful.BlockAsync(head.Number)).Hash);
        Assert.Equal(head.SequenceNumber + (made.Number - head.Number), made.SequenceNumber);
    }
}
