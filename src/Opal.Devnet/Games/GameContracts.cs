using Opal.Deployer.Abi;
using Opal.Deployer.Contracts;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Devnet.Games;

/// <summary>The dispute games on L1, read and played with one account.</summary>
/// <param name="l1">L1.</param>
/// <param name="factory">The DisputeGameFactory.</param>
/// <param name="weth">The DelayedWETH that holds the bonds.</param>
/// <param name="manager">Sends for the account.</param>
internal sealed class GameContracts(EthClient l1, Address factory, Address weth, TransactionManager manager)
{
    /// <summary>Gas for resolving a claim that nobody disputed twice, and for a game with the step of its anchor.</summary>
    private const ulong ResolveGas = 500_000;

    private static readonly ContractArtifact Game = ContractBundle.Embedded["FaultDisputeGame"];

    /// <summary>The account.</summary>
    public Address Account => manager.Sender;

    /// <summary>The time of L1's head, seconds.</summary>
    public async Task<ulong> HeadTimeAsync(CancellationToken cancellation) =>
        (await l1.FindHeaderAsync(BlockParameter.Latest, cancellation) ?? throw new RpcTransportException("eth_getBlockByNumber", l1.Rpc.Endpoint, "L1 has no head", isTransient: true)).Timestamp;

    public async Task<ulong> CountAsync(CancellationToken cancellation) =>
        (await ReadAsync(factory, ContractBundle.Embedded["DisputeGameFactory"], "gameCount", cancellation))[0].AsUInt256().ToUInt64Saturated();

    public async Task<Address> GameAtAsync(ulong index, CancellationToken cancellation) =>
        (await ReadAsync(factory, ContractBundle.Embedded["DisputeGameFactory"], "gameAtIndex", cancellation, index))[2].AsAddress();

    /// <exception cref="GameGoneException">There is no such game.</exception>
    public async Task<GameFacts> FactsAsync(Address game, CancellationToken cancellation)
    {
        async Task<AbiValue> One(string function) => (await ReadAsync(game, Game, function, cancellation))[0];
        BlockHeader l1Head = await l1.FindHeaderAsync(BlockParameter.At((await One("l1Head")).AsHash()), cancellation) ?? throw new GameGoneException(game);
        return new GameFacts(
            game, (await One("gameCreator")).AsAddress(), (await One("rootClaim")).AsHash(), (await One("l2BlockNumber")).AsUInt256().ToUInt64Saturated(),
            (await One("startingBlockNumber")).AsUInt256().ToUInt64Saturated(), (int)(await One("splitDepth")).AsUInt64(), l1Head.Number, (await One("createdAt")).AsUInt64(),
            (await One("maxClockDuration")).AsUInt64());
    }

    public async Task<GameStatus> StatusAsync(Address game, CancellationToken cancellation) => (GameStatus)(await ReadAsync(game, Game, "status", cancellation))[0].AsUInt64();

    public async Task<Hash256> RootAsync(Address game, CancellationToken cancellation) => (await ReadAsync(game, Game, "rootClaim", cancellation))[0].AsHash();

    /// <summary>The claims of a game, the root's first, as the index of the claim that each answers; the root has none.</summary>
    public async Task<uint?[]> ParentsAsync(Address game, CancellationToken cancellation)
    {
        var parents = new uint?[(await ReadAsync(game, Game, "claimDataLen", cancellation))[0].AsUInt64()];
        for (int i = 1; i < parents.Length; i++) parents[i] = (uint)(await ReadAsync(game, Game, "claimData", cancellation, (ulong)i))[0].AsUInt64();
        return parents;
    }

    /// <summary>Seconds that who could answer a claim has used up.</summary>
    public async Task<ulong> ClockAsync(Address game, int claim, CancellationToken cancellation) =>
        (await ReadAsync(game, Game, "getChallengerDuration", cancellation, (ulong)claim))[0].AsUInt64();

    /// <summary>What a resolved game owes somebody, and the L1 time from which it can be paid.</summary>
    public async Task<(UInt256 Amount, ulong From)> CreditAsync(Address game, Address recipient, CancellationToken cancellation)
    {
        UInt256 credit = (await ReadAsync(game, Game, "credit", cancellation, recipient))[0].AsUInt256();
        if (credit.IsZero) return default;
        ContractArtifact contract = ContractBundle.Embedded["DelayedWETH"];
        ulong unlocked = (await ReadAsync(weth, contract, "withdrawals", cancellation, game, recipient))[1].AsUInt256().ToUInt64Saturated();
        ulong delay = (await ReadAsync(weth, contract, "delay", cancellation))[0].AsUInt256().ToUInt64Saturated();
        return (credit, unlocked + delay);
    }

    /// <summary>Disputes a game's root claim with an output.</summary>
    public async Task AttackRootAsync(GameFacts game, Hash256 output, CancellationToken cancellation)
    {
        UInt256 bond = (await ReadAsync(game.Proxy, Game, "getRequiredBond", cancellation, 2UL))[0].AsUInt256(); // position 2: the left child of the root
        await SendAsync(game.Proxy, "attack", bond, null, cancellation, game.Root, 0UL, output);
    }

    /// <summary>Resolves all claims of a game, the last first, and the game. The transactions go out together, so that one L1 block can hold them.</summary>
    public Task ResolveAsync(GameFacts game, int claims, CancellationToken cancellation)
    {
        var sending = new List<Task>();
        for (int claim = claims - 1; claim >= 0; claim--) sending.Add(SendAsync(game.Proxy, "resolveClaim", UInt256.Zero, ResolveGas, cancellation, (ulong)claim, 0UL));
        sending.Add(SendAsync(game.Proxy, "resolve", UInt256.Zero, ResolveGas, cancellation));
        return Task.WhenAll(sending);
    }

    /// <summary>Has a game pay what it owes.</summary>
    public Task PayAsync(Address game, Address recipient, CancellationToken cancellation) => SendAsync(game, "claimCredit", UInt256.Zero, null, cancellation, recipient);

    private async Task SendAsync(Address game, string function, UInt256 value, ulong? gas, CancellationToken cancellation, params AbiValue[] arguments)
    {
        TxReceiptInfo receipt = await manager.SendAsync(new TxCandidate(game, Game.CallData(function, arguments), value, gas), cancellation);
        if (!receipt.Succeeded) throw new TxManagerException(TxFailure.Reverts, $"{function} of game {game.ToChecksumString()} reverted: transaction {receipt.TransactionHash} in L1 block {receipt.Block.Number}");
    }

    private async Task<AbiValue[]> ReadAsync(Address at, ContractArtifact contract, string function, CancellationToken cancellation, params AbiValue[] arguments)
    {
        AbiFunction asked = contract.Function(function);
        byte[] answer = await l1.CallAsync(at, asked.Encode(arguments), cancellation: cancellation);
        return asked.TryDecodeResult(answer, out AbiValue[] values) ? values : throw new GameGoneException(at);
    }
}
