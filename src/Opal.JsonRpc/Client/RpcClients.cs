namespace Opal.JsonRpc;

/// <summary>Opens clients by their URL's scheme.</summary>
public static class RpcClients
{
    /// <summary>Whether there is a client for a URL.</summary>
    public static bool CanOpen(Uri url) => url.IsAbsoluteUri && url.Scheme is "http" or "https" or "ws" or "wss";

    /// <summary>A client of the server at a URL: http, https, ws or wss. Nothing is sent yet. The caller disposes of it.</summary>
    /// <exception cref="ArgumentException">The URL has another scheme.</exception>
    public static IRpcClient Open(Uri url, HttpRpcClientOptions options) => url.Scheme is "ws" or "wss" ? new WebSocketRpcClient(url, options) : new HttpRpcClient(url, options);
}
