using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Proposer;

/// <summary>Proposes by creating a dispute game for the newest output every proposal interval. Spec: fault-proof/stage-one/dispute-game-interface.md.</summary>
internal sealed class DisputeGameSink(Address factory, uint gameType, TimeSpan interval, Address proposer, EthClient l1, TimeProvider time, ILogger logger) : IOutputSink
{
    private readonly ContractView _factory = new(factory, l1);
    private readonly OwnGames _games = new(factory, gameType, proposer, l1, logger);
    private ulong? _toldSame;

    public async Task CheckAsync(RollupConfig rollup, CancellationToken cancellation)
    {
        if (gameType is 4 or 5 or 7 or 9)
        {
            throw new ProposerRefusedException($"games of type {gameType} are about super roots, of several chains at once (interop), and a game with this chain's output root would be lost with its bond; that is not built: choose another --game-type");
        }

        GameTerms game = await TermsAsync(cancellation);
        if (game.L2ChainId is { } chain && chain != rollup.L2ChainId)
        {
            throw new ProposerRefusedException(
                $"the DisputeGameFactory {factory.ToChecksumString()} is of L2 chain {chain}, and the rollup node follows chain {rollup.L2ChainId}; correct the factory's address or the rollup node's URL");
        }

        if (game.Proposer is { } wanted && wanted != proposer)
        {
            throw new ProposerRefusedException(
                $"games of type {gameType} are permissioned: the game {game.Implementation.ToChecksumString()} takes proposals from {wanted.ToChecksumString()} alone, and this proposer's key is {proposer.ToChecksumString()}'s; use the key of the former, or another --game-type");
        }
    }

    public async Task<string?> FindUselessAsync(ContractView portal, RollupNodeClient node, CancellationToken cancellation) =>
        await FindUnusedAsync(portal, cancellation) ?? await FindWrongAnchorAsync(node, cancellation);

    private async Task<string?> FindUnusedAsync(ContractView portal, CancellationToken cancellation)
    {
        if (await portal.FindWordAsync("disputeGameFactory()", cancellation) is not { IsZero: false } asked)
        {
            return await portal.FindWordAsync("l2Oracle()", cancellation) is { IsZero: false } oracle
                ? $"withdrawals are not proven by these games: the portal {portal.Address.ToChecksumString()} asks the L2OutputOracle {Address.FromUInt256(oracle).ToChecksumString()}; propose there with --l2oo-address" : null;
        }

        if (Address.FromUInt256(asked) is var used && used != factory)
        {
            return $"withdrawals are not proven by these games: the portal {portal.Address.ToChecksumString()} asks the DisputeGameFactory {used.ToChecksumString()}, not {factory.ToChecksumString()}; correct --game-factory-address";
        }

        return await portal.FindWordAsync("respectedGameType()", cancellation) is { } respected && respected != gameType
            ? $"withdrawals are not proven by games of type {gameType}: the portal {portal.Address.ToChecksumString()} respects game type {respected} alone; give --game-type={respected}, or have its guardian change that" : null;
    }

    /// <summary>A dispute begins at the anchor: where that is wrong, a right game can be lost.</summary>
    private async Task<string?> FindWrongAnchorAsync(RollupNodeClient node, CancellationToken cancellation)
    {
        if (await AnchorAsync(cancellation) is not { } anchor) return null;
        try
        {
            Hash256 root = (await node.OutputAtBlockAsync(anchor.L2Block, cancellation)).OutputRoot;
            return root == anchor.OutputRoot ? null
                : $"games of type {gameType} begin at a wrong output: the AnchorStateRegistry {anchor.Registry.ToChecksumString()} has root {anchor.OutputRoot} for L2 block {anchor.L2Block}, and the rollup node says {root}; a right game can be lost to that with its bond: see which of the two is wrong";
        }
        catch (Exception error) when (error is RpcCallException or JsonFormatException)
        {
            logger.LogDebug("The rollup node does not give the output of the anchor, L2 block {Block}: {Problem}", anchor.L2Block, error.Message);
            return null;
        }
    }

    public bool Makes(Proposal proposal) =>
        proposal.To == factory && proposal.Data.AsSpan().SequenceEqual(CallData.CreateGame(gameType, proposal.OutputRoot, proposal.L2Block));

    private async Task<GameTerms> TermsAsync(CancellationToken cancellation)
    {
        UInt256 implementation = await _factory.FindWordAsync(CallData.Encode("gameImpls(uint32)", gameType), cancellation)
            ?? throw new ProposerRefusedException($"{factory.ToChecksumString()} on L1 does not answer as a DisputeGameFactory does; is it the right address, and L1 the right chain?");
        if (!implementation.IsZero) return await GameTerms.ReadAsync(_factory, gameType, new ContractView(Address.FromUInt256(implementation), l1), cancellation);
        throw new ProposerRefusedException($"the DisputeGameFactory {factory.ToChecksumString()} has no implementation of game type {gameType}, so no such game can be made; choose another with --game-type");
    }

    public async Task<DueProposal> NextAsync(ulong newest, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        OwnGame? last = await _games.LastAsync(now - interval, cancellation);
        DateTimeOffset? notBefore = last?.Created + interval;
        var due = new DueProposal { LastBlock = last?.L2Block, LastGame = last?.Proxy, NotBefore = notBefore };
        if (notBefore > now) return due;
        ulong floor = Math.Max(last?.L2Block ?? 0, (await AnchorAsync(cancellation))?.L2Block ?? 0);
        return newest > floor ? due with { Block = newest, NotBefore = null } : due with { NextBlock = floor + 1 };
    }

    /// <summary>The output that new games of the type start from; null when L1 does not say.</summary>
    private async Task<(Address Registry, Hash256 OutputRoot, ulong L2Block)?> AnchorAsync(CancellationToken cancellation)
    {
        if ((await TermsAsync(cancellation)).AnchorRegistry is not { } registry) return null;
        UInt256[]? anchor = await new ContractView(registry, l1).FindAsync(CallData.Encode("anchors(uint32)", gameType), 2, cancellation);
        if (anchor is null) return null;
        return anchor[0].IsZero
            ? throw new ProposerRefusedException($"the AnchorStateRegistry {registry.ToChecksumString()} has no anchor for game type {gameType}, so no game can be made; its owner must set one, or choose another --game-type")
            : (registry, Hash256.FromUInt256(anchor[0]), anchor[1].ToUInt64Saturated());
    }

    public async Task<Proposal?> PrepareAsync(OutputAtBlock output, CancellationToken cancellation)
    {
        if (await _games.FindAsync(output.OutputRoot, output.Block.Number, cancellation) is { } same)
        {
            if (_toldSame != output.Block.Number) logger.LogInformation("L2 block {Block} has a game of type {Type} with the same output root already: {Game}", output.Block.Number, gameType, same.Proxy.ToChecksumString());
            _toldSame = output.Block.Number;
            return null;
        }

        UInt256 bond = await _factory.FindWordAsync(CallData.Encode("initBonds(uint32)", gameType), cancellation)
            ?? throw new ProposerRefusedException($"{factory.ToChecksumString()} on L1 does not tell the bond of game type {gameType}; is it a DisputeGameFactory?");
        UInt256 balance = await l1.GetBalanceAsync(proposer, cancellation: cancellation);
        if (balance < bond)
        {
            throw new ProposalException($"a game of type {gameType} needs a bond of {EtherText.Cut(bond, 6)} ETH, and the proposer {proposer.ToChecksumString()} has {EtherText.Cut(balance, 6)} ETH; send ether to it");
        }

        return new Proposal(factory, CallData.CreateGame(gameType, output.OutputRoot, output.Block.Number), bond, output.Block.Number, output.OutputRoot);
    }
}
