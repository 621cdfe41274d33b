using Opal.JsonRpc;

namespace Opal.Node;

/// <summary>The outcome of a question.</summary>
/// <param name="Answer">The first answer with content; null when none came.</param>
/// <param name="From">Who gave it.</param>
/// <param name="IsAbsent">Whether an endpoint answered that there is no such thing, and none that there is.</param>
internal readonly record struct Asked<T>(T? Answer, L1Endpoint? From, bool IsAbsent)
    where T : class;

/// <summary>
/// Asks endpoints in an order until one gives an answer with content: the next one is asked when the last failed, when it says that there is no such thing (it
/// may be behind), or when it takes much longer than usual. The first good answer wins, and what is under way then is cancelled.
/// </summary>
internal sealed class HedgedCall(TimeProvider clock, TimeSpan leastPatience)
{
    /// <param name="order">Whom to ask, first to last.</param>
    /// <param name="ask">The question. A provider's fault is an <see cref="RpcTransportException"/> or <see cref="RpcCallException"/>.</param>
    /// <param name="failures">Gets the faults.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<Asked<T>> RunAsync<T>(
        IReadOnlyList<L1Endpoint> order, Func<L1Endpoint, CancellationToken, Task<T?>> ask, List<Exception> failures, CancellationToken cancellation)
        where T : class
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = new List<Call<T>>();
        int next = 0;
        bool isAbsent = false;
        Begin();
        try
        {
            while (running.Count > 0)
            {
                if (!await AnyEndsAsync())
                {
                    Begin();
                    continue;
                }

                foreach (Call<T> call in running.FindAll(static c => c.Task.IsCompleted))
                {
                    running.Remove(call);
                    try
                    {
                        T? answer = await call.Task;
                        call.Endpoint.Health.Succeeded(clock.GetElapsedTime(call.Start));
                        if (answer is not null)
                        {
                            foreach (Call<T> slower in running.FindAll(other => other.Place < call.Place)) slower.Endpoint.Health.Failed();
                            return new Asked<T>(answer, call.Endpoint, false);
                        }

                        isAbsent = true;
                    }
                    catch (Exception error) when (error is RpcTransportException or RpcCallException && !cancellation.IsCancellationRequested)
                    {
                        call.Endpoint.Health.Failed();
                        failures.Add(error);
                    }
                }

                if (running.Count == 0 && next < order.Count) Begin();
            }

            return new Asked<T>(null, null, isAbsent);
        }
        finally
        {
            await end.CancelAsync();
            foreach (Call<T> call in running)
                _ = call.Task.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
        }

        void Begin()
        {
            L1Endpoint endpoint = order[next];
            running.Add(new Call<T>(endpoint, next++, clock.GetTimestamp(), ask(endpoint, end.Token)));
        }

        // false: the one asked last has had its time, and there is another to ask
        async Task<bool> AnyEndsAsync()
        {
            Task any = Task.WhenAny(running.Select(static call => call.Task));
            if (next < order.Count && !any.IsCompleted)
            {
                using var calm = CancellationTokenSource.CreateLinkedTokenSource(end.Token);
                Task patience = Task.Delay(order[next - 1].Health.Patience(leastPatience), clock, calm.Token);
                bool isLate = await Task.WhenAny(any, patience) == patience;
                cancellation.ThrowIfCancellationRequested();
                await calm.CancelAsync();
                if (isLate) return false;
            }

            await any.WaitAsync(cancellation);
            cancellation.ThrowIfCancellationRequested();
            return true;
        }
    }

    private sealed record Call<T>(L1Endpoint Endpoint, int Place, long Start, Task<T?> Task)
        where T : class;
}
