using System.Collections.Concurrent;
using System.Security.Cryptography;
using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>The subscriptions of one connection.</summary>
public sealed class RpcSubscriptions
{
    private readonly ConcurrentDictionary<string, RpcSubscription> _open = new(StringComparer.Ordinal);
    private readonly Func<byte[], bool> _send;
    private readonly int _limit;

    /// <param name="send">Queues a message for the connection; false when the connection cannot take it.</param>
    /// <param name="limit">How many subscriptions a connection may hold.</param>
    internal RpcSubscriptions(Func<byte[], bool> send, int limit) => (_send, _limit) = (send, limit);

    /// <summary>The number of open subscriptions.</summary>
    public int Count => _open.Count;

    /// <summary>Opens a subscription with a fresh id.</summary>
    /// <param name="notificationMethod">The method name its notifications carry, <c>eth_subscription</c>.</param>
    /// <exception cref="RpcException">The connection holds too many already.</exception>
    public RpcSubscription Open(string notificationMethod)
    {
        if (_open.Count >= _limit) throw RpcException.Refused($"a connection may hold {_limit} subscriptions");
        string id = UInt256.FromBigEndian(RandomNumberGenerator.GetBytes(16)).ToQuantity();
        var subscription = new RpcSubscription(id, notificationMethod, _send);
        _open[id] = subscription;
        return subscription;
    }

    /// <summary>Closes a subscription of this connection.</summary>
    public bool TryClose(string id)
    {
        if (!_open.TryRemove(id, out RpcSubscription? subscription)) return false;
        subscription.Close();
        return true;
    }

    /// <summary>Lets notifications flow of every subscription whose id has been sent.</summary>
    internal void Activate()
    {
        foreach (RpcSubscription subscription in _open.Values) subscription.Activate();
    }

    internal void CloseAll()
    {
        foreach (string id in _open.Keys) TryClose(id);
    }
}
