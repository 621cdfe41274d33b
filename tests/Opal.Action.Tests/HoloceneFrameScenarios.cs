using Opal.Derivation;
using Opal.Node;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Frames and batches out of order: sorted before Holocene, dropped from it on.</summary>
public sealed class HoloceneFrameScenarios
{
    [Theory]
    [InlineData("0 1 2", 3, 3)]
    [InlineData("2 1 0", 3, 0)]
    [InlineData("0 1 0 2", 3, 0)]
    [InlineData("0 1 1 2", 3, 3)]
    [Case("S-HO-01 S-HO-02 S-HO-03 S-HO-04")]
    public async Task Frames_of_a_channel_in_items_of_their_own(string order, ulong before, ulong after)
    {
        foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Bedrock, OptimismFork.Granite, OptimismFork.Holocene, OptimismFork.Karst])
        {
            await using ActorNet net = await ActorNet.StartAsync(fork);
            Frame[] frames = BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(await net.SequenceAsync(3))), 3);
            await net.DeriveAsync([.. order.Split(' ').Select(number => net.Batcher.PostFrames(frames[int.Parse(number)]))]);
            await net.AssertSafeAsync(fork < OptimismFork.Holocene ? before : after);
        }
    }

    [Theory]
    [InlineData("1 2 3", 3, 3)]
    [InlineData("1 3 2", 3, 1)]
    [InlineData("2 1 3", 3, 0)]
    [InlineData("1 1 2 3", 3, 3)]
    [InlineData("2 2 1 3", 3, 0)]
    [Case("S-HO-06 S-HO-07")]
    public async Task Batches_of_a_channel_in_an_order(string order, ulong before, ulong after)
    {
        foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Bedrock, OptimismFork.Granite, OptimismFork.Holocene, OptimismFork.Karst])
        {
            await using ActorNet net = await ActorNet.StartAsync(fork);
            List<byte[]> batches = BatchWriter.Singular(await net.SequenceAsync(3));
            await net.DeriveAsync(net.Batcher.Submit(BatchWriter.Channel(order.Split(' ').Select(number => batches[int.Parse(number) - 1]))));
            await net.AssertSafeAsync(fork < OptimismFork.Holocene ? before : after);
            Assert.Empty(net.Verifier.Recorder.Invalid);
        }
    }

    [Theory]
    [InlineData(0)] // one item
    [InlineData(1)] // one L1 block
    [InlineData(2)] // the next L1 block
    [Case("S-HO-13")]
    public async Task A_good_channel_behind_a_flushed_one_is_derived(int apart)
    {
        foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Holocene, OptimismFork.Karst])
        {
            await using ActorNet net = await ActorNet.StartAsync(fork);
            List<byte[]> batches = BatchWriter.Singular(await net.SequenceAsync(3));
            Frame bad = BatchWriter.Cut(BatchWriter.Channel([batches[0], batches[2], batches[1]]), 1)[0], good = BatchWriter.Cut(BatchWriter.Channel(batches[1..]), 1)[0];
            if (apart == 0) net.L1.Mine(net.Batcher.PostFrames(bad, good));
            else if (apart == 1) net.L1.Mine(net.Batcher.PostFrames(bad), net.Batcher.PostFrames(good));
            else
            {
                await net.DeriveAsync(net.Batcher.PostFrames(bad));
                await net.AssertSafeAsync(1);
                net.L1.Mine(net.Batcher.PostFrames(good));
            }

            await net.Verifier.SyncAsync();
            await net.AssertSafeAsync(3);
        }
    }

    [Fact]
    [Case("S-HO-17 S-UP-09")]
    public async Task At_Holocene_buffered_frames_and_batches_are_gone_also_when_L1_or_the_node_goes_back_over_it()
    {
        // Holocene begins with L1 block 4
        await using ActorNet net = await ActorNet.StartAsync(TestRollup.ActivatingLater(OptimismFork.Holocene, 48));
        List<Block> blocks = await net.SequenceAsync(5);
        byte[] channel = BatchWriter.Channel(BatchWriter.Singular(blocks[..2]));
        L1Item[] begun = [net.Batcher.PostFrames(BatchWriter.Cut(channel, 2)[0]), .. net.Batcher.Submit(blocks[2..4])]; // half a channel, and batches of the future
        L1Item[] ended = [net.Batcher.PostFrames(BatchWriter.Cut(channel, 2)[1])];

        // all before the fork: both count
        net.L1.MineEmpty(1);
        await net.DeriveAsync(begun);
        await net.DeriveAsync(ended);
        await net.AssertSafeAsync(4);

        // back, and the end comes in the fork's first block: the buffers are gone
        net.L1.Reorg(2);
        net.L1.MineEmpty(1);
        await net.DeriveAsync(begun);
        await net.DeriveAsync(ended);
        await net.AssertSafeAsync(0);
        await net.DeriveAsync(net.Batcher.Submit(channel));
        await net.AssertSafeAsync(2);

        // a node that starts before the fork crosses it in the same way, as often as it starts
        for (int i = 0; i < 2; i++)
        {
            await net.Verifier.RestartAsync();
            await net.Verifier.SyncAsync();
            await net.AssertSafeAsync(2);
            await using var other = new NodeActor(net, new SequencerOptions());
            await other.SyncAsync();
            Assert.Equal(net.Verifier.Safe, other.Safe);
        }

        // back from behind the fork to before it: the old stages read the channel's end once more
        net.L1.Reorg(3);
        await net.DeriveAsync(begun);
        net.L1.MineEmpty(3);
        await net.Verifier.SyncAsync();
        await net.AssertSafeAsync(0);
        await net.DeriveAsync(net.Batcher.Submit(blocks));
        await net.AssertSafeAsync(5);
    }
}
