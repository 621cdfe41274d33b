using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>Hands out the sender's nonces, in the order of the calls.</summary>
/// <remarks>
/// The first nonce is that of the latest block, so that what an earlier run left in L1's pool is replaced and not queued behind.
/// A nonce that was never published comes back with <see cref="Release"/> and is the next one handed out.
/// </remarks>
internal sealed class NonceSource(EthClient l1, Address sender, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly SortedSet<ulong> _released = [];
    private Task _turn = Task.CompletedTask;
    private ulong? _next;
    private int _inUse;

    /// <summary>The next nonce. Calls are served in the order they were made.</summary>
    public Task<ulong> AcquireAsync(CancellationToken cancellation)
    {
        lock (_gate)
        {
            Task<ulong> mine = AcquireAfterAsync(_turn, cancellation);
            _turn = mine;
            return mine;
        }
    }

    private async Task<ulong> AcquireAfterAsync(Task previous, CancellationToken cancellation)
    {
        await previous.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        ulong? known;
        bool alone;
        lock (_gate)
        {
            known = _next;
            alone = _inUse == 0;
        }

        ulong? fromChain = null;
        if (known is null) fromChain = await l1.GetTransactionCountAsync(sender, BlockParameter.Latest, cancellation);
        else if (alone) fromChain = await FindGapAsync(known.Value, cancellation);
        lock (_gate)
        {
            if (fromChain is { } chain)
            {
                _released.Clear();
                _next = chain;
            }

            ulong nonce;
            if (_released.Count > 0)
            {
                nonce = _released.Min;
                _released.Remove(nonce);
            }
            else
            {
                nonce = _next!.Value;
                _next = nonce + 1;
            }

            _inUse++;
            return nonce;
        }
    }

    /// <summary>With nothing in flight, L1 and we should agree; where a reorg lost a confirmed transaction, its nonce must be filled first, and where another program used the account we are behind.</summary>
    private async Task<ulong?> FindGapAsync(ulong known, CancellationToken cancellation)
    {
        ulong pending = await l1.GetTransactionCountAsync(sender, BlockParameter.Pending, cancellation);
        if (pending == known) return null;
        logger.LogWarning("The account {Account} is at nonce {Chain} on L1, not at {Known}: continuing from there", sender, pending, known);
        return pending;
    }

    /// <summary>Takes a nonce that an earlier run of the program used; the next one handed out is above it.</summary>
    public ulong Adopt(ulong nonce)
    {
        lock (_gate)
        {
            if (_next is null || _next <= nonce) _next = nonce + 1;
            _inUse++;
            return nonce;
        }
    }

    /// <summary>Gives a nonce back.</summary>
    /// <param name="nonce">The nonce.</param>
    /// <param name="wasUsed">Whether a transaction with it reached L1's pool.</param>
    public void Release(ulong nonce, bool wasUsed)
    {
        lock (_gate)
        {
            _inUse--;
            if (wasUsed) return;
            if (_next == nonce + 1) _next = nonce;
            else _released.Add(nonce);
        }
    }

    /// <summary>Forgets what was known: the next nonce is asked of L1.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _next = null;
            _released.Clear();
        }
    }
}
