using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Channels that come late, twice, damaged, packed strangely.</summary>
public sealed class ChannelScenarios
{
    [Theory]
    [InlineData(OptimismFork.Bedrock, 8, true)]
    [InlineData(OptimismFork.Bedrock, 9, false)]
    [InlineData(OptimismFork.Granite, 8, true)]
    [InlineData(OptimismFork.Granite, 9, false)]
    [InlineData(OptimismFork.Holocene, 8, true)]
    [InlineData(OptimismFork.Holocene, 9, false)]
    [InlineData(OptimismFork.Karst, 8, true)]
    [InlineData(OptimismFork.Karst, 9, false)]
    [Case("S-DE-04 S-DE-05")]
    public async Task A_channel_times_out_after_so_many_blocks(OptimismFork fork, int later, bool derived)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork, static config => config with { SequencingWindowSize = 40 }); // timeout: 8 L1 blocks
        byte[] channel = BatchWriter.Channel(BatchWriter.Singular(await net.SequenceAsync(3)));
        Frame[] frames = BatchWriter.Cut(channel, 2);
        await net.DeriveAsync(net.Batcher.PostFrames(frames[0]));
        net.L1.MineEmpty(later - 1);
        await net.DeriveAsync(net.Batcher.PostFrames(frames[1]));
        await net.AssertSafeAsync(derived ? 3ul : 0ul);
        await net.DeriveAsync(net.Batcher.PostFrames(BatchWriter.Cut(channel, 2, new ChannelId(new byte[16]))));
        if (!derived && fork == OptimismFork.Bedrock)
        {
            // the late frame opened its channel again, and before Canyon that is in front until it times out
            await net.AssertSafeAsync(0);
            net.L1.MineEmpty(8);
            await net.Verifier.SyncAsync();
        }

        await net.AssertSafeAsync(3);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-DE-06")]
    public async Task Garbage_between_the_frames_of_a_channel_does_not_matter(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        Frame[] frames = BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(await net.SequenceAsync(3))), 2);
        byte[] cut = FrameCodec.Encode([frames[1]])[..^3];
        await net.DeriveAsync(net.Batcher.PostFrames(frames[0]), net.Batcher.Post(cut), net.Batcher.Post([0, 1, 2, 3]), net.Batcher.Post([7]), net.Batcher.PostFrames(frames[1]));
        await net.AssertSafeAsync(3);
    }

    [Theory]
    [InlineData(OptimismFork.Canyon)]
    [InlineData(OptimismFork.Granite)]
    [Case("S-DE-07")]
    public async Task A_channel_opened_before_the_safe_heads_origin_is_completed_after_a_restart(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        var id = new ChannelId(new byte[16]);
        // the first frame holds what every channel begins with, its rest is written later
        await net.DeriveAsync(net.Batcher.PostFrames(new Frame(id, 0, new byte[] { 0x78, 0xda }, false)));
        net.L1.MineEmpty(2);
        await net.Sequencer.BuildToL1HeadAsync();
        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        L2BlockRef safe = net.Verifier.Safe;
        Assert.True(safe.L1Origin.Number > 1, "the channel was opened before the safe head's origin");

        byte[] channel = BatchWriter.Channel(BatchWriter.Singular(await net.SequenceAsync(3)));
        Assert.Equal([0x78, 0xda], channel[..2]);
        await net.Verifier.RestartAsync();
        await net.Verifier.SyncAsync();
        await net.DeriveAsync(net.Batcher.PostFrames(new Frame(id, 1, channel.AsMemory(2), true)));
        await net.AssertSafeAsync(safe.Number + 3);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-DE-08")]
    public async Task A_channel_id_used_again_with_other_content_does_not_change_what_was_read(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<Block> blocks = await net.SequenceAsync(4);
        List<SingularBatch> others = [.. blocks[..2].Select(static block => BatchWriter.With(BatchWriter.Batch(block), transactions: []))];
        var id = new ChannelId(new byte[16]);
        Frame[] first = BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks[..2])), 2, id), second = BatchWriter.Cut(BatchWriter.Channel(others.Select(static batch => batch.Encode())), 2, id);
        await net.DeriveAsync(net.Batcher.PostFrames(first));
        await net.DeriveAsync(net.Batcher.PostFrames(second[0]), net.Batcher.PostFrames(second[1]));
        await net.AssertSafeAsync(2);
        await net.DeriveAsync(net.Batcher.Submit(blocks[2..]));
        await net.AssertSafeAsync(4);
        Assert.Empty(net.Verifier.Recorder.Invalid);
        Assert.Single(net.Verifier.Recorder.Resets); // the one at the start
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-DE-09")]
    public async Task Of_frames_and_closings_that_come_twice_the_first_count(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        Frame[] frames = BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(await net.SequenceAsync(3))), 3);
        Frame otherSecond = frames[1] with { Data = new byte[9] }, otherLast = frames[2] with { Data = new byte[9] };
        await net.DeriveAsync([.. ((Frame[])[frames[0], frames[1], otherSecond, frames[2], otherLast]).Select(frame => net.Batcher.PostFrames(frame))]);
        await net.AssertSafeAsync(3);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock, false)]
    [InlineData(OptimismFork.Bedrock, true)]
    [InlineData(OptimismFork.Karst, false)]
    [InlineData(OptimismFork.Karst, true)]
    [Case("S-DE-12")]
    public async Task Bytes_behind_the_stream_and_behind_a_batch_are_ignored(OptimismFork fork, bool behindBatches)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<Block> blocks = await net.SequenceAsync(5);
        List<byte[]> batches = BatchWriter.Singular(blocks[..3]);
        batches.AddRange(fork >= OptimismFork.Delta ? BatchWriter.Span(net.Rollup.Config, blocks[3..]) : BatchWriter.Singular(blocks[3..]));
        byte[] channel = behindBatches ? BatchWriter.Channel(batches.Select(static batch => (byte[])[.. batch, 1, 2, 0xff])) : [.. BatchWriter.Channel(batches), 0, 1, 2, 0xff];
        await net.DeriveAsync(net.Batcher.Submit(channel));
        await net.AssertSafeAsync(5);
    }

    [Fact]
    [Case("S-DE-13 S-UP-09")]
    public async Task The_same_Brotli_channel_on_either_side_of_Fjord()
    {
        // Fjord begins with L1 block 2
        await using ActorNet net = await ActorNet.StartAsync(TestRollup.ActivatingLater(OptimismFork.Fjord, 24));
        L1Item[] items = net.Batcher.Submit(BatchWriter.BrotliChannel(BatchWriter.Singular(await net.SequenceAsync(3))));
        await net.DeriveAsync(items);
        await net.AssertSafeAsync(0);
        await net.DeriveAsync(items);
        await net.AssertSafeAsync(3);
    }
}
