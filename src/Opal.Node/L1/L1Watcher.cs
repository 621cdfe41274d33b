using Microsoft.Extensions.Logging;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>How L1's labels are followed.</summary>
/// <param name="HeadInterval">Between looks at the head (l1.http-poll-interval).</param>
/// <param name="EpochInterval">Between looks at the safe and finalized blocks (l1.epoch-poll-interval).</param>
public sealed record L1WatcherOptions(TimeSpan HeadInterval, TimeSpan EpochInterval)
{
    /// <summary>12 s and 6 min 24 s: Ethereum's slot and epoch.</summary>
    public static L1WatcherOptions Default { get; } = new(TimeSpan.FromSeconds(12), TimeSpan.FromSeconds(384));
}

/// <summary>Follows L1's head, safe and finalized blocks by polling. A failed look is logged and repeated at the next interval.</summary>
public sealed class L1Watcher(IL1Source l1, L1Heads heads, L1WatcherOptions options, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan s_shortest = TimeSpan.FromMilliseconds(10);

    private DateTimeOffset _nextEpochLook = DateTimeOffset.MinValue;

    /// <summary>Polls until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
        {
            try
            {
                await PollAsync(cancellation);
                heads.Trouble = null;
            }
            catch (SourceException error)
            {
                heads.Trouble = error.Message;
                logger.LogWarning("L1 head: {Reason}", error.Message);
            }
            catch (Exception error) when (!cancellation.IsCancellationRequested)
            {
                // a fault nobody foresaw must not stop the node from seeing L1
                heads.Trouble = error.Message;
                logger.LogError(error, "L1 head");
            }
            catch (OperationCanceledException)
            {
                return;
            }

            await Task.Delay(options.HeadInterval > s_shortest ? options.HeadInterval : s_shortest, time, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Looks once: at the head, and at the other labels when they are due.</summary>
    public async Task PollAsync(CancellationToken cancellation)
    {
        L1Labels before = heads.Current;
        BlockHeader? head = await l1.HeaderByLabelAsync(L1Label.Head, cancellation);
        L1Labels labels = before with { Head = Reference(head) ?? before.Head };
        if (labels.Head != before.Head && !before.Head.Hash.IsZero && labels.Head.ParentHash != before.Head.Hash && labels.Head.Number <= before.Head.Number)
            logger.LogInformation("L1 reorganised: head is now {Number} {Hash}", labels.Head.Number, labels.Head.Hash);
        heads.Set(labels);
        if (time.GetUtcNow() < _nextEpochLook) return;
        BlockHeader? safe = await l1.HeaderByLabelAsync(L1Label.Safe, cancellation);
        heads.Set(heads.Current with { Safe = Reference(safe) ?? heads.Current.Safe });
        BlockHeader? finalized = await l1.HeaderByLabelAsync(L1Label.Finalized, cancellation);
        heads.Set(heads.Current with { Finalized = Reference(finalized) ?? heads.Current.Finalized });
        _nextEpochLook = time.GetUtcNow() + options.EpochInterval;
    }

    private static L1BlockRef? Reference(BlockHeader? header) =>
        header is null ? null : new L1BlockRef(header.Hash, header.Number, header.ParentHash, header.Timestamp);
}
