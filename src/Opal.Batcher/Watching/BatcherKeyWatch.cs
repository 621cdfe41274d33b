using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>Looks again and again whether the rollup still takes batches from this key: it can be given to another while the batcher runs.</summary>
public sealed class BatcherKeyWatch : IAsyncDisposable
{
    /// <summary>The alarm.</summary>
    public const string Alarm = "key";

    private readonly BatcherIdentity _identity;
    private readonly OperatorAlarms _alarms;
    private readonly RepeatedLook _looks;

    /// <summary>A watch, not yet started.</summary>
    /// <param name="identity">Knows whose batches count.</param>
    /// <param name="alarms">Where the alarm goes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    /// <param name="interval">The time between two looks; null takes five minutes.</param>
    public BatcherKeyWatch(BatcherIdentity identity, OperatorAlarms alarms, TimeProvider time, ILogger logger, TimeSpan? interval = null)
    {
        (_identity, _alarms) = (identity, alarms);
        _looks = new RepeatedLook("the SystemConfig's batcher", LookAsync, interval ?? TimeSpan.FromMinutes(5), time, logger);
    }

    /// <summary>Begins to look.</summary>
    public void Start() => _looks.Start();

    /// <summary>One look.</summary>
    /// <exception cref="RpcTransportException">L1 gives no answer.</exception>
    /// <exception cref="RpcCallException">L1 refuses.</exception>
    public async Task LookAsync(CancellationToken cancellation)
    {
        if (await _identity.FindFaultAsync(cancellation) is { } fault) _alarms.Raise(Alarm, AlarmLevel.Error, $"What is posted does not count any more: {fault}");
        else _alarms.Clear(Alarm, "the rollup takes batches from this key again");
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _looks.DisposeAsync();
}
