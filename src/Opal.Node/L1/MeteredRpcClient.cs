using Opal.JsonRpc;

namespace Opal.Node;

/// <summary>Counts what goes to a provider.</summary>
internal sealed class MeteredRpcClient(IRpcClient inner, L1Metrics metrics) : IRpcClient
{
    public string Endpoint => inner.Endpoint;

    public Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
    {
        foreach (RpcRequest request in requests) metrics.Sent(request.Method, inner.Endpoint);
        return inner.SendAsync(requests, cancellation);
    }
}
