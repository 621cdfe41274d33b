namespace Opal.JsonRpc;

/// <summary>The error codes of JSON-RPC 2.0, Ethereum's RPC (EIP-1474) and the Engine API.</summary>
public static class RpcErrorCode
{
    /// <summary>The request is no JSON.</summary>
    public const int ParseError = -32700;
    /// <summary>The request is JSON, but no JSON-RPC request.</summary>
    public const int InvalidRequest = -32600;
    /// <summary>The method is unknown, or not served at this endpoint.</summary>
    public const int MethodNotFound = -32601;
    /// <summary>A parameter is missing or malformed.</summary>
    public const int InvalidParams = -32602;
    /// <summary>The server met a fault of its own.</summary>
    public const int InternalError = -32603;
    /// <summary>The request was understood and refused: the message says why.</summary>
    public const int ServerError = -32000;
    /// <summary>What was asked for is not there (EIP-1474).</summary>
    public const int ResourceNotFound = -32001;
    /// <summary>The request took longer than the server allows.</summary>
    public const int TimedOut = -32002;
    /// <summary>A batch's answer grew beyond the server's limit.</summary>
    public const int ResponseTooLarge = -32003;
    /// <summary>Execution reverted; the error's data holds the revert data.</summary>
    public const int ExecutionReverted = 3;
    /// <summary>Engine API: the payload id is unknown.</summary>
    public const int UnknownPayload = -38001;
    /// <summary>Engine API: the forkchoice state is inconsistent.</summary>
    public const int InvalidForkchoiceState = -38002;
    /// <summary>Engine API: the payload attributes are invalid.</summary>
    public const int InvalidPayloadAttributes = -38003;
    /// <summary>Engine API: more was asked for than allowed.</summary>
    public const int TooLargeRequest = -38004;
    /// <summary>Engine API: the method does not fit the payload's fork.</summary>
    public const int UnsupportedFork = -38005;
}
