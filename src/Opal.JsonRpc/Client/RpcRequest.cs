using System.Text.Json;

namespace Opal.JsonRpc;

/// <summary>A call to make.</summary>
/// <param name="Method">The full method name.</param>
/// <param name="WriteParameters">Writes the positional parameters, one JSON value each; null when there are none. May run more than once (retries).</param>
public readonly record struct RpcRequest(string Method, Action<Utf8JsonWriter>? WriteParameters = null);
