namespace Opal.JsonRpc;

/// <summary>A server could not listen where it was told to. The message names the endpoint, its address and the remedy.</summary>
public sealed class EndpointUnavailableException(string endpoint, string host, int port, string reason, Exception? inner = null)
    : Exception($"endpoint \"{endpoint}\" cannot listen on {(port > 0 ? $"{host}:{port}" : host)}: {reason}", inner)
{
    /// <summary>The endpoint's name.</summary>
    public string Endpoint { get; } = endpoint;

    /// <summary>The host it was to listen on.</summary>
    public string Host { get; } = host;

    /// <summary>The port it was to listen on.</summary>
    public int Port { get; } = port;
}
