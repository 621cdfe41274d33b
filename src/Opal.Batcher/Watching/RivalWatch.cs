using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>Finds transactions of the batcher's account that this batcher did not send: two programs with one key take each other's nonces.</summary>
/// <remarks>
/// A look costs L1's newest header and the account's nonce there; blocks are read only when the nonce moved, or when L1 was reorganised. What was on its way before the watch
/// began is not looked at: an earlier run may have sent it.
/// </remarks>
public sealed class RivalWatch : IAsyncDisposable
{
    /// <summary>The alarm.</summary>
    public const string Alarm = "rival";

    /// <summary>How many looks are kept to find the fork after a reorg of L1.</summary>
    private const int KeptLooks = 128;

    private readonly record struct Look(BlockId Block, ulong Nonce);

    private readonly EthClient _eth;
    private readonly L1Client _blocks;
    private readonly Address _account;
    private readonly Address _inbox;
    private readonly Func<Hash256, bool> _isOwn;
    private readonly ICrypto _crypto;
    private readonly OperatorAlarms _alarms;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly RivalWatchOptions _options;
    private readonly RepeatedLook _looking;
    private readonly RivalMetrics _metrics;
    private readonly List<Look> _looks = [];
    private readonly HashSet<Hash256> _known = [];
    private ulong? _firstNonce;
    private Hash256? _newestOwn;
    private long? _lastSeen;
    private long _count;

    /// <summary>A watch, not yet begun.</summary>
    /// <param name="l1">L1.</param>
    /// <param name="account">The batcher's account.</param>
    /// <param name="inbox">The batch inbox.</param>
    /// <param name="isOwn">Whether this batcher sent a transaction: <see cref="OwnTransactions.Contains"/>, or what the journal knows.</param>
    /// <param name="crypto">Recovers senders.</param>
    /// <param name="alarms">Where the alarm goes.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    /// <param name="options">Times and limits; null takes the defaults.</param>
    public RivalWatch(
        IRpcClient l1, Address account, Address inbox, Func<Hash256, bool> isOwn, ICrypto crypto, OperatorAlarms alarms, TimeProvider time, ILogger logger, RivalWatchOptions? options = null)
    {
        (_account, _inbox, _isOwn, _crypto, _alarms, _time, _logger) = (account, inbox, isOwn, crypto, alarms, time, logger);
        _options = options ?? new RivalWatchOptions();
        _eth = new EthClient(l1);
        _blocks = new L1Client(l1, clock: time);
        _looking = new RepeatedLook("transactions of the batcher's account", LookAsync, _options.Interval, time, logger);
        _metrics = new RivalMetrics(this);
    }

    /// <summary>Transactions found since the start.</summary>
    public long Count => Interlocked.Read(ref _count);

    /// <summary>The newest one found; null when there is none.</summary>
    public RivalTransaction? Newest { get; private set; }

    /// <summary>Notes where L1 is before this batcher sends anything, and warns of transactions on their way that nobody knows.</summary>
    /// <param name="knownInFlight">How many transactions of an earlier run the journal knows to be on their way.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RpcTransportException">L1 gives no answer.</exception>
    /// <exception cref="RpcCallException">L1 refuses.</exception>
    public async Task BeginAsync(int knownInFlight, CancellationToken cancellation)
    {
        BlockHeader head = await HeadAsync(cancellation);
        ulong mined = await _eth.GetTransactionCountAsync(_account, BlockParameter.At(head.Number), cancellation);
        ulong pending = await _eth.GetTransactionCountAsync(_account, BlockParameter.Pending, cancellation);
        _firstNonce = Math.Max(mined, pending);
        _looks.Clear();
        _looks.Add(new Look(head.Id, mined));
        if (pending <= mined + (ulong)Math.Max(0, knownInFlight)) return;
        _logger.LogWarning("{Count} transactions of the batcher's account {Account} wait on L1 (nonces {First} to {Last}), and this batcher knows of {Known}: they are of an earlier run without a journal, or another program uses this key",
            pending - mined, _account.ToChecksumString(), mined, pending - 1, knownInFlight);
    }

    /// <summary>Begins to look.</summary>
    public void Start() => _looking.Start();

    private async Task<BlockHeader> HeadAsync(CancellationToken cancellation) =>
        await _eth.FindHeaderAsync(BlockParameter.Latest, cancellation) ?? throw new RpcTransportException("eth_getBlockByNumber", _eth.Rpc.Endpoint, "it has no latest block", isTransient: true);

    /// <summary>One look at L1.</summary>
    /// <exception cref="RpcTransportException">L1 gives no answer.</exception>
    /// <exception cref="RpcCallException">L1 refuses.</exception>
    public async Task LookAsync(CancellationToken cancellation)
    {
        if (_firstNonce is null)
        {
            await BeginAsync(int.MaxValue, cancellation);
            return;
        }

        BlockHeader head = await HeadAsync(cancellation);
        await ForgetReorganisedAsync(head, cancellation);
        ulong nonce = await _eth.GetTransactionCountAsync(_account, BlockParameter.At(head.Number), cancellation);
        if (_looks.Count > 0 && nonce > _looks[^1].Nonce) await ReadAsync(_looks[^1], new Look(head.Id, nonce), cancellation);
        if (_looks.Count == 0 || head.Number > _looks[^1].Block.Number) _looks.Add(new Look(head.Id, nonce));
        if (_looks.Count > KeptLooks) _looks.RemoveAt(0);
        if (_lastSeen is { } seen && _time.GetElapsedTime(seen) >= _options.Memory)
        {
            _lastSeen = null;
            _alarms.Clear(Alarm, $"no other program has used the batcher's key for {_options.Memory.TotalHours:0.#} hours");
        }
    }

    /// <summary>Drops the looks at blocks that are not canonical any more, so that those in their places are read.</summary>
    private async Task ForgetReorganisedAsync(BlockHeader head, CancellationToken cancellation)
    {
        while (_looks.Count > 0 && _looks[^1].Block is var last && last != head.Id && (last.Number != head.Number - 1 || last.Hash != head.ParentHash))
        {
            if (last.Number < head.Number && await _eth.FindHeaderAsync(BlockParameter.At(last.Number), cancellation) is { } there && there.Hash == last.Hash) return;
            _looks.RemoveAt(_looks.Count - 1);
        }
    }

    private async Task ReadAsync(Look from, Look to, CancellationToken cancellation)
    {
        ulong first = from.Block.Number + 1, left = to.Nonce - from.Nonce;
        if (to.Block.Number - first >= (ulong)_options.MaxBlocks)
        {
            _logger.LogWarning("L1 blocks {First} to {Last} were not searched for transactions of another program with the batcher's key: the last look was too long ago", first, to.Block.Number - (ulong)_options.MaxBlocks);
            first = to.Block.Number - (ulong)_options.MaxBlocks + 1;
        }

        for (ulong number = first; number <= to.Block.Number && left > 0; number++)
        {
            L1BlockAnswer block = await _blocks.FindBlockAsync(BlockParameter.At(number), cancellation)
                ?? throw new RpcTransportException("eth_getBlockByNumber", _eth.Rpc.Endpoint, $"it does not have block {number}", isTransient: true);
            foreach (Transaction? transaction in block.Transactions)
            {
                // the nonce first: recovering a sender costs far more
                if (transaction is null || transaction.Nonce < from.Nonce || transaction.Nonce >= to.Nonce || !transaction.TryGetSender(_crypto, out Address sender) || sender != _account) continue;
                left--;
                Judge(block.Header.Id, transaction);
            }
        }
    }

    private void Judge(BlockId block, Transaction transaction)
    {
        if (_isOwn(transaction.Hash))
        {
            _newestOwn = transaction.Hash;
            return;
        }

        // an empty transfer to itself cancels a transaction that blocks the account: ours are not recorded, and it does no harm
        bool isCancel = transaction.To == _account && transaction.Value.IsZero && transaction.Data.IsEmpty;
        if (transaction.Nonce < _firstNonce || isCancel || !_known.Add(transaction.Hash)) return;
        RivalTransaction found = RivalTransaction.Of(block, transaction, _inbox);
        Newest = found;
        _lastSeen = _time.GetTimestamp();
        Interlocked.Increment(ref _count);
        string text = $"Another {(found.IsBatch ? "batcher" : "program")} uses this key (L1 block {block.Number}, tx {found.Hash}): {found.Carries}; " +
            $"{(_newestOwn is { } own ? $"our newest on L1 is {own}" : "ours are not on L1 yet")}. Stop one of the two, or give {_account.ToChecksumString()} to one alone";
        if (_alarms.Find(Alarm) is not null) _logger.LogWarning("{Text}", text);
        _alarms.Raise(Alarm, AlarmLevel.Error, text);
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _looking.DisposeAsync();
        _metrics.Dispose();
    }
}
