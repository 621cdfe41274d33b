using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Opal.JsonRpc;

namespace Opal.Execution;

/// <summary>The pushed feeds of the <c>eth</c> namespace: newHeads, logs, newPendingTransactions, syncing.</summary>
/// <remarks>
/// The chain and the pool are never held up by subscribers: one task takes their events in order and writes the notifications, which
/// go into each connection's bounded queue.
/// </remarks>
public sealed class EthSubscriptions : IDisposable
{
    private readonly Blockchain _chain;
    private readonly TransactionPool _pool;
    private readonly RpcJson _json;
    private readonly ILogger _logger;
    private readonly Channel<object> _events = Channel.CreateUnbounded<object>(new UnboundedChannelOptions { SingleReader = true });
    private event Action<ChainUpdate>? Updated;
    private event Action<IReadOnlyList<PoolTransaction>>? PendingAdded;

    /// <summary>Starts following the chain and the pool.</summary>
    public EthSubscriptions(Blockchain chain, TransactionPool pool, ILogger logger)
    {
        _chain = chain;
        _pool = pool;
        _json = new RpcJson(chain.Crypto);
        _logger = logger;
        chain.HeadChanged += OnHeadChanged;
        pool.PendingAdded += OnPendingAdded;
        _ = Task.Run(DispatchAsync);
    }

    private void OnHeadChanged(ChainUpdate update)
    {
        if (Updated is not null) _events.Writer.TryWrite(update);
    }

    private void OnPendingAdded(IReadOnlyList<PoolTransaction> transactions)
    {
        if (PendingAdded is not null) _events.Writer.TryWrite(transactions);
    }

    private async Task DispatchAsync()
    {
        await foreach (object item in _events.Reader.ReadAllAsync())
        {
            try
            {
                if (item is ChainUpdate update) Updated?.Invoke(update);
                else PendingAdded?.Invoke((IReadOnlyList<PoolTransaction>)item);
            }
            catch (Exception error)
            {
                // one event that could not be told must not end the feed
                _logger.LogError(error, "A subscription event could not be sent");
            }
        }
    }

    /// <summary>Ends the feeds.</summary>
    public void Dispose()
    {
        _chain.HeadChanged -= OnHeadChanged;
        _pool.PendingAdded -= OnPendingAdded;
        _events.Writer.TryComplete();
    }

    /// <summary>Adds the subscriptions.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.RegisterSubscription("eth", "newHeads", (_, subscription, _) =>
        {
            Follow(subscription, update =>
            {
                foreach (ExecutedBlock block in update.Added) subscription.TryNotify(json => RpcJson.WriteHeader(json, block.Header));
            });
            return ValueTask.CompletedTask;
        });
        registry.RegisterSubscription("eth", "logs", (parameters, subscription, _) =>
        {
            LogCriteria criteria = parameters.Has(0) ? parameters.Get(0, LogRequest.Read).Criteria : LogCriteria.Any;
            Follow(subscription, update =>
            {
                List<FoundLog> found = [];
                foreach (ExecutedBlock block in update.Removed) LogSearch.InBlock(block, criteria, removed: true, found);
                foreach (ExecutedBlock block in update.Added) LogSearch.InBlock(block, criteria, removed: false, found);
                foreach (FoundLog log in found) subscription.TryNotify(json => RpcJson.WriteLog(json, log));
            });
            return ValueTask.CompletedTask;
        });
        registry.RegisterSubscription("eth", "newPendingTransactions", (parameters, subscription, _) =>
        {
            bool full = parameters.GetBoolOrNull(0) ?? false;
            void OnAdded(IReadOnlyList<PoolTransaction> transactions)
            {
                foreach (PoolTransaction transaction in transactions)
                {
                    subscription.TryNotify(json =>
                    {
                        if (full) _json.WritePending(json, transaction);
                        else json.WriteHashValue(transaction.Hash);
                    });
                }
            }

            PendingAdded += OnAdded;
            subscription.Closed.Register(() => PendingAdded -= OnAdded);
            return ValueTask.CompletedTask;
        });
        registry.RegisterSubscription("eth", "syncing", static (_, subscription, _) =>
        {
            // blocks are executed as they come: there is never a sync to report
            subscription.TryNotify(static json => json.WriteBooleanValue(false));
            return ValueTask.CompletedTask;
        });
    }

    private void Follow(RpcSubscription subscription, Action<ChainUpdate> onUpdate)
    {
        Updated += onUpdate;
        subscription.Closed.Register(() => Updated -= onUpdate);
    }
}
