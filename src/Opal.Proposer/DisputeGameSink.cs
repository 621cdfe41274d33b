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

    public async Task CheckAsync(RollupConfig rollup, CancellationToken cancellation)
    {
        ContractView game = await ImplementationAsync(cancellation);
        if (await game.FindWordAsync("l2ChainId()", cancellation) is { IsZero: false } chain && chain != rollup.L2ChainId)
        {
            throw new ProposerRefusedException(
                $"the DisputeGameFactory {factory.ToChecksumString()} is of L2 chain {chain}, and the rollup node follows chain {rollup.L2ChainId}; correct the factory's address or the rollup node's URL");
        }

        // A permissioned game names who may propose; others do not have the function.
        if (await game.FindWordAsync("proposer()", cancellation) is { IsZero: false } word && Address.FromUInt256(word) is var wanted && wanted != proposer)
        {
            throw new ProposerRefusedException(
                $"games of type {gameType} are permissioned: the game {game.Address.ToChecksumString()} takes proposals from {wanted.ToChecksumString()} alone, and this proposer's key is {proposer.ToChecksumString()}'s; use the key of the former, or another --game-type");
        }
    }

    private async Task<ContractView> ImplementationAsync(CancellationToken cancellation)
    {
        UInt256 implementation = await _factory.FindWordAsync(CallData.Encode("gameImpls(uint32)", gameType), cancellation)
            ?? throw new ProposerRefusedException($"{factory.ToChecksumString()} on L1 does not answer as a DisputeGameFactory does; is it the right address, and L1 the right chain?");
        if (!implementation.IsZero) return new ContractView(Address.FromUInt256(implementation), l1);
        throw new ProposerRefusedException($"the DisputeGameFactory {factory.ToChecksumString()} has no implementation of game type {gameType}, so no such game can be made; choose another with --game-type");
    }

    public async Task<DueProposal> NextAsync(ulong newest, CancellationToken cancellation)
    {
        DateTimeOffset now = time.GetUtcNow();
        OwnGame? last = await _games.LastAsync(now - interval, cancellation);
        DateTimeOffset? notBefore = last?.Created + interval;
        var due = new DueProposal { LastBlock = last?.L2Block, LastGame = last?.Proxy, NotBefore = notBefore };
        if (notBefore > now) return due;
        ulong floor = Math.Max(last?.L2Block ?? 0, await AnchorAsync(cancellation) ?? 0);
        return newest > floor ? due with { Block = newest, NotBefore = null } : due with { NextBlock = floor + 1 };
    }

    /// <summary>The L2 block that new games of the type start from; null when the implementation does not say.</summary>
    private async Task<ulong?> AnchorAsync(CancellationToken cancellation)
    {
        ContractView game = await ImplementationAsync(cancellation);
        if (await game.FindWordAsync("anchorStateRegistry()", cancellation) is not { IsZero: false } registry) return null;
        UInt256[]? anchor = await new ContractView(Address.FromUInt256(registry), l1).FindAsync(CallData.Encode("anchors(uint32)", gameType), 2, cancellation);
        if (anchor is null) return null;
        return anchor[0].IsZero
            ? throw new ProposerRefusedException($"the AnchorStateRegistry {Address.FromUInt256(registry).ToChecksumString()} has no anchor for game type {gameType}, so no game can be made; its owner must set one, or choose another --game-type")
            : anchor[1].ToUInt64Saturated();
    }

    public async Task<Proposal?> PrepareAsync(OutputAtBlock output, CancellationToken cancellation)
    {
        if (await _games.FindAsync(output.OutputRoot, output.Block.Number, cancellation) is { } same)
        {
            logger.LogInformation("L2 block {Block} has a game of type {Type} with the same output root already: {Game}", output.Block.Number, gameType, same.Proxy.ToChecksumString());
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
