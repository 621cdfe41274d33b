namespace Opal.JsonRpc;

/// <summary>A call got no usable answer: no connection, a timeout, an HTTP status, or text that is not what was asked for. The message names method and endpoint.</summary>
public sealed class RpcTransportException(string method, string endpoint, string problem, bool isTransient, Exception? inner = null)
    : Exception($"{method} at {endpoint}: {problem}", inner)
{
    /// <summary>The method called.</summary>
    public string Method { get; } = method;

    /// <summary>The server.</summary>
    public string Endpoint { get; } = endpoint;

    /// <summary>Whether the same call may well succeed later.</summary>
    public bool IsTransient { get; } = isTransient;

    /// <summary>How long the server asked to wait before the next try.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>The HTTP status the server answered with instead of a result; null when there was none.</summary>
    public int? StatusCode { get; init; }
}
