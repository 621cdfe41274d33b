using Opal.JsonRpc;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Unsafe blocks that L1 contradicts in one respect each.</summary>
public sealed class ConsolidationScenarios
{
    public static TheoryData<OptimismFork, string> Differences
    {
        get
        {
            var rows = new TheoryData<OptimismFork, string>();
            foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Bedrock, OptimismFork.Karst])
            {
                foreach (string difference in (string[])["transaction", "tip", "gas limit", "recipient"]) rows.Add(fork, difference);
            }

            return rows;
        }
    }

    [Theory]
    [MemberData(nameof(Differences))]
    [Case("S-VE-02")]
    public async Task The_chain_is_replaced_from_the_block_that_differs(OptimismFork fork, string what)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        await net.Sequencer.BuildAsync();
        await net.Sequencer.SendAsync(net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, UInt256.One));
        await net.Sequencer.BuildAsync(3);
        List<Block> honest = await net.Sequencer.BlocksAsync(1, 4);
        Assert.Equal(2, honest[1].Transactions.Length);

        // somebody's engine goes another way from block 2 on
        await using var rogue = new NodeActor(net, new SequencerOptions());
        Hash256 genesis = net.Rollup.Config.GenesisL2.Hash;
        PayloadAttributes second = BlockForge.AttributesOf(honest[1]);
        byte[] info = second.Transactions[0];
        second = what switch
        {
            "transaction" => BlockForge.With(second, [info, Transfer(net, 2, 1_000_000)]),
            "tip" => BlockForge.With(second, [info, Transfer(net, 1, 2_000_000)]),
            "gas limit" => BlockForge.With(second, gasLimit: second.GasLimit + 1),
            _ => BlockForge.With(second, recipient: net.Bob.Address),
        };
        PayloadEnvelope[] gossip =
        [
            await BlockForge.BuildAsync(rogue.Engine, genesis, genesis, BlockForge.AttributesOf(honest[0])),
            await BlockForge.BuildAsync(rogue.Engine, genesis, honest[0].Hash, second),
        ];
        gossip = [.. gossip, await BlockForge.BuildAsync(rogue.Engine, genesis, gossip[1].Payload.BlockHash, BlockForge.AttributesOf(honest[2]))];
        Assert.Equal(honest[0].Hash, gossip[0].Payload.BlockHash);
        Assert.NotEqual(honest[1].Hash, gossip[1].Payload.BlockHash);
        foreach (PayloadEnvelope payload in gossip) _ = net.Verifier.Node.Driver.PostUnsafePayloadAsync(payload);
        await net.Verifier.SyncAsync();
        Assert.Equal(gossip[2].Payload.BlockHash, net.Verifier.Unsafe.Hash);

        net.L1.Mine(net.Batcher.Submit(honest));
        await net.Verifier.SyncAsync();
        Assert.Equal(net.Sequencer.Unsafe, net.Verifier.Safe);
        Assert.Equal(net.Sequencer.Unsafe.Hash, net.Verifier.Execution.Chain.Head.Hash);

        // block 1 was taken as it was; the first that had to be built is block 2
        Assert.Equal([honest[0].Hash, honest[1].Hash, honest[2].Hash], net.Verifier.Engine.Forkchoices.Where(static call => call.Builds).Select(static call => call.State.Head));
        Assert.Empty(net.Verifier.Recorder.Invalid);
    }

    private static byte[] Transfer(ActorNet net, ulong value, ulong tip) => net.Alice.Sign(TestRollup.L2ChainId, net.Bob.Address, new UInt256(value), nonce: 0, tip: tip).Encoded;
}
