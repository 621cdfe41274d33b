namespace Opal.JsonRpc;

/// <summary>The server answered a call with an error. The message names method and endpoint; <see cref="RpcException.Error"/> is what the server said.</summary>
public sealed class RpcCallException(string method, string endpoint, RpcError error) : RpcException(error, $"{method} at {endpoint}: {error}")
{
    /// <summary>The method called.</summary>
    public string Method { get; } = method;

    /// <summary>Whether the server says that it has no such method.</summary>
    public bool IsMissingMethod => MissingMethods.IsMeantBy(this);

    /// <summary>The server.</summary>
    public string Endpoint { get; } = endpoint;
}
