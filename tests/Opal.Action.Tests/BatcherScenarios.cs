using Opal.Derivation;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Batchers of all habits: late, verbose, restarted, with several channels at once.</summary>
public sealed class BatcherScenarios
{
    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Holocene)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-BA-02")]
    public async Task After_an_L1_block_of_any_garbage_the_next_honest_batch_works(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        var random = new Random(11);
        foreach (string kind in (string[])["version", "random", "truncated", "compression", "rlp"])
        {
            L2BlockRef safe = net.Verifier.Safe;
            byte[] channel = BatchWriter.Channel(BatchWriter.Singular(await net.SequenceAsync(2)));
            byte[] noise = new byte[300];
            random.NextBytes(noise);
            byte[] item = FrameCodec.Encode(BatchWriter.Cut(channel, 1));
            byte[] garbage = kind switch
            {
                "version" => item[1..],
                "random" => noise,
                "truncated" => item[..^1],
                "compression" => FrameCodec.Encode(BatchWriter.Cut([.. channel.AsSpan(0, 10), .. noise], 1)),
                _ => FrameCodec.Encode(BatchWriter.Cut(BatchWriter.Zlib(noise), 1)),
            };
            await net.DeriveAsync(net.Batcher.Post(garbage));
            Assert.Equal(safe, net.Verifier.Safe);
            await net.DeriveAsync(net.Batcher.Post(item));
            await net.AssertSafeAsync(safe.Number + 2);
        }

        Assert.Empty(net.Verifier.Recorder.Invalid);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock, BatchForm.Singular)]
    [InlineData(OptimismFork.Karst, BatchForm.Span)]
    [Case("S-BA-03")]
    public async Task Hundreds_of_L1_blocks_without_a_batch_are_made_up_for(OptimismFork fork, BatchForm form)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork, static config => config with { SequencingWindowSize = 1000 });
        net.Batcher.Form = form;
        for (int i = 0; i < 10; i++)
        {
            net.L1.MineEmpty(20);
            await net.Sequencer.BuildToL1HeadAsync();
            await net.Verifier.SyncAsync();
        }

        Assert.Equal(200ul, net.Sequencer.Unsafe.L1Origin.Number);
        Assert.Equal(1200ul, net.Sequencer.Unsafe.Number);
        Assert.Equal(0ul, net.Verifier.Safe.Number);
        await net.DeriveAsync(await net.Batcher.SubmitAllAsync());
        await net.AssertSafeAsync(1200);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock, BatchForm.Singular)]
    [InlineData(OptimismFork.Karst, BatchForm.Singular)]
    [InlineData(OptimismFork.Karst, BatchForm.Span)]
    [Case("S-BA-04")]
    public async Task Blocks_full_of_big_transactions_go_through_many_frames_and_channels(OptimismFork fork, BatchForm form)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.Batcher.Form = form;
        var random = new Random(4);
        var hashes = new List<Hash256>();
        var items = new List<L1Item>();
        for (int block = 0; block < 4; block++)
        {
            for (int i = 0; i < 5; i++)
            {
                byte[] data = new byte[100_000];
                random.NextBytes(data);
                hashes.Add(await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, data: data, gas: 4_500_000)));
            }

            await net.Sequencer.BuildAsync();
            L1Item[] channel = await net.Batcher.SubmitAllAsync();
            Assert.True(channel.Length >= 5, "a channel of many frames");
            items.AddRange(channel);
        }

        foreach (L1Item[] some in items.Chunk(4)) await net.DeriveAsync(some);
        await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
        foreach (Hash256 hash in hashes) Assert.NotNull(await net.Verifier.Eth.FindReceiptAsync(hash));
    }

    [Theory]
    [InlineData(OptimismFork.Delta)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-BA-05")]
    public async Task Spans_give_the_same_chain_as_singular_batches_L1_block_for_L1_block(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(3);
        var random = new Random(5);
        while (net.Sequencer.Unsafe.L1Origin.Number < 3)
        {
            for (int i = random.Next(4); i > 0; i--) await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, new UInt256((ulong)random.Next()), new byte[random.Next(200)]));
            await net.Sequencer.BuildAsync();
        }

        List<Block> blocks = await net.Sequencer.BlocksAsync(1, net.Sequencer.Unsafe.Number);
        Block[][] parts = [.. blocks.Chunk((blocks.Count / 3) + 1)];
        List<L2BlockRef> singular = await SafeHeadsAsync(net, parts);
        net.L1.Reorg(parts.Length);
        net.Batcher.Form = BatchForm.Span;
        Assert.Equal(singular, await SafeHeadsAsync(net, parts));
        Assert.Equal([.. parts.Select(static part => part[^1].Hash)], singular.Select(static head => head.Hash));
    }

    /// <summary>A new node's safe head after each of the L1 blocks that carry the parts.</summary>
    private static async Task<List<L2BlockRef>> SafeHeadsAsync(ActorNet net, Block[][] parts)
    {
        var heads = new List<L2BlockRef>();
        await using var node = new NodeActor(net, new SequencerOptions());
        foreach (Block[] part in parts)
        {
            net.L1.Mine(net.Batcher.Submit(part));
            await node.SyncAsync();
            heads.Add(node.Safe);
        }

        return heads;
    }

    [Theory]
    [InlineData(OptimismFork.Delta, false)]
    [InlineData(OptimismFork.Delta, true)]
    [InlineData(OptimismFork.Karst, false)]
    [InlineData(OptimismFork.Karst, true)]
    [Case("S-BA-06")]
    public async Task Spans_carry_epochs_with_no_and_with_rare_transactions(OptimismFork fork, bool sparse)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.Batcher.Form = BatchForm.Span;
        net.L1.MineEmpty(8);
        int sent = 0;
        await net.Sequencer.SyncAsync();
        while (net.Sequencer.Unsafe.L1Origin.Number < 8)
        {
            if (sparse && net.Sequencer.Unsafe.Number % 17 == 5)
            {
                await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
                sent++;
            }

            await net.Sequencer.BuildAsync();
        }

        Assert.Equal(sparse ? 3 : 0, sent);
        L1Item item = Assert.Single(await net.Batcher.SubmitAllAsync());
        await net.DeriveAsync(item);
        await net.AssertSafeAsync(net.Sequencer.Unsafe.Number);
        Assert.Equal(net.Verifier.Unsafe, net.Verifier.Safe);
        Assert.Equal(48ul, net.Verifier.Safe.Number);
        List<Block> blocks = await net.Verifier.BlocksAsync(1, 48);
        Assert.Equal(sent, blocks.Sum(static block => block.Transactions.Length - 1));
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock, 0, 4)] // in the order in which they were opened
    [InlineData(OptimismFork.Canyon, 2, 4)]
    [InlineData(OptimismFork.Granite, 2, 4)]
    [InlineData(OptimismFork.Holocene, 2, 2)] // the second replaced the first
    [InlineData(OptimismFork.Karst, 2, 2)]
    [Case("S-BA-09")]
    public async Task Two_channels_whose_frames_take_turns(OptimismFork fork, ulong afterSecond, ulong afterFirst)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<Block> blocks = await net.SequenceAsync(4);
        Frame[] a = BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks[2..])), 2), b = BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks[..2])), 2);
        await net.DeriveAsync(net.Batcher.PostFrames(a[0]), net.Batcher.PostFrames(b[0]), net.Batcher.PostFrames(b[1]));
        await net.AssertSafeAsync(afterSecond);
        await net.DeriveAsync(net.Batcher.PostFrames(a[1]));
        await net.AssertSafeAsync(afterFirst);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Canyon)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-BA-10")]
    public async Task A_batcher_restarted_in_the_middle_of_a_channel_begins_again_at_the_safe_head(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork); // channels time out after 8 L1 blocks
        await net.SequenceAsync(4);
        net.Batcher.MaxFrameData = 100;
        L1Item[] first = await net.Batcher.SubmitAllAsync();
        Assert.True(first.Length >= 4);
        await net.DeriveAsync(first[..(first.Length / 2)]);
        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 4);
        await net.DeriveAsync(net.Batcher.PostFrames(BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks)), 2, new ChannelId(new byte[16]))));
        // before Canyon the open channel is in front of the whole one, until it times out
        await net.AssertSafeAsync(fork == OptimismFork.Bedrock ? 0ul : 4ul);
        net.L1.MineEmpty(7);
        await net.Verifier.SyncAsync();
        await net.AssertSafeAsync(fork == OptimismFork.Bedrock ? 0ul : 4ul);
        await net.DeriveAsync();
        await net.AssertSafeAsync(4);

        // what is left of the first one comes too late
        await net.DeriveAsync(first[(first.Length / 2)..]);
        await net.AssertSafeAsync(4);
        Assert.Empty(net.Verifier.Recorder.Invalid);
    }

    [Fact]
    [Case("S-BA-11")]
    public async Task A_channel_cut_in_two_by_Holocene_is_lost_and_posted_again()
    {
        // Holocene begins with L1 block 3
        await using ActorNet net = await ActorNet.StartAsync(TestRollup.ActivatingLater(OptimismFork.Holocene, 36));
        List<Block> blocks = await net.SequenceAsync(4);
        Frame[] frames = BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks)), 2);
        await net.DeriveAsync();
        await net.DeriveAsync(net.Batcher.PostFrames(frames[0]));
        await net.DeriveAsync(net.Batcher.PostFrames(frames[1]));
        await net.AssertSafeAsync(0);
        await net.DeriveAsync(net.Batcher.PostFrames(frames[0]), net.Batcher.PostFrames(frames[1]));
        await net.AssertSafeAsync(4);
    }
}
