using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>What following another client's unsafe blocks has come to.</summary>
/// <param name="Source">Whom.</param>
/// <param name="Head">Its latest block's number; null before the first answer.</param>
/// <param name="Trouble">Why its blocks are of no use now; null when all is well.</param>
public sealed record FollowReport(string Source, ulong? Head = null, string? Trouble = null);

/// <summary>
/// Follows unsafe blocks of another execution client (l2.follow.source) or of another node's feed (l2.follow.feed): looks at the latest block every second, or waits for the
/// next one where the source can, fetches the blocks above the own unsafe head, several at a time, and hands them to the driver in order. While the engine syncs itself (<see cref="Driver.WantsTip"/>) only the latest block is handed over. A source that is
/// away, behind or on another fork is reported and asked ever more seldom; derivation from L1 goes on without it.
/// </summary>
/// <param name="source">Whom to follow.</param>
/// <param name="driver">Takes the blocks.</param>
/// <param name="config">The rollup.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where changes for the better and the worse are logged, once each.</param>
public sealed class UnsafeFollower(IUnsafeSource source, Driver driver, RollupConfig config, TimeProvider time, ILogger logger)
{
    /// <summary>Blocks fetched at once.</summary>
    public const int BatchSize = 16;

    /// <summary>How long the driver has for the blocks handed over before they are fetched again.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(50);

    private readonly Backoff _backoff = new(time, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));
    private volatile FollowReport _report = new(source.Name);
    private bool _isChainChecked;
    private ulong _handed;
    private DateTimeOffset _handedUntil;

    /// <summary>How it goes.</summary>
    public FollowReport Report => _report;

    /// <summary>Polls until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            bool more = false;
            try
            {
                more = await PollAsync(cancellation);
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is not OperationCanceledException)
            {
                logger.LogError(error, "following {Source}", source.Name);
                Fail(null, error.Message); // a fault nobody foresaw must not end the following
            }

            await Task.Delay(more || (source.Waits && _report.Trouble is null) ? s_shortest : TimeSpan.FromSeconds(1), time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Looks once, unless a back-off or the blocks handed over last say to wait. True: there is more to fetch.</summary>
    public async Task<bool> PollAsync(CancellationToken cancellation)
    {
        if (!_backoff.IsDue || driver.IsSequencing || driver.HaltReason is not null) return false;
        if (!driver.IsSettled && !driver.WantsTip) return false;
        try
        {
            return await FollowAsync(cancellation);
        }
        catch (SourceException error)
        {
            return Fail(_report.Head, error.Message);
        }
    }

    private async Task<bool> FollowAsync(CancellationToken cancellation)
    {
        if (!_isChainChecked)
        {
            ulong chain = await source.ChainIdAsync(cancellation);
            if (chain != config.L2ChainId) return Fail(null, $"it serves chain {chain}, not {config.L2ChainId}: what is followed has to be of this rollup");
            _isChainChecked = true;
        }

        if (await source.LatestAsync(KnownHeight(), cancellation) is not { } latest) return Fail(null, "it has no block");
        if (driver.WantsTip)
        {
            if (latest.Number <= config.GenesisL2.Number) return Fail(latest.Number, "it has no block above genesis");
            if (await source.BlockAsync(latest.Number, cancellation) is not { } tip) return Fail(latest.Number, $"it does not have its block {latest.Number}");
            await PostAsync(tip, cancellation);
            return Succeed(latest.Number);
        }

        L2BlockRef head = driver.Status.UnsafeL2;
        if (latest.Number < head.Number) return Fail(latest.Number, $"it is behind: its latest block is {latest.Number}, the unsafe head here is {head.Number}");
        if (latest.Number == head.Number) return latest.Hash == head.Hash ? Succeed(latest.Number) : Fail(latest.Number, OtherFork(head, latest.Hash.ToString()));
        if (head.Number < _handed && time.GetUtcNow() < _handedUntil) return false;

        int count = (int)Math.Min(BatchSize, latest.Number - head.Number);
        var fetches = new Task<Block?>[count];
        for (int i = 0; i < count; i++) fetches[i] = source.BlockAsync(head.Number + 1 + (ulong)i, cancellation);
        Block?[] blocks = await Task.WhenAll(fetches);
        var (parent, number) = (head.Hash, head.Number);
        foreach (Block? block in blocks)
        {
            if (block is null) break; // it reorganised meanwhile
            if (block.Header.ParentHash != parent)
            {
                if (number == head.Number) return Fail(latest.Number, OtherFork(head, block.Header.ParentHash.ToString()));
                break;
            }

            await PostAsync(block, cancellation);
            (parent, number) = (block.Hash, block.Number);
        }

        if (number == head.Number) return Fail(latest.Number, $"it does not have block {head.Number + 1} although its latest is {latest.Number}");
        (_handed, _handedUntil) = (number, time.GetUtcNow() + s_patience);
        Succeed(latest.Number);
        return number < latest.Number;
    }

    /// <summary>Up to where blocks are here or on their way.</summary>
    private ulong KnownHeight() => driver.WantsTip ? 0 : time.GetUtcNow() < _handedUntil ? Math.Max(_handed, driver.Status.UnsafeL2.Number) : driver.Status.UnsafeL2.Number;

    private Task<bool> PostAsync(Block block, CancellationToken cancellation) =>
        driver.PostUnsafePayloadAsync(PayloadEnvelopes.FromBlock(block, config)).WaitAsync(cancellation);

    private static string OtherFork(L2BlockRef head, string other) => $"it is on another fork: block {head.Number} is {other} there and {head.Hash} here";

    private bool Succeed(ulong head)
    {
        if (_report.Trouble is not null) logger.LogInformation("{Source} can be followed again, its latest block is {Number}", source.Name, head);
        _backoff.Succeeded();
        _report = new FollowReport(source.Name, head);
        return false;
    }

    private bool Fail(ulong? head, string trouble)
    {
        if (_report.Trouble != trouble) logger.LogWarning("{Source} cannot be followed: {Trouble}", source.Name, trouble);
        _backoff.Failed(trouble);
        _report = new FollowReport(source.Name, head, trouble);
        return false;
    }
}
