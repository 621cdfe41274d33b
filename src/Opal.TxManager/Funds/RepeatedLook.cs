using Microsoft.Extensions.Logging;
using Opal.JsonRpc;

namespace Opal.TxManager;

/// <summary>Looks at something again and again in the background. A look that fails is logged and made again; it never ends the rest.</summary>
/// <param name="what">What is looked at, as the middle of a sentence.</param>
/// <param name="look">One look.</param>
/// <param name="interval">The time between two looks.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where to log.</param>
public sealed class RepeatedLook(string what, Func<CancellationToken, Task> look, TimeSpan interval, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _loop = Task.CompletedTask;
    private bool _fails;

    /// <summary>Begins, with the first look at once.</summary>
    public void Start() => _loop = Task.Run(RunAsync);

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            await LookAsync();
            await Task.Delay(interval, time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task LookAsync()
    {
        try
        {
            await look(_stopping.Token);
            if (_fails) logger.LogInformation("Looking at {What} works again", what);
            _fails = false;
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // the end
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            if (!_fails) logger.LogWarning("Cannot look at {What}, trying again every {Seconds:0} s: {Problem}", what, interval.TotalSeconds, error.Message);
            _fails = true;
        }
        catch (Exception error)
        {
            logger.LogError(error, "Looking at {What} failed", what);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }
}
