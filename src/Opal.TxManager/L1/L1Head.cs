using Microsoft.Extensions.Logging;

namespace Opal.TxManager;

/// <summary>Watches L1's head: a transaction that is not mined is nobody's fault while L1 makes no blocks.</summary>
internal sealed class L1Head(L1Endpoints l1, LiveOptions options, TimeProvider clock, ILogger logger)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromMinutes(1), s_longestCache = TimeSpan.FromSeconds(1);

    /// <summary>A head so far below the highest seen is another chain, as a development L1 that was started afresh.</summary>
    private const ulong DeepestReorg = 64;

    private readonly Lock _gate = new();
    private DateTimeOffset _movedAt, _readAt, _toldAt;

    /// <summary>The highest block number seen; 0 before the first.</summary>
    public ulong Number { get; private set; }

    /// <summary>How often the head was seen to grow.</summary>
    public long Moves { get; private set; }

    /// <summary>The time since the head was last seen to grow; zero before the first look.</summary>
    public TimeSpan StillFor
    {
        get
        {
            lock (_gate) return Moves == 0 ? TimeSpan.Zero : clock.GetUtcNow() - _movedAt;
        }
    }

    /// <summary>What to tell of an L1 that makes no blocks; null while it does.</summary>
    public string? Problem => StillFor is var still && still >= s_patience ? $"L1 has not moved for {still.TotalSeconds:0} s (block {Number})" : null;

    /// <summary>A head was read, here or for another purpose.</summary>
    public void Seen(ulong number)
    {
        lock (_gate)
        {
            DateTimeOffset now = clock.GetUtcNow();
            _readAt = now;
            if (Moves > 0 && number <= Number && number + DeepestReorg > Number) return;
            if (Moves > 0 && now - _movedAt >= s_patience) logger.LogInformation("L1 moves again after {Seconds:0} s: block {Block}", (now - _movedAt).TotalSeconds, number);
            Number = number;
            Moves++;
            _movedAt = now;
        }
    }

    /// <summary>Reads the head, unless that was done a moment ago.</summary>
    public async Task ReadAsync(CancellationToken cancellation)
    {
        TimeSpan cache = options.Current.ReceiptQueryInterval / 2;
        if (cache > s_longestCache) cache = s_longestCache;
        lock (_gate)
        {
            if (Moves > 0 && clock.GetUtcNow() - _readAt < cache) return;
        }

        Seen(await l1.LargestAsync(static (client, token) => client.BlockNumberAsync(token), makesBest: true, cancellation));
        if (Problem is not { } problem) return;
        lock (_gate)
        {
            if (clock.GetUtcNow() - _toldAt < s_patience) return;
            _toldAt = clock.GetUtcNow();
        }

        logger.LogWarning("{Problem}: fees are not raised meanwhile", problem);
    }
}
