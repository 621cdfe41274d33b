using Opal.JsonRpc;

namespace Opal.Execution;

/// <summary>A call of the Engine API that is answered by a JSON-RPC error (-38001 to -38005, -32602) instead of a status.</summary>
public sealed class EngineException(int code, string message) : RpcException(code, message)
{
    internal static EngineException UnknownPayload() => new(RpcErrorCode.UnknownPayload, "Unknown payload");

    internal static EngineException NoPayload(string why) => new(RpcErrorCode.InternalError, $"No valid block could be built: {why}");

    internal static EngineException InvalidForkchoice(string why) => new(RpcErrorCode.InvalidForkchoiceState, $"Invalid forkchoice state: {why}");

    internal static EngineException InvalidAttributes(string why) => new(RpcErrorCode.InvalidPayloadAttributes, $"Invalid payload attributes: {why}");

    internal static EngineException TooLarge(string why) => new(RpcErrorCode.TooLargeRequest, $"Too large request: {why}");

    internal static EngineException UnsupportedFork(string why) => new(RpcErrorCode.UnsupportedFork, $"Unsupported fork: {why}");

    internal static EngineException InvalidParameters(string why) => new(RpcErrorCode.InvalidParams, $"Invalid parameters: {why}");
}
