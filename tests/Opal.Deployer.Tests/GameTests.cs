using Opal.Deployer.Abi;
using Opal.Deployer.Config;
using Opal.Deployer.Keys;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Proposer;
using Opal.TxManager;

namespace Opal.Deployer.Tests;

/// <summary>Proposals and withdrawals through the real fault-proof contracts on the embedded L1.</summary>
public sealed class GameTests : IDisposable
{
    private static readonly UInt256 OneEther = 1_000_000_000_000_000_000UL;
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-games").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_withdrawal_is_proven_against_a_game_and_finalized_after_it()
    {
        await using GameWorld world = await GameWorld.StartAsync();
        var target = Address.FromNumber(0xd0001);
        UInt256 value = OneEther / 2UL;
        AbiValue withdrawal = AbiValue.List(UInt256.One << 240, Address.FromNumber(0x77), target, value, 100_000UL, Array.Empty<byte>());
        (Hash256 root, AbiValue proof, byte[] leaf, Hash256 hash) = Output(withdrawal);
        world.Safe = 12;
        world.Outputs[12] = root;
        await world.ProposeAsync(world.Games());

        Address factory = world.Rollup.Addresses["DisputeGameFactoryProxy"], portal = world.Rollup.Addresses["OptimismPortalProxy"];
        AbiValue[] game = await world.ReadAsync(factory, "DisputeGameFactory", "gameAtIndex", 0UL);
        Address proxy = Address.FromUInt256(game[2].AsUInt256());
        Assert.Equal(UInt256.Zero, game[0].AsUInt256());
        Assert.Equal(root.ToUInt256(), (await world.ReadAsync(proxy, "FaultDisputeGame", "rootClaim"))[0].AsUInt256());
        Assert.Equal(new UInt256(1000), (await world.ReadAsync(world.Rollup.Addresses["DelayedWETHProxy"], "DelayedWETH", "balanceOf", proxy))[0].AsUInt256());

        await world.SendAsync(portal, "OptimismPortal2", "depositTransaction", OneEther, target, OneEther, 100_000UL, false, Array.Empty<byte>()); // the portal must hold the ether
        await world.SendAsync(portal, "OptimismPortal2", "proveWithdrawalTransaction", UInt256.Zero, withdrawal, 0UL, proof, AbiValue.List(leaf));
        Assert.Contains("not matured", await RefusalAsync(world, withdrawal), StringComparison.Ordinal);
        world.Chain.Mine(4);
        Assert.Contains("not been validated", await RefusalAsync(world, withdrawal), StringComparison.Ordinal);
        world.Chain.Mine(3); // the clock is over
        await world.SendAsync(proxy, "FaultDisputeGame", "resolveClaim", UInt256.Zero, 0UL, 0UL);
        await world.SendAsync(proxy, "FaultDisputeGame", "resolve", UInt256.Zero);
        Assert.Equal(new UInt256(2), (await world.ReadAsync(proxy, "FaultDisputeGame", "status"))[0].AsUInt256());
        AbiValue[] anchor = await world.ReadAsync(world.Rollup.Addresses["AnchorStateRegistryProxy"], "AnchorStateRegistry", "anchors", 0UL);
        Assert.Equal((root.ToUInt256(), new UInt256(12)), (anchor[0].AsUInt256(), anchor[1].AsUInt256()));
        Assert.Contains("air-gap", await RefusalAsync(world, withdrawal), StringComparison.Ordinal);
        world.Chain.Mine(3);
        await world.SendAsync(portal, "OptimismPortal2", "finalizeWithdrawalTransaction", UInt256.Zero, withdrawal);
        Assert.Equal(value, await world.L1.GetBalanceAsync(target));
        Assert.Equal(UInt256.One, (await world.ReadAsync(portal, "OptimismPortal2", "finalizedWithdrawals", hash.ToUInt256()))[0].AsUInt256());

        // the bond goes back to who made the game
        UInt256 before = await world.L1.GetBalanceAsync(GameWorld.Proposer.Address);
        await world.SendAsync(proxy, "FaultDisputeGame", "claimCredit", UInt256.Zero, GameWorld.Proposer.Address);
        Assert.Equal(before + 1000UL, await world.L1.GetBalanceAsync(GameWorld.Proposer.Address));
    }

    [Fact]
    public async Task Permissioned_games_are_the_proposer_s_alone_and_unknown_types_nobody_s()
    {
        await using GameWorld world = await GameWorld.StartAsync();
        world.Safe = 3;
        await world.ProposeAsync(world.Games(type: 1));
        await using ProposerService stranger = world.MakeProposer(world.Games(type: 1), DevAccounts.Keys[9]);
        ProposerRefusedException refused = await Assert.ThrowsAsync<ProposerRefusedException>(() => stranger.CheckAsync(CancellationToken.None));
        Assert.Contains(GameWorld.Proposer.Address.ToChecksumString(), refused.Message, StringComparison.Ordinal);
        Assert.Contains(DevAccounts.Keys[9].Address.ToChecksumString(), refused.Message, StringComparison.Ordinal);
        await using ProposerService unknown = world.MakeProposer(world.Games(type: 77));
        refused = await Assert.ThrowsAsync<ProposerRefusedException>(() => unknown.CheckAsync(CancellationToken.None));
        Assert.Contains("type 77", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_proposer_killed_between_sending_and_the_receipt_makes_one_game()
    {
        await using GameWorld world = await GameWorld.StartAsync();
        ProposerOptions options = world.Games() with { JournalFile = Path.Combine(_folder, "proposal.json") };
        world.Safe = 5;
        world.Chain.IsPaused = true;
        ProposerService first = world.MakeProposer(options);
        first.Start();
        await GameWorld.UntilAsync(() => world.Chain.PendingTransactions == 1, () => first.Status.Trouble);
        await first.DisposeAsync();

        world.Safe = 9;
        world.Chain.Mine(1);
        world.Chain.IsPaused = false;
        await using ProposerService second = world.MakeProposer(options);
        second.Start();
        await GameWorld.UntilAsync(() => second.Status.Proposals == 1 && !second.Status.InFlight && second.Status.NextAt is not null, () => second.Status.Trouble);
        Assert.Equal(5UL, second.Status.LastL2Block);
        Assert.Equal(UInt256.One, (await world.ReadAsync(world.Rollup.Addresses["DisputeGameFactoryProxy"], "DisputeGameFactory", "gameCount"))[0].AsUInt256());
        Assert.False(File.Exists(options.JournalFile));
    }

    [Fact]
    public async Task A_journaled_game_that_the_pool_lost_and_a_stranger_made_is_forgotten()
    {
        await using GameWorld world = await GameWorld.StartAsync();
        ProposerOptions options = world.Games() with { JournalFile = Path.Combine(_folder, "proposal.json") };
        Address factory = world.Rollup.Addresses["DisputeGameFactoryProxy"];
        world.Safe = 5;
        world.Chain.IsPaused = true;
        ProposerService first = world.MakeProposer(options);
        first.Start();
        await GameWorld.UntilAsync(() => world.Chain.PendingTransactions == 1, () => first.Status.Trouble);
        await first.DisposeAsync();
        world.Chain.LosePoolOf(GameWorld.Proposer.Address);
        world.Chain.IsPaused = false;
        Hash256 root = (await world.Node.OutputAtBlockAsync(5)).OutputRoot;
        await world.SendAsync(factory, "DisputeGameFactory", "create", 1_000UL, 0UL, root, new UInt256(5).ToBigEndianArray());

        world.Safe = 9;
        await using ProposerService second = world.MakeProposer(options);
        second.Start();
        await GameWorld.UntilAsync(() => second.Status is { Proposals: 1, InFlight: false }, () => second.Status.Trouble);
        Assert.Equal(9UL, second.Status.LastL2Block);
        Assert.False(File.Exists(options.JournalFile));
    }

    [Fact]
    public async Task A_game_in_the_pool_that_the_node_no_longer_stands_by_is_cancelled()
    {
        await using GameWorld world = await GameWorld.StartAsync();
        Address account = GameWorld.Proposer.Address;
        world.Safe = 5;
        world.Chain.IsPaused = true;
        await using ProposerService proposer = world.MakeProposer(world.Games());
        proposer.Start();
        await GameWorld.UntilAsync(() => world.Chain.PendingOf(account).Count == 1, () => proposer.Status.Trouble);
        Transaction wrong = world.Chain.PendingOf(account)[0];
        world.Outputs[5] = Keccak256.Hash("another"u8); // L2 was reorganised
        await GameWorld.UntilAsync(() => world.Chain.PendingOf(account) is [{ Data.Length: 0 }], () => proposer.Status.Trouble);
        Assert.Equal(wrong.Nonce, world.Chain.PendingOf(account)[0].Nonce);
        world.Chain.IsPaused = false;
        await GameWorld.UntilAsync(() => proposer.Status is { Proposals: 1, InFlight: false }, () => proposer.Status.Trouble);
        Address factory = world.Rollup.Addresses["DisputeGameFactoryProxy"];
        Assert.Equal(UInt256.One, (await world.ReadAsync(factory, "DisputeGameFactory", "gameCount"))[0].AsUInt256());
        Address game = Address.FromUInt256((await world.ReadAsync(factory, "DisputeGameFactory", "gameAtIndex", 0UL))[2].AsUInt256());
        Assert.Equal(world.Outputs[5].ToUInt256(), (await world.ReadAsync(game, "FaultDisputeGame", "rootClaim"))[0].AsUInt256());
    }

    [Fact]
    public async Task The_portal_s_game_type_is_known_to_the_proposer()
    {
        await using GameWorld world = await GameWorld.StartAsync();
        AbiValue[] anchor = await world.ReadAsync(world.Rollup.Addresses["AnchorStateRegistryProxy"], "AnchorStateRegistry", "anchors", 0UL);
        world.Outputs[0] = Hash256.FromUInt256(anchor[0].AsUInt256());
        await using ProposerService respected = world.MakeProposer(world.Games(type: 0));
        await respected.CheckAsync(CancellationToken.None);
        Assert.Equal("", respected.Status.Warning);
        await using ProposerService other = world.MakeProposer(world.Games(type: 1));
        await other.CheckAsync(CancellationToken.None);
        Assert.Contains("game type 0", other.Status.Warning, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_output_oracle_takes_its_proposer_s_outputs_and_no_other_key_is_tried()
    {
        await using GameWorld world = await GameWorld.StartAsync(games: false);
        var options = new ProposerOptions { OutputOracle = world.Rollup.Addresses["L2OutputOracleProxy"] };
        world.Chain.Mine(10);
        world.Safe = 1;
        await world.ProposeAsync(options);
        Assert.Equal(UInt256.One, (await world.ReadAsync(world.Rollup.Addresses["L2OutputOracleProxy"], "L2OutputOracle", "latestBlockNumber"))[0].AsUInt256());
        await using ProposerService stranger = world.MakeProposer(options, DevAccounts.Keys[9]);
        await Assert.ThrowsAsync<ProposerRefusedException>(() => stranger.CheckAsync(CancellationToken.None));
    }

    [Fact]
    public void The_placeholder_prestate_is_what_it_says()
    {
        Assert.Equal(3, PlaceholderPrestate.Hash.ToArray()[0]);
        Assert.Equal(Keccak256.Hash(System.Text.Encoding.UTF8.GetBytes(PlaceholderPrestate.Text)).ToArray()[1..], PlaceholderPrestate.Hash.ToArray()[1..]);
    }

    /// <summary>An output whose message passer holds one withdrawal: its storage trie is a single leaf.</summary>
    private static (Hash256 Root, AbiValue Proof, byte[] Leaf, Hash256 WithdrawalHash) Output(AbiValue withdrawal)
    {
        // encoded as arguments in a row, not as one tuple, so without its leading offset
        Hash256 hash = Keccak256.Hash(AbiCodec.Encode("((uint256,address,address,uint256,uint256,bytes))", withdrawal).AsSpan(32));
        Hash256 slot = Keccak256.Hash([.. hash.ToArray(), .. new byte[32]]);
        byte[] leaf = [0xe3, 0xa1, 0x20, .. Keccak256.Hash(slot.ToArray()).ToArray(), 0x01];
        Hash256 version = default, stateRoot = Keccak256.Hash("state"u8), storageRoot = Keccak256.Hash(leaf), blockHash = Keccak256.Hash("block"u8);
        Hash256 root = Keccak256.Hash([.. version.ToArray(), .. stateRoot.ToArray(), .. storageRoot.ToArray(), .. blockHash.ToArray()]);
        return (root, AbiValue.List(version, stateRoot, storageRoot, blockHash), leaf, hash);
    }

    private static async Task<string> RefusalAsync(GameWorld world, AbiValue withdrawal)
    {
        TxManagerException error = await Assert.ThrowsAsync<TxManagerException>(() =>
            world.SendAsync(world.Rollup.Addresses["OptimismPortalProxy"], "OptimismPortal2", "finalizeWithdrawalTransaction", UInt256.Zero, withdrawal));
        Assert.Equal(TxFailure.Reverts, error.Failure);
        return error.Message;
    }
}
