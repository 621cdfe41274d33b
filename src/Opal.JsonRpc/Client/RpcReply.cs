using System.Text.Json;

namespace Opal.JsonRpc;

/// <summary>The answer to one call: a result, or the error the server sent.</summary>
/// <param name="Result">The result; undefined when there is an error.</param>
/// <param name="Error">The error, or null.</param>
public readonly record struct RpcReply(JsonElement Result, RpcError? Error);
