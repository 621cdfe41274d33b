namespace Opal.JsonRpc;

/// <summary>Passes calls on, and tells when one got no usable answer.</summary>
internal sealed class SuspectingRpcClient(IRpcClient inner, Action failed) : IRpcClient
{
    /// <inheritdoc/>
    public string Endpoint => inner.Endpoint;

    /// <inheritdoc/>
    public async Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
    {
        try
        {
            return await inner.SendAsync(requests, cancellation);
        }
        catch (RpcTransportException)
        {
            failed();
            throw;
        }
    }
}
