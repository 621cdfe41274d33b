namespace Opal.JsonRpc;

/// <summary>Thrown by a handler, at any depth, to answer a request with a JSON-RPC error; also what a client throws when the server answered with one.</summary>
public class RpcException : Exception
{
    /// <summary>An error with its code and message.</summary>
    public RpcException(int code, string message, string? data = null) : this(new RpcError(code, message, data)) { }

    /// <summary>An error object.</summary>
    public RpcException(RpcError error, string? message = null) : base(message ?? error.Message) => Error = error;

    /// <summary>The error object.</summary>
    public RpcError Error { get; }

    /// <summary>The error's code, see <see cref="RpcErrorCode"/>.</summary>
    public int Code => Error.Code;

    /// <summary>A parameter is missing or malformed (-32602).</summary>
    public static RpcException InvalidParams(string message) => new(RpcErrorCode.InvalidParams, message);

    /// <summary>The request was understood and refused (-32000).</summary>
    public static RpcException Refused(string message) => new(RpcErrorCode.ServerError, message);
}
