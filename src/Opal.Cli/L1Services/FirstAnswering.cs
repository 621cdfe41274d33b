using Opal.JsonRpc;

namespace Opal.Cli.L1Services;

/// <summary>One connection to several servers of a chain, for who only reads: the one that answered last is asked, and the next ones when it does not.</summary>
internal sealed class FirstAnswering(IReadOnlyList<IRpcClient> servers) : IRpcClient
{
    private int _current;

    /// <inheritdoc/>
    public string Endpoint => servers[Volatile.Read(ref _current)].Endpoint;

    /// <inheritdoc/>
    public async Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
    {
        int first = Volatile.Read(ref _current);
        for (int tries = 0; ; tries++)
        {
            int index = (first + tries) % servers.Count;
            try
            {
                RpcReply[] replies = await servers[index].SendAsync(requests, cancellation);
                Volatile.Write(ref _current, index);
                return replies;
            }
            catch (RpcTransportException) when (tries + 1 < servers.Count)
            {
                // the next one may answer; the last one's failure is the caller's
            }
        }
    }
}
