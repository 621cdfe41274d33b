using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

public sealed partial class BatcherService
{
    /// <summary>Blocks that wait to be loaded and are measured in one look.</summary>
    private const int BlocksMeasuredPerLook = 512;

    private readonly Queue<(ulong Number, long Bytes)> _ahead = new();
    private long _aheadBytes;
    private ulong _aheadLast;

    /// <summary>Tells the throttle what waits for L1: what is loaded, and the blocks that are not, since enough channels wait or since L1 gives no answer.</summary>
    private async Task SlowDownAsync(EthClient l2, SyncStatus status, CancellationToken cancellation)
    {
        if (_throttle is null) return;
        try
        {
            await MeasureAsync(l2, status.SafeL2.Number, status.UnsafeL2.Number, cancellation);
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            _logger.LogDebug("The blocks that wait to be loaded cannot be measured: {Problem}", error.Message); // loading them says so aloud
        }

        long backlog;
        lock (_gate) backlog = _manager.BacklogBytes + _aheadBytes;
        await _throttle.ApplyAsync(backlog, cancellation);
    }

    /// <summary>Measures the blocks above those that are loaded, each once. Those that are to be replaced count for nothing.</summary>
    private async Task MeasureAsync(EthClient l2, ulong safe, ulong last, CancellationToken cancellation)
    {
        ulong next;
        using (Enter())
        {
            ulong tip = _manager.Tip?.Number ?? safe;
            while (_ahead.TryPeek(out (ulong Number, long Bytes) loaded) && loaded.Number <= tip) _aheadBytes -= _ahead.Dequeue().Bytes;
            if (_held is not null || last < _aheadLast || (_ahead.TryPeek(out (ulong Number, long Bytes) first) && first.Number != tip + 1))
            {
                _ahead.Clear();
                _aheadBytes = 0;
            }

            next = _ahead.Count == 0 ? tip + 1 : _aheadLast + 1;
            if (_held is not null) return;
        }

        for (int count = 0; count < BlocksMeasuredPerLook && next <= last; count++, next++)
        {
            if (await l2.FindBlockAsync(BlockParameter.At(next), cancellation) is not { } block) return;
            long bytes = ChannelManager.EstimateBytes(block);
            using (Enter())
            {
                _ahead.Enqueue((next, bytes));
                _aheadBytes += bytes;
                _aheadLast = next;
            }
        }
    }
}
