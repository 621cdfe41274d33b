using Opal.JsonRpc;

namespace Opal.Batcher.Tests.Crashes;

/// <summary>Every question to a server is a point at which the process may die.</summary>
internal sealed class CrashRpc(IRpcClient inner, CrashPoints points) : IRpcClient
{
    public string Endpoint => inner.Endpoint;

    public async Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
    {
        points.Step();
        return await inner.SendAsync(requests, cancellation);
    }
}
