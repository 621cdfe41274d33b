using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.TxManager;

namespace Opal.Devnet.Games;

/// <summary>
/// The devnet's challenger: disputes the root claim of a game that is wrong, resolves games whose clocks are over, and has bonds paid back. It answers a wrong root
/// once; who answers that in turn needs the fault-proof program to be beaten, and the log says so.
/// </summary>
internal sealed class GameResolver(GameContracts contracts, RollupNodeClient node, TimeSpan interval, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>Games looked at after a start or a reorg, newest first.</summary>
    private const ulong Lookback = 200;

    private readonly CancellationTokenSource _stopping = new();
    private readonly List<WatchedGame> _games = [];
    private ulong? _seen;
    private Task _loop = Task.CompletedTask;

    /// <summary>Starts the loop.</summary>
    public void Start() => _loop = Task.Run(RunAsync);

    private async Task RunAsync()
    {
        string trouble = "";
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await StepAsync(_stopping.Token);
                trouble = "";
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException or JsonFormatException)
            {
                if (trouble != error.Message) logger.LogWarning("Games are looked at again: {Problem}", error.Message);
                trouble = error.Message;
            }

            await Task.Delay(interval, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Looks at every game once and does what is due.</summary>
    internal async Task StepAsync(CancellationToken cancellation)
    {
        try
        {
            await FindNewAsync(cancellation);
            ulong now = await contracts.HeadTimeAsync(cancellation);
            foreach (WatchedGame game in _games.ToArray())
            {
                if (await contracts.RootAsync(game.Facts.Proxy, cancellation) != game.Facts.Root) throw new GameGoneException(game.Facts.Proxy); // a reorg can put another game at its address
                if (await IsSettledOrFailsAsync(game, now, cancellation)) _games.Remove(game);
            }
        }
        catch (GameGoneException error)
        {
            logger.LogWarning("{Problem}: L1 was reorganised, looking at all games anew", error.Message);
            _games.Clear();
            _seen = null;
        }
    }

    /// <summary>One game's trouble is not the others'.</summary>
    private async Task<bool> IsSettledOrFailsAsync(WatchedGame game, ulong now, CancellationToken cancellation)
    {
        try
        {
            return await IsSettledAsync(game, now, cancellation);
        }
        catch (TxManagerException error)
        {
            if (game.Trouble != error.Message) logger.LogWarning("The {Game} is tried again: {Problem}", game.Facts, error.Message);
            game.Trouble = error.Message;
            return false;
        }
    }

    private async Task FindNewAsync(CancellationToken cancellation)
    {
        ulong count = await contracts.CountAsync(cancellation);
        if (count < _seen)
        {
            logger.LogWarning("There are {Count} games and were {Before}: L1 was reorganised, looking at all games anew", count, _seen);
            _games.Clear();
            _seen = null;
        }

        _seen ??= count - Math.Min(count, Lookback);
        for (; _seen < count; _seen++)
        {
            GameFacts facts = await contracts.FactsAsync(await contracts.GameAtAsync(_seen.Value, cancellation), cancellation);
            _games.Add(new WatchedGame(facts));
        }
    }

    private async Task<bool> IsSettledAsync(WatchedGame game, ulong now, CancellationToken cancellation)
    {
        GameStatus status = await contracts.StatusAsync(game.Facts.Proxy, cancellation);
        if (status != GameStatus.InProgress) return await IsPaidAsync(game, status, now, cancellation);
        game.WasInProgress = true;
        game.IsRight ??= await JudgeAsync(game.Facts, cancellation);
        if (game.IsRight is not { } isRight) return false;
        uint?[] parents = await contracts.ParentsAsync(game.Facts.Proxy, cancellation);
        bool isClockOver = now >= game.Facts.Created + game.Facts.MaxClock;
        if (!isRight && parents.Length == 1)
        {
            if (!isClockOver) await DisputeAsync(game.Facts, cancellation);
            else if (!game.IsDisputeSaid) logger.LogError("The {Game} claims a wrong output root, and the time to dispute it is over: it stands if anybody resolves it", game.Facts);
            game.IsDisputeSaid |= isClockOver;
            return false;
        }

        // a right root that nobody disputes, or a wrong one that falls to claims which nobody answers
        if (isRight ? parents.Length > 1 : parents.Any(static parent => parent > 0))
        {
            if (!game.IsDisputeSaid) logger.LogWarning("The {Game}, whose root is {Verdict}, is in a dispute that this devnet cannot play: there is no fault-proof program yet", game.Facts, isRight ? "right" : "wrong");
            game.IsDisputeSaid = true;
            return false;
        }

        if (!isClockOver) return false;
        for (int claim = 0; claim < parents.Length; claim++)
        {
            if (await contracts.ClockAsync(game.Facts.Proxy, claim, cancellation) < game.Facts.MaxClock) return false;
        }

        await contracts.ResolveAsync(game.Facts, parents.Length, cancellation);
        return false;
    }

    /// <summary>
    /// Compares the root claim with the rollup node's output. A block that is not safe though the node is through with all of L1 that the game could know is made up;
    /// while the node is at the last block of that, what it derives from it is still to come.
    /// </summary>
    private async Task<bool?> JudgeAsync(GameFacts game, CancellationToken cancellation)
    {
        SyncStatus status = await node.SyncStatusAsync(cancellation);
        if (game.L2Block > status.SafeL2.Number) return status.CurrentL1.Number > game.L1Head ? false : null;
        return (await node.OutputAtBlockAsync(game.L2Block, cancellation)).OutputRoot == game.Root;
    }

    private async Task DisputeAsync(GameFacts game, CancellationToken cancellation)
    {
        ulong safe = (await node.SyncStatusAsync(cancellation)).SafeL2.Number;
        Hash256 output = (await node.OutputAtBlockAsync(Math.Min(Math.Min(game.AttackBlock, game.L2Block), safe), cancellation)).OutputRoot;
        logger.LogWarning("The {Game}, made by {Creator}, claims the output root {Root}, which is wrong: disputing it", game, game.Creator.ToChecksumString(), game.Root);
        await contracts.AttackRootAsync(game, output, cancellation);
    }

    private async Task<bool> IsPaidAsync(WatchedGame game, GameStatus status, ulong now, CancellationToken cancellation)
    {
        if (game.WasInProgress && !game.IsEndSaid) logger.LogInformation("The {Game} is resolved: its output root {Outcome}", game.Facts, status == GameStatus.DefenderWins ? "stands" : "falls");
        game.IsEndSaid = true;
        bool isPaid = true;
        foreach (Address recipient in new HashSet<Address> { game.Facts.Creator, contracts.Account })
        {
            (UInt256 amount, ulong from) = await contracts.CreditAsync(game.Facts.Proxy, recipient, cancellation);
            if (amount.IsZero) continue;
            if (from > now) isPaid = false;
            else await contracts.PayAsync(game.Facts.Proxy, recipient, cancellation);
        }

        return isPaid;
    }

    /// <summary>Stops the loop.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }
}
