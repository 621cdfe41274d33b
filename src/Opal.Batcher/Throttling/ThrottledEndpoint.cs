using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>Tells one execution client the limits: at most one call at a time, again when they changed, when it may have forgotten them, and after a failure.</summary>
internal sealed class ThrottledEndpoint(int index, IRpcClient client, ThrottleOptions options, TimeProvider time, ILogger logger, OperatorAlarms? alarms, CancellationToken stopping)
{
    private const string Method = "miner_setMaxDASize";

    private readonly string _alarm = $"throttle {index}";
    private readonly Lock _gate = new();
    private Task _telling = Task.CompletedTask;
    private (ulong Transaction, ulong Block)? _told;
    private long _settledAt;
    private TimeSpan _pause;
    private string? _problem;

    /// <summary>The execution client, as messages name it.</summary>
    public string Name => client.Endpoint;

    /// <summary>Why it could not be told; null when it was.</summary>
    public string? Problem
    {
        get
        {
            lock (_gate) return _problem;
        }
    }

    /// <summary>Completes when no call is on its way.</summary>
    public Task Settled
    {
        get
        {
            lock (_gate) return _telling;
        }
    }

    /// <summary>Begins to tell it, if that is due. Never waits.</summary>
    public void Tell(ThrottleLimits limits)
    {
        lock (_gate)
        {
            if (!_telling.IsCompleted || stopping.IsCancellationRequested) return;
            bool isNews = _problem is null && _told != (limits.TransactionBytes, limits.BlockBytes);
            if (!isNews && time.GetElapsedTime(_settledAt) < _pause) return;
            _telling = Task.Run(() => TellAsync(limits), CancellationToken.None);
        }
    }

    private async Task TellAsync(ThrottleLimits limits)
    {
        using var timeout = new CancellationTokenSource(options.NetworkTimeout, time);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(stopping, timeout.Token);
        try
        {
            bool accepted = await client.CallAsync(Method, writer =>
            {
                writer.WriteQuantityValue(limits.TransactionBytes);
                writer.WriteQuantityValue(limits.BlockBytes);
            }, static value => value.IsNull || value.AsBool(), linked.Token).WaitAsync(linked.Token);
            if (accepted) Told(limits);
            else Failed($"{Method} answered false", options.RetryInterval);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // nobody wants to know any more
        }
        catch (OperationCanceledException)
        {
            Failed($"no answer within {options.NetworkTimeout.TotalSeconds:0.#} s", options.RetryInterval);
        }
        catch (RpcCallException error) when (error.IsMissingMethod)
        {
            Failed($"it does not serve {Method}: enable its miner API", options.RetryInterval * 6);
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException)
        {
            Failed(error.Message, options.RetryInterval);
        }
    }

    private void Told(ThrottleLimits limits)
    {
        bool isBack;
        lock (_gate)
        {
            isBack = _problem is not null;
            _problem = null;
            _told = (limits.TransactionBytes, limits.BlockBytes);
            (_settledAt, _pause) = (time.GetTimestamp(), options.ReassertInterval);
        }

        if (!isBack) return;
        string text = $"the execution client at {Name} takes limits of data again";
        if (alarms is null) logger.LogInformation("{Text}", text);
        else alarms.Clear(_alarm, text);
    }

    private void Failed(string problem, TimeSpan wait)
    {
        bool isNew;
        lock (_gate)
        {
            isNew = _problem is null;
            _problem = problem;
            _told = null;
            (_settledAt, _pause) = (time.GetTimestamp(), wait);
        }

        string text = $"The execution client at {Name} cannot be asked for smaller blocks: {problem}. It will not slow down when L1 lags behind";
        if (alarms is not null) alarms.Raise(_alarm, AlarmLevel.Warning, text);
        else if (isNew) logger.LogWarning("{Text}", text);
    }
}
