using System.Diagnostics;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>The block feed: signed unsafe blocks from one node to the next.</summary>
public sealed class FeedScenarios
{
    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Canyon)]
    [InlineData(OptimismFork.Ecotone)]
    [InlineData(OptimismFork.Jovian)]
    public async Task Blocks_reach_a_node_and_the_node_behind_it(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(8);
        var key = new Key();
        await using var maker = new NodeActor(net, new SequencerOptions { Enabled = true, L1Confirmations = 0 }) { Signer = key };
        await maker.RestartAsync();
        await maker.SyncAsync();
        await maker.BuildAsync(20); // the feed begins with what was made before anybody asked
        await using NodeActor first = await FollowAsync(net, maker, () => key.Address);
        await using NodeActor second = await FollowAsync(net, first, () => key.Address);
        for (int round = 0; round < 5; round++)
        {
            await PollAsync(first, maker);
            await PollAsync(second, first);
            await maker.SendAsync(net.Bob.Sign(TestRollup.L2ChainId, net.Alice.Address, UInt256.One));
            await maker.BuildAsync(1);
        }

        await PollAsync(first, maker);
        Assert.Equal(maker.Unsafe, first.Unsafe);
        Assert.Null(first.Node.Follower!.Report.Trouble);

        await PollAsync(second, first);
        Assert.Equal(maker.Unsafe, second.Unsafe);
        Assert.Null(second.Node.Follower!.Report.Trouble);
    }

    [Fact]
    public async Task A_strangers_blocks_are_refused_and_a_new_signer_is_found_on_L1()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        Key old = new(), now = new();
        Address onL1 = old.Address;
        await using var maker = new NodeActor(net, new SequencerOptions { Enabled = true, L1Confirmations = 0 }) { Signer = now };
        await maker.RestartAsync();
        await maker.SyncAsync();
        await maker.BuildAsync(3);
        await using NodeActor node = await FollowAsync(net, maker, () => onL1);
        await PollAsync(node, maker);
        Assert.Equal(0ul, node.Unsafe.Number);
        Assert.Contains($"signed by {now.Address}", node.Node.Follower!.Report.Trouble, StringComparison.Ordinal);
        Assert.Contains($"{old.Address}", node.Node.Follower.Report.Trouble, StringComparison.Ordinal);

        onL1 = now.Address;
        net.Time.Advance(TimeSpan.FromSeconds(31));
        await PollAsync(node, maker);
        Assert.Equal(3ul, node.Unsafe.Number);
        Assert.Null(node.Node.Follower.Report.Trouble);
    }

    [Fact]
    public async Task Damaged_messages_and_nodes_without_a_feed_are_told_apart()
    {
        await using ActorNet net = await ActorNet.StartAsync(OptimismFork.Jovian);
        var key = new Key();
        await using var maker = new NodeActor(net, new SequencerOptions { Enabled = true, L1Confirmations = 0 }) { Signer = key };
        await maker.RestartAsync();
        await maker.SyncAsync();
        await maker.BuildAsync(2);
        Block block = await maker.BlockAsync(1);
        UnsafeBlockMessage good = SignedBlock.Create(block, net.Rollup.Config, key).Message;
        Assert.True(SignedBlock.TryRead(good, net.Rollup.Config, out SignedBlock? read, out _));
        Assert.Equal(block.Hash, read!.Block.Hash);
        Assert.False(SignedBlock.TryRead(good with { Version = 3 }, net.Rollup.Config, out _, out string fault));
        Assert.Contains("version", fault, StringComparison.Ordinal);
        byte[] changed = good.Payload.ToArray();
        changed[60] ^= 1; // the state root
        Assert.False(SignedBlock.TryRead(good with { Payload = changed }, net.Rollup.Config, out _, out fault));
        Assert.Contains("BlockHashMismatch", fault, StringComparison.Ordinal);

        await using NodeActor node = await FollowAsync(net, net.Verifier, () => key.Address);
        await PollAsync(node, maker);
        Assert.Contains("no block feed", node.Node.Follower!.Report.Trouble, StringComparison.Ordinal);
    }

    private static async Task<NodeActor> FollowAsync(ActorNet net, NodeActor of, Func<Address> signer)
    {
        var feed = new UnsafeFeed();
        var signers = new BlockSigners(_ => Task.FromResult(signer()), TimeSpan.FromMinutes(10), net.Time);
        var node = new NodeActor(net, new SequencerOptions())
        {
            Feed = feed,
            Follow = new FeedUnsafeSource(new InProcessRpcClient(of.Node.Registry), signers, net.Rollup.Config, NativeCrypto.Instance, feed),
        };
        await node.RestartAsync();
        await node.SyncAsync();
        return node;
    }

    /// <summary>Follows until the node has what the other one has, or something is wrong.</summary>
    private static async Task PollAsync(NodeActor node, NodeActor of)
    {
        for (int i = 0; i < 10 && node.Unsafe != of.Unsafe; i++)
        {
            Task<bool> poll = node.Node.Follower!.PollAsync(default);
            for (var clock = Stopwatch.StartNew(); !poll.IsCompleted;)
            {
                Assert.True(clock.Elapsed < TimeSpan.FromSeconds(20), $"nothing comes after block {node.Unsafe.Number}: {node.Node.Follower.Report}");
                await node.Node.Driver.StepAsync(default);
                await Task.Delay(1);
            }

            await poll;
            await node.SyncAsync();
            if (node.Node.Follower.Report.Trouble is not null) return;
        }
    }

    private sealed class Key : IPayloadSigner
    {
        private readonly byte[] _key = Secp256k1.GeneratePrivateKey();

        public Address Address => Secp256k1.PrivateKeyToAddress(_key);

        public byte[] Sign(in Hash256 digest)
        {
            EcdsaSignature signature = Secp256k1.Sign(digest, _key);
            return [.. signature.R.ToBigEndianArray(), .. signature.S.ToBigEndianArray(), signature.YParity];
        }
    }
}
