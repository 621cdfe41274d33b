namespace Opal.JsonRpc;

/// <summary>Calls a JSON-RPC server.</summary>
/// <remarks>Safe for use by many callers at once. <see cref="RpcClientExtensions"/> has the typed calls.</remarks>
public interface IRpcClient
{
    /// <summary>The server, as messages name it (without credentials).</summary>
    string Endpoint { get; }

    /// <summary>Sends one or more calls, several as a batch, and gives the answers in the order of the requests.</summary>
    /// <exception cref="RpcTransportException">There was no usable answer.</exception>
    Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation);
}
