namespace Opal.JsonRpc;

/// <summary>Answers one call of one method.</summary>
/// <remarks>
/// A malformed parameter is reported by the readers of <see cref="RpcParams"/> themselves (-32602); other refusals are
/// <see cref="RpcResult.Fail(int, string, string?)"/> or an <see cref="RpcException"/>. Any other exception becomes -32603 and is logged.
/// </remarks>
public delegate ValueTask<RpcResult> RpcHandler(RpcParams parameters, RpcContext context, CancellationToken cancellation);

/// <summary>Starts a subscription: checks its parameters and wires <see cref="RpcSubscription.TryNotify"/> to the source of events.</summary>
/// <remarks>
/// The parameters are those after the subscription's name. Notifications raised before the subscription's id has been sent
/// are held back until it has. Undo the wiring when <see cref="RpcSubscription.Closed"/> is cancelled.
/// </remarks>
public delegate ValueTask RpcSubscriptionHandler(RpcParams parameters, RpcSubscription subscription, CancellationToken cancellation);
