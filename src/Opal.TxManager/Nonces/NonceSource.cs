using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>Hands out the sender's nonces, in the order of the calls.</summary>
/// <remarks>
/// The first nonce is that of the latest block, so that what an earlier run left in L1's pool is replaced and not queued behind; but it is above every nonce in use.
/// A nonce that was never published comes back with <see cref="Release"/> and is the next one handed out.
/// </remarks>
internal sealed class NonceSource(L1Endpoints l1, Address sender, ILogger logger)
{
    private readonly Lock _gate = new();
    private readonly SortedSet<ulong> _released = [], _inUse = [];
    private Task _turn = Task.CompletedTask;
    private ulong? _next;

    /// <summary>The nonce that a fresh transaction would get; null while L1 is to be asked.</summary>
    public ulong? Next
    {
        get
        {
            lock (_gate) return _released.Count > 0 ? _released.Min : _next;
        }
    }

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
            alone = _inUse.Count == 0;
        }

        ulong? fromChain = null;
        if (known is null) fromChain = await l1.NextNonceAsync(sender, BlockParameter.Latest, cancellation);
        else if (alone) fromChain = await FindGapAsync(known.Value, cancellation);
        lock (_gate)
        {
            if (fromChain is { } chain)
            {
                _released.RemoveWhere(nonce => nonce < chain || alone);
                _next = _inUse.Count > 0 && _inUse.Max >= chain ? _inUse.Max + 1 : chain;
            }

            ulong nonce = _released.Count > 0 ? _released.Min : _next!.Value;
            if (!_released.Remove(nonce)) _next = nonce + 1;
            _inUse.Add(nonce);
            return nonce;
        }
    }

    /// <summary>
    /// With nothing in flight, L1 and we should agree. Where a reorg lost a confirmed transaction, its nonce must be filled first; where another program used the
    /// account, we are behind what is mined. What only stands in the pools above us is of an earlier run: it is replaced, as nobody would raise it.
    /// </summary>
    private async Task<ulong?> FindGapAsync(ulong known, CancellationToken cancellation)
    {
        ulong chain = await l1.NextNonceAsync(sender, BlockParameter.Pending, cancellation);
        if (chain > known) chain = Math.Max(known, await l1.NextNonceAsync(sender, BlockParameter.Latest, cancellation));
        if (chain == known) return null;
        logger.LogWarning("The account {Account} is at nonce {Chain} on L1, not at {Known}: continuing from there", sender, chain, known);
        return chain;
    }

    /// <summary>Takes a certain nonce, as one that an earlier run of the program used; fresh ones are above it from now on.</summary>
    /// <returns>Whether it was free.</returns>
    public bool TryAdopt(ulong nonce)
    {
        lock (_gate)
        {
            if (!_inUse.Add(nonce)) return false;
            _released.Remove(nonce);
            if (_next <= nonce) _next = nonce + 1;
            return true;
        }
    }

    /// <summary>Whether a transaction with this nonce is on its way here.</summary>
    public bool IsInUse(ulong nonce)
    {
        lock (_gate) return _inUse.Contains(nonce);
    }

    /// <summary>Whether a transaction with a lower nonce is on its way here.</summary>
    public bool HasLowerInUse(ulong nonce)
    {
        lock (_gate) return _inUse.Count > 0 && _inUse.Min < nonce;
    }

    /// <summary>Gives a nonce back.</summary>
    /// <param name="nonce">The nonce.</param>
    /// <param name="wasUsed">Whether a transaction with it may have reached L1's pools, or it is taken.</param>
    public void Release(ulong nonce, bool wasUsed)
    {
        lock (_gate)
        {
            _inUse.Remove(nonce);
            if (wasUsed) return;
            if (_next == nonce + 1) _next = nonce;
            else if (_next > nonce) _released.Add(nonce);
        }
    }

    /// <summary>Forgets what was known: the next nonce is asked of L1.</summary>
    public void Reset()
    {
        lock (_gate) _next = null;
    }
}
