namespace Opal.JsonRpc;

/// <summary>A method of a registry.</summary>
/// <param name="Name">The full name.</param>
/// <param name="Namespace">The part before the first underscore.</param>
/// <param name="Handler">Answers a call.</param>
/// <param name="AtOnce">Answers a call too, where the method neither waits nor can be cancelled; else null.</param>
internal sealed record RpcMethod(string Name, string Namespace, RpcHandler Handler, Func<RpcParams, RpcResult>? AtOnce);
