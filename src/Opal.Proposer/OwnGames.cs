using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Proposer;

/// <summary>
/// Knows the account's last game of a type. Everything is read from L1, so what another run or another proposer with the same key made counts, and what a reorg
/// took away does not.
/// </summary>
internal sealed class OwnGames(Address factory, uint gameType, Address proposer, EthClient l1, ILogger logger)
{
    /// <summary>Games looked at in any case, newest first; more only within the proposal interval.</summary>
    private const ulong SearchDepth = 100;

    /// <summary>In the year 5138: far enough, and an interval later there still is a time.</summary>
    private const ulong LatestTime = 100_000_000_000;

    private readonly ContractView _factory = new(factory, l1);
    private OwnGame? _last;
    private ulong _seen;

    /// <summary>The last game; null when there is none that matters.</summary>
    /// <param name="since">Games older than this need not be found.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<OwnGame?> LastAsync(DateTimeOffset since, CancellationToken cancellation)
    {
        ulong count = (await _factory.FindWordAsync("gameCount()", cancellation) ?? throw NoFactory()).ToUInt64Saturated();
        if (_last is { } known && await FindAsync(known.OutputRoot, known.L2Block, cancellation) is var there && there?.Proxy != known.Proxy)
        {
            logger.LogWarning("The game {Game} for L2 block {Block} is not on L1 any more: L1 was reorganised", known.Proxy.ToChecksumString(), known.L2Block);
            (_last, _seen) = (null, 0);
        }

        if (count < _seen) (_last, _seen) = (null, 0);
        for (ulong i = count; i > _seen; i--)
        {
            UInt256[] game = await _factory.FindAsync(CallData.Encode("gameAtIndex(uint256)", i - 1), 3, cancellation)
                ?? throw new ProposalException($"the DisputeGameFactory {factory.ToChecksumString()} counts {count} games and does not give number {i}: L1 is being reorganised, or the next of several servers is behind");
            DateTimeOffset created = TimeOf(game[1]);
            if (created < since && count - i >= SearchDepth) break;
            if (game[0] != gameType || await FindOwnAsync(Address.FromUInt256(game[2]), created, cancellation) is not { } own) continue;
            _last = own;
            break;
        }

        _seen = count;
        return _last;
    }

    /// <summary>The game of our type with this claim; null when there is none.</summary>
    public async Task<(Address Proxy, DateTimeOffset Created)?> FindAsync(Hash256 outputRoot, ulong l2Block, CancellationToken cancellation)
    {
        UInt256[] game = await _factory.FindAsync(CallData.FindGame(gameType, outputRoot, l2Block), 2, cancellation) ?? throw NoFactory();
        return game[0].IsZero ? null : (Address.FromUInt256(game[0]), TimeOf(game[1]));
    }

    private async Task<OwnGame?> FindOwnAsync(Address proxy, DateTimeOffset created, CancellationToken cancellation)
    {
        var game = new ContractView(proxy, l1);
        if (await game.FindWordAsync("gameCreator()", cancellation) is not { } creator || Address.FromUInt256(creator) != proposer) return null;
        UInt256? root = await game.FindWordAsync("rootClaim()", cancellation);
        UInt256[]? extra = await game.FindAsync(CallData.Encode("extraData()"), 3, cancellation); // offset, length, the L2 block number
        return root is { } claim && extra is not null ? new OwnGame(proxy, created, Hash256.FromUInt256(claim), extra[2].ToUInt64Saturated()) : null;
    }

    private static DateTimeOffset TimeOf(in UInt256 seconds) => DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(seconds.ToUInt64Saturated(), LatestTime));

    private ProposerRefusedException NoFactory() => new($"{factory.ToChecksumString()} on L1 does not answer as a DisputeGameFactory does; is it the right address, and L1 the right chain?");
}
