namespace Opal.JsonRpc;

/// <summary>Splits long batches, and repeats what failed by a transient fault, as a client's options say.</summary>
internal sealed class RepeatedSending(HttpRpcClientOptions options)
{
    private const int RateLimited = -32005;

    /// <param name="requests">The calls.</param>
    /// <param name="sendOnce">Sends one batch, once.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<RpcReply[]> SendAsync(
        IReadOnlyList<RpcRequest> requests, Func<IReadOnlyList<RpcRequest>, CancellationToken, Task<RpcReply[]>> sendOnce, CancellationToken cancellation)
    {
        if (requests.Count <= options.MaxBatchItems) return await SendRetryingAsync(requests, sendOnce, cancellation);
        var replies = new List<RpcReply>(requests.Count);
        for (int at = 0; at < requests.Count; at += options.MaxBatchItems)
        {
            RpcRequest[] part = [.. requests.Skip(at).Take(options.MaxBatchItems)];
            replies.AddRange(await SendRetryingAsync(part, sendOnce, cancellation));
        }

        return [.. replies];
    }

    private async Task<RpcReply[]> SendRetryingAsync(
        IReadOnlyList<RpcRequest> requests, Func<IReadOnlyList<RpcRequest>, CancellationToken, Task<RpcReply[]>> sendOnce, CancellationToken cancellation)
    {
        RpcRetryPolicy retry = options.Retry;
        for (int attempt = 1; ; attempt++)
        {
            TimeSpan wait;
            try
            {
                RpcReply[] replies = await sendOnce(requests, cancellation);
                if (attempt >= retry.Attempts || !Array.Exists(replies, static r => r.Error?.Code == RateLimited)) return replies;
                wait = retry.DelayAfter(attempt);
            }
            catch (RpcTransportException fault) when (fault.IsTransient && attempt < retry.Attempts)
            {
                TimeSpan own = retry.DelayAfter(attempt);
                wait = fault.RetryAfter is { } asked && asked > own ? (asked < retry.MaxDelay ? asked : retry.MaxDelay) : own;
            }

            await Task.Delay(wait, options.Clock, cancellation);
        }
    }
}
