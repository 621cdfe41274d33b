using System.IO.Compression;
using Opal.Batcher;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>The product's own batcher on a chain that changes under it, and with more to write than a channel may hold.</summary>
public sealed class BatcherServiceScenarios
{
    private static readonly BatcherOptions s_options = new()
    {
        BatchInbox = TestRollup.Inbox, PollInterval = TimeSpan.FromMilliseconds(5), MaxChannelDurationBlocks = 1000, SequencingWindowBlocks = 1000, ChannelTimeoutBlocks = 1000,
    };

    [Theory]
    [InlineData(OptimismFork.Holocene, BatchType.Singular)]
    [InlineData(OptimismFork.Karst, BatchType.Span)]
    [Case("S-BA-12")]
    public async Task Blocks_replaced_by_deposits_alone_are_not_posted_and_what_follows_is(OptimismFork fork, BatchType type)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<Block> old = await net.SequenceAsync(3);
        await using var batcher = new ServiceBatcher(net, s_options with { BatchType = type });
        await batcher.UntilAsync(() => batcher.Status.PendingBlocks == 3);

        // somebody with the batcher's key posts a block 2 that the engine refuses
        SingularBatch bad = BatchWriter.Adding(BatchWriter.Batch(old[1]), new TestAccount("nobody").Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One).Encoded);
        net.L1.Mine(net.Batcher.Submit(BatchWriter.Channel([BatchWriter.Batch(old[0]).Encode(), bad.Encode()])));
        await net.Sequencer.SyncAsync();
        L2BlockRef replaced = net.Sequencer.Unsafe;
        Assert.Equal(2ul, replaced.Number);
        Assert.NotEqual(old[1].Hash, replaced.Hash);
        Assert.Equal(replaced, net.Sequencer.Safe);

        // it lets go of the old blocks and waits for new ones
        await batcher.UntilAsync(() => batcher.Status.PendingBlocks == 0);
        Assert.Equal(0, batcher.Sent);
        await net.Sequencer.BuildAsync(4);
        await batcher.UntilAsync(() => batcher.Status.PendingBlocks == 4);
        Assert.Equal(0, batcher.Sent);
        batcher.Flush();
        await batcher.UntilAsync(() => batcher.Sent == 1);
        batcher.Mine();
        await net.Verifier.SyncAsync();
        await net.AssertSafeAsync(6);
        Assert.Equal(replaced.Hash, (await net.Verifier.BlockAsync(2)).Hash);

        // and goes on
        await net.Sequencer.BuildAsync(1);
        await batcher.UntilAsync(() => batcher.Status.PendingBlocks == 1);
        batcher.Flush();
        await batcher.UntilAsync(() => batcher.Sent == 1);
        batcher.Mine();
        await net.Verifier.SyncAsync();
        await net.AssertSafeAsync(7);
        Assert.Single(net.Verifier.Recorder.Invalid);
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock, BatchType.Singular)]
    [InlineData(OptimismFork.Karst, BatchType.Singular)]
    [InlineData(OptimismFork.Karst, BatchType.Span)]
    [Case("S-BA-08")]
    public async Task What_would_pass_the_limit_of_a_channel_goes_into_the_next(OptimismFork fork, BatchType type)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        byte[] zeros = new byte[120_000]; // so many compress to next to nothing
        for (int block = 0; block < 8; block++)
        {
            foreach (TestAccount account in (TestAccount[])[net.Alice, net.Bob])
            {
                for (int i = 0; i < 10; i++) await net.Sequencer.SendAsync(account.Sign(TestRollup.L2ChainId, net.Bob.Address, data: zeros, gas: 1_300_000));
            }

            await net.Sequencer.BuildAsync();
        }

        List<Block> blocks = await net.Sequencer.BlocksAsync(1, 8);
        int bytes = blocks.Sum(static block => block.Transactions.Length - 1) * zeros.Length; // 19 million where every block had the time to take its twenty
        Assert.InRange(bytes, 12_000_000, 20_000_000);
        var codec = new ChannelCodec(net.Rollup.Config, s_options with { BatchType = type });
        var manager = new ChannelManager(s_options with { BatchType = type }, codec);
        foreach (Block block in blocks) Assert.Equal(AddBlockResult.Added, manager.AddBlock(block));
        manager.Advance(net.L1.Head.Number, static _ => 0, flush: true);
        var channels = new Dictionary<ChannelId, List<byte>>();
        while (manager.TryNextTransaction(out BatcherTransaction? transaction))
        {
            Frame frame = Assert.Single(transaction!.Frames);
            if (!channels.TryGetValue(frame.Channel, out List<byte>? content)) channels.Add(frame.Channel, content = []);
            content.AddRange(frame.Data.Span);
            net.L1.Mine(net.Batcher.PostFrames(frame));
            manager.Confirm(transaction.Id, net.L1.Head.Number);
        }

        // a channel may hold ten million bytes before Fjord, and a hundred from then on
        int limit = DerivationParameters.MaxRlpBytesPerChannel(net.Rollup.Config, new L1InclusionTime(net.L1.Head.Timestamp));
        Assert.True(channels.Count >= (limit < bytes ? 2 : 1), $"{channels.Count} channels");
        foreach (List<byte> content in channels.Values)
        {
            using var unpacked = new MemoryStream();
            using (var zlib = new ZLibStream(new MemoryStream([.. content]), CompressionMode.Decompress)) zlib.CopyTo(unpacked);
            Assert.InRange(unpacked.Length, 1, limit);
        }

        await net.Verifier.SyncAsync();
        await net.AssertSafeAsync(8);
    }
}
