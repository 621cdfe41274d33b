namespace Opal.Node;

/// <summary>Lets callers that want the same thing share one request. Safe for concurrent use.</summary>
/// <remarks>A request goes on when a caller gives up: another may wait for it, and what it brings is kept.</remarks>
internal sealed class SharedRequests<TKey, TValue>
    where TKey : notnull
{
    private readonly Lock _lock = new();
    private readonly Dictionary<TKey, Task<TValue>> _running = [];

    /// <summary>Joins the request for a key, or begins it.</summary>
    /// <param name="key">What is wanted.</param>
    /// <param name="ask">Asks for it; nobody may have cancelled the request when one caller gives up.</param>
    /// <param name="cancellation">The caller gives up.</param>
    public Task<TValue> RunAsync(TKey key, Func<Task<TValue>> ask, CancellationToken cancellation)
    {
        Task<TValue>? task;
        lock (_lock)
        {
            if (!_running.TryGetValue(key, out task))
            {
                task = AskAsync(key, ask);
                if (!task.IsCompleted) _running[key] = task;
                // nobody may be left to see it fail
                _ = task.ContinueWith(static failed => _ = failed.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
            }
        }

        return task.WaitAsync(cancellation);
    }

    private async Task<TValue> AskAsync(TKey key, Func<Task<TValue>> ask)
    {
        try
        {
            return await ask();
        }
        finally
        {
            lock (_lock) _running.Remove(key);
        }
    }
}
