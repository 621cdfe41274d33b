using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Proposer.Tests;

public sealed class ProposerTests
{
    private static readonly Address Oracle = Address.FromNumber(0x1001);
    private static readonly Address Factory = Address.FromNumber(0x1002);

    /// <summary>An L1 with one contract, and a rollup node, answering from fields.</summary>
    private sealed class World : IProposalSender
    {
        public ulong NextBlock = 20, Safe = 50, Finalized = 30;
        public bool Revert;
        public List<(Address To, byte[] Data, UInt256 Value)> Sent { get; } = [];

        public Address Sender => Address.FromNumber(9);

        public EthClient L1 { get; }

        public RollupNodeClient Node { get; }

        public World()
        {
            var l1 = new RpcRegistry();
            l1.Register("eth_call", (parameters, _, _) =>
            {
                string text = Hex.Encode(parameters[0]["input"].AsData());
                UInt256 answer = text.Contains(Hex.Encode(CallData.NextBlockNumber()), StringComparison.Ordinal) ? NextBlock
                    : text.Contains(Hex.Encode(CallData.GameCount()), StringComparison.Ordinal) ? (UInt256)0UL
                    : text.Contains(Hex.Encode(CallData.InitBonds(1)), StringComparison.Ordinal) ? (UInt256)80UL : throw new InvalidOperationException(text);
                return ValueTask.FromResult(RpcResult.Data(answer.ToBigEndianArray()));
            });
            l1.Register("eth_blockNumber", _ => RpcResult.Quantity(78));
            L1 = new EthClient(new InProcessRpcClient(l1));
            var node = new RpcRegistry();
            node.Register("optimism_syncStatus", (_, _, _) => ValueTask.FromResult(RpcResult.Json(json => RollupJson.WriteSyncStatus(json, Status()))));
            node.Register("optimism_outputAtBlock", (parameters, _, _) => ValueTask.FromResult(RpcResult.Json(json => RollupJson.WriteOutput(json, Output(parameters.GetQuantity(0))))));
            Node = new RollupNodeClient(new InProcessRpcClient(node));
        }

        private SyncStatus Status() => new()
        {
            CurrentL1 = new L1BlockRef(RootOf(77), 77, default, 1), UnsafeL2 = Ref(Safe + 5), SafeL2 = Ref(Safe), FinalizedL2 = Ref(Finalized),
        };

        private static L2BlockRef Ref(ulong number) => new(RootOf(number), number, default, number, default, 0);

        private OutputAtBlock Output(ulong number) => new()
        {
            OutputRoot = RootOf(number), Block = Ref(number), WithdrawalStorageRoot = default, StateRoot = default, Status = Status(),
        };

        public Task<BlockId> SendAsync(Address to, byte[] data, UInt256 value, CancellationToken cancellation)
        {
            if (Revert) throw new ProposalException("reverted");
            Sent.Add((to, data, value));
            NextBlock += 20;
            return Task.FromResult(new BlockId(default, 78));
        }
    }

    private static Hash256 RootOf(ulong number) => Hash256.FromUInt256(number + 1000);

    private static ProposerService Make(World world, ProposerOptions options) =>
        new(options, world.L1, world.Node, world, TimeProvider.System, NullLogger.Instance);

    [Fact]
    public async Task Finalized_outputs_that_are_due_are_proposed_in_order()
    {
        var world = new World();
        await using ProposerService proposer = Make(world, new ProposerOptions { OutputOracle = Oracle });
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.False(await proposer.TryProposeAsync(default)); // 40 is safe, not finalized
        (Address to, byte[] data, _) = Assert.Single(world.Sent);
        Assert.Equal(Oracle, to);
        Assert.Equal("0x9aaab648", Hex.Encode(data.AsSpan(0, 4))); // proposeL2Output(bytes32,uint256,bytes32,uint256)
        Assert.Equal(RootOf(20), new Hash256(data.AsSpan(4, 32)));
        Assert.Equal(20UL, UInt256.FromBigEndian(data.AsSpan(36, 32)).U0);
        Assert.Equal(RootOf(77), new Hash256(data.AsSpan(68, 32)));
        Assert.Equal(77UL, UInt256.FromBigEndian(data.AsSpan(100, 32)).U0);
        Assert.Equal(20UL, proposer.Status.LastL2Block);
    }

    [Fact]
    public async Task Safe_outputs_are_proposed_where_that_is_allowed()
    {
        var world = new World();
        await using ProposerService proposer = Make(world, new ProposerOptions { OutputOracle = Oracle, AllowNonFinalized = true });
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.False(await proposer.TryProposeAsync(default));
    }

    [Fact]
    public async Task A_reverted_proposal_is_due_again()
    {
        var world = new World { Revert = true };
        await using ProposerService proposer = Make(world, new ProposerOptions { OutputOracle = Oracle });
        await Assert.ThrowsAsync<ProposalException>(() => proposer.TryProposeAsync(default));
        world.Revert = false;
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.Equal(1UL, proposer.Status.Proposals);
    }

    [Fact]
    public async Task A_game_is_created_with_its_bond_and_then_not_before_the_interval()
    {
        var world = new World();
        await using ProposerService proposer = Make(world, new ProposerOptions { GameFactory = Factory, GameType = 1 });
        Assert.True(await proposer.TryProposeAsync(default));
        Assert.False(await proposer.TryProposeAsync(default));
        (Address to, byte[] data, UInt256 value) = Assert.Single(world.Sent);
        Assert.Equal(Factory, to);
        Assert.Equal((UInt256)80UL, value);
        Assert.Equal("0x82ecf2f6", Hex.Encode(data.AsSpan(0, 4))); // create(uint32,bytes32,bytes)
        Assert.Equal(30UL, UInt256.FromBigEndian(data.AsSpan(4 + (32 * 4), 32)).U0);
    }

    [Fact]
    public void Exactly_one_target_is_required()
    {
        var world = new World();
        Assert.Throws<ArgumentException>(() => Make(world, new ProposerOptions()));
        Assert.Throws<ArgumentException>(() => Make(world, new ProposerOptions { OutputOracle = Oracle, GameFactory = Factory }));
    }
}
