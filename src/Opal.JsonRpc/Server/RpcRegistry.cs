using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Opal.JsonRpc;

/// <summary>The methods a program serves, by full name (<c>eth_chainId</c>).</summary>
/// <remarks>Filled at start; may be extended while serving. Which namespaces are open is each endpoint's business (<see cref="RpcEndpoint"/>).</remarks>
public sealed class RpcRegistry
{
    private readonly ConcurrentDictionary<string, RpcMethod> _methods = new(MethodNameComparer.Instance);
    private readonly ConcurrentDictionary<string, RpcMethod>.AlternateLookup<ReadOnlySpan<byte>> _byBytes;
    private readonly ConcurrentDictionary<(string Namespace, string Name), RpcSubscriptionHandler> _subscriptions = new();

    /// <summary>A registry without methods.</summary>
    public RpcRegistry() => _byBytes = _methods.GetAlternateLookup<ReadOnlySpan<byte>>();

    /// <summary>The names of all methods, sorted.</summary>
    public IReadOnlyList<string> Methods => [.. _methods.Keys.Order(StringComparer.Ordinal)];

    /// <summary>The namespaces that have a method, sorted.</summary>
    public IReadOnlyList<string> Namespaces => [.. _methods.Keys.Select(NamespaceOf).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <summary>Adds a method.</summary>
    /// <param name="method">The full name, <c>namespace_method</c>.</param>
    /// <param name="handler">What answers it.</param>
    /// <exception cref="ArgumentException">The name has no namespace, or is taken.</exception>
    public RpcRegistry Register(string method, RpcHandler handler) => Register(new RpcMethod(method, NamespaceOf(method), handler, null));

    private RpcRegistry Register(RpcMethod method)
    {
        if (method.Namespace.Length == 0 || !Ascii.IsValid(method.Name)) throw new ArgumentException($"{method.Name} has no namespace, or is no ASCII text", nameof(method));
        if (!_methods.TryAdd(method.Name, method)) throw new ArgumentException($"{method.Name} is registered twice", nameof(method));
        return this;
    }

    /// <summary>Adds a method that answers at once.</summary>
    /// <inheritdoc cref="Register(string, RpcHandler)"/>
    public RpcRegistry Register(string method, Func<RpcParams, RpcResult> handler) =>
        Register(new RpcMethod(method, NamespaceOf(method), (parameters, _, _) => ValueTask.FromResult(handler(parameters)), handler));

    /// <summary>Puts another handler before the one of a method that is registered.</summary>
    /// <param name="method">The full name.</param>
    /// <param name="cover">Makes the new handler from the old one.</param>
    /// <exception cref="ArgumentException">There is no such method.</exception>
    public RpcRegistry Cover(string method, Func<RpcHandler, RpcHandler> cover)
    {
        if (!_methods.TryGetValue(method, out RpcMethod? found)) throw new ArgumentException($"{method} is not registered", nameof(method));
        _methods[method] = found with { Handler = cover(found.Handler), AtOnce = null };
        return this;
    }

    /// <summary>Adds a subscription, started by <c>namespace_subscribe(name, …)</c>; the first one of a namespace also adds <c>_subscribe</c> and <c>_unsubscribe</c>.</summary>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    public RpcRegistry RegisterSubscription(string @namespace, string name, RpcSubscriptionHandler handler)
    {
        if (!_subscriptions.TryAdd((@namespace, name), handler)) throw new ArgumentException($"{@namespace} {name} is registered twice", nameof(name));
        string subscribe = $"{@namespace}_subscribe", unsubscribe = $"{@namespace}_unsubscribe";
        _methods.TryAdd(subscribe, new RpcMethod(subscribe, @namespace, (parameters, context, cancellation) => SubscribeAsync(@namespace, parameters, context, cancellation), null));
        _methods.TryAdd(unsubscribe, new RpcMethod(unsubscribe, @namespace, Unsubscribe, null));
        return this;
    }

    /// <summary>Finds a method.</summary>
    public bool TryGet(string method, [NotNullWhen(true)] out RpcHandler? handler)
    {
        handler = _methods.TryGetValue(method, out RpcMethod? found) ? found.Handler : null;
        return handler is not null;
    }

    /// <summary>Finds a method by its name in UTF-8.</summary>
    internal bool TryGet(ReadOnlySpan<byte> method, [NotNullWhen(true)] out RpcMethod? found) => _byBytes.TryGetValue(method, out found);

    /// <summary>The part of a method's name before the first underscore; empty when there is none.</summary>
    public static string NamespaceOf(string method)
    {
        int end = method.IndexOf('_', StringComparison.Ordinal);
        return end < 0 ? "" : method[..end];
    }

    private async ValueTask<RpcResult> SubscribeAsync(string @namespace, RpcParams parameters, RpcContext context, CancellationToken cancellation)
    {
        string name = parameters.GetString(0);
        if (context.Subscriptions is not { } connection) return RpcResult.Fail(RpcErrorCode.MethodNotFound, "notifications not supported");
        if (!_subscriptions.TryGetValue((@namespace, name), out RpcSubscriptionHandler? start))
        {
            return RpcResult.Fail(RpcErrorCode.MethodNotFound, $"no \"{name}\" subscription in {@namespace} namespace");
        }

        RpcSubscription subscription = connection.Open($"{@namespace}_subscription");
        try
        {
            await start(parameters.Skip(1), subscription, cancellation);
        }
        catch
        {
            connection.TryClose(subscription.Id);
            throw;
        }

        return RpcResult.String(subscription.Id);
    }

    private static ValueTask<RpcResult> Unsubscribe(RpcParams parameters, RpcContext context, CancellationToken cancellation)
    {
        string id = parameters.GetString(0);
        if (context.Subscriptions is not { } connection) return ValueTask.FromResult(RpcResult.Fail(RpcErrorCode.MethodNotFound, "notifications not supported"));
        return ValueTask.FromResult(connection.TryClose(id) ? RpcResult.True : RpcResult.Fail(RpcErrorCode.ServerError, "subscription not found"));
    }
}
