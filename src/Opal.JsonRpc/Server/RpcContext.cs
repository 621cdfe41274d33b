namespace Opal.JsonRpc;

/// <summary>How a request came in.</summary>
public enum RpcTransport : byte
{
    /// <summary>A call inside the process.</summary>
    InProcess,
    /// <summary>HTTP POST.</summary>
    Http,
    /// <summary>A WebSocket message.</summary>
    WebSocket,
    /// <summary>A value on the IPC socket.</summary>
    Ipc,
}

/// <summary>Where a request came from and what it may do.</summary>
public sealed class RpcContext
{
    /// <summary>The context of calls inside the process: everything is allowed, there are no subscriptions.</summary>
    public static RpcContext InProcess { get; } = new() { Endpoint = "in-process", Transport = RpcTransport.InProcess, IsAuthenticated = true };

    /// <summary>The name of the endpoint.</summary>
    public required string Endpoint { get; init; }

    /// <summary>How the request came in.</summary>
    public RpcTransport Transport { get; init; }

    /// <summary>The caller's network address, or null.</summary>
    public string? RemoteAddress { get; init; }

    /// <summary>Whether the caller showed a valid JWT.</summary>
    public bool IsAuthenticated { get; init; }

    /// <summary>The subscriptions of the caller's connection; null where the transport has no way back (HTTP).</summary>
    public RpcSubscriptions? Subscriptions { get; init; }

    /// <summary>The endpoint's rules; null inside the process, where everything is allowed.</summary>
    internal RpcEndpoint? Rules { get; init; }
}
