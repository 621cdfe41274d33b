using Microsoft.Extensions.Logging;
using Opal.JsonRpc;

namespace Opal.Cli.L1Services;

/// <summary>Asks servers that may start later than we do, until one answers; says what it waits for, at once and every half minute.</summary>
/// <param name="logger">Where to say it.</param>
/// <param name="time">The clock.</param>
/// <param name="tell">Is told what is waited for, for health checks; null when nothing is.</param>
internal sealed class EndpointWait(ILogger logger, TimeProvider time, Action<string?> tell)
{
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1), s_reminder = TimeSpan.FromSeconds(30);

    /// <summary>Asks each of several servers of a kind in turn until one answers.</summary>
    /// <param name="what">What they are: <c>the rollup node</c>.</param>
    /// <param name="flag">The flag that names them.</param>
    /// <param name="servers">The servers.</param>
    /// <param name="ask">The question; its time-outs are the client's.</param>
    /// <param name="stop">Gives up.</param>
    /// <exception cref="ServiceException">A server answers that it is something else, or that we may not ask.</exception>
    public async Task<TAnswer> AskAsync<TServer, TAnswer>(string what, string flag, IReadOnlyList<TServer> servers, Func<TServer, CancellationToken, Task<TAnswer>> ask, CancellationToken stop)
    {
        string said = "";
        DateTimeOffset when = default;
        while (true)
        {
            var problems = new List<string>();
            foreach (TServer server in servers)
            {
                try
                {
                    TAnswer answer = await ask(server, stop);
                    if (said.Length > 0) logger.LogInformation("Reached {What}", what);
                    tell(null);
                    return answer;
                }
                catch (RpcCallException error) when (error.IsMissingMethod)
                {
                    throw new ServiceException($"{error.Endpoint} is not {what}: it does not serve {error.Method}; correct --{flag}", error);
                }
                catch (RpcTransportException error) when (error.StatusCode is 401 or 403)
                {
                    throw new ServiceException($"{what} does not let us in: {error.Message}; correct --{flag}", error);
                }
                catch (Exception error) when (error is RpcTransportException or RpcCallException)
                {
                    problems.Add(error.Message);
                }
            }

            string problem = string.Join("; ", problems);
            tell($"waiting for {what} (--{flag}): {problem}");
            if (problem != said || time.GetUtcNow() - when >= s_reminder)
            {
                logger.LogWarning("Waiting for {What} (--{Flag}): {Problem}", what, flag, problem);
                (said, when) = (problem, time.GetUtcNow());
            }

            await Task.Delay(s_pause, time, stop);
        }
    }
}
