using Microsoft.Extensions.Logging;
using Opal.JsonRpc;

namespace Opal.Batcher;

/// <summary>Asks the sequencer's execution client for smaller blocks while the backlog is large, and for ordinary ones when it is not.</summary>
public sealed class SequencerThrottle(ThrottleOptions options, IRpcClient l2, ILogger logger) : IDataThrottle
{
    private (ulong Transaction, ulong Block)? _set;
    private bool _isUnsupported;

    /// <inheritdoc/>
    public bool IsActive => _set is { Transaction: > 0 };

    /// <inheritdoc/>
    public async Task ApplyAsync(long backlogBytes, CancellationToken cancellation)
    {
        if (_isUnsupported) return;
        bool slow = backlogBytes > options.ThresholdBytes;
        (ulong Transaction, ulong Block) wanted = slow ? (options.TransactionBytes, options.BlockBytes) : (0, options.AlwaysBlockBytes);
        if (_set == wanted) return;
        try
        {
            await l2.CallAsync("miner_setMaxDASize", writer =>
            {
                writer.WriteQuantityValue(wanted.Transaction);
                writer.WriteQuantityValue(wanted.Block);
            }, static _ => true, cancellation);
        }
        catch (RpcCallException error) when (error.Code == RpcErrorCode.MethodNotFound)
        {
            _isUnsupported = true;
            logger.LogWarning("The sequencer's execution client does not serve miner_setMaxDASize: it cannot be slowed down when L1 lags behind");
            return;
        }

        if (slow || IsActive) logger.LogInformation("Backlog of {Backlog} bytes: blocks are limited to {Limit} bytes of data", backlogBytes, wanted.Block);
        _set = wanted;
    }
}
