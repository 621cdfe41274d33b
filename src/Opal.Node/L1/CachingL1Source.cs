using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>
/// Keeps what L1 said by hash (that never changes), and reads blocks ahead while derivation is far behind L1's head.
/// Reading ahead by height stops <see cref="ReorgMargin"/> blocks below the head, so that it does not hand out blocks of a chain that is being replaced.
/// Callers that want the same header or receipts share one request. Safe for concurrent use.
/// </summary>
/// <param name="inner">The provider.</param>
/// <param name="heads">L1's labels.</param>
/// <param name="receiptsNeeded">Whether derivation will ask for the receipts of a block: only then are they read ahead.</param>
/// <param name="headersKept">Headers remembered.</param>
/// <param name="receiptsKept">Blocks whose receipts are remembered.</param>
/// <param name="readAhead">Blocks fetched ahead; 0 turns it off.</param>
public sealed class CachingL1Source(IL1Source inner, L1Heads heads, Func<BlockHeader, bool> receiptsNeeded, int headersKept = 900, int receiptsKept = 32, int readAhead = 8)
    : IL1Source, IDisposable
{
    /// <summary>Blocks right below L1's head that are never read ahead.</summary>
    public const ulong ReorgMargin = 16;

    private readonly Lock _lock = new();
    private readonly BoundedCache<Hash256, BlockHeader> _headers = new(headersKept);
    private readonly BoundedCache<Hash256, L1Receipts> _receipts = new(receiptsKept + readAhead);
    private readonly Dictionary<ulong, Task<L1Block?>> _ahead = [];
    private readonly SharedRequests<Hash256, BlockHeader?> _headerRequests = new();
    private readonly SharedRequests<Hash256, L1Receipts?> _receiptRequests = new();
    private readonly CancellationTokenSource _end = new();
    private CancellationTokenSource _aheadEnd = new();

    /// <inheritdoc/>
    public async Task<BlockHeader?> HeaderByLabelAsync(L1Label label, CancellationToken cancellation) => Keep(await inner.HeaderByLabelAsync(label, cancellation));

    /// <inheritdoc/>
    public async Task<BlockHeader?> HeaderByNumberAsync(ulong number, CancellationToken cancellation) => Keep(await inner.HeaderByNumberAsync(number, cancellation));

    /// <inheritdoc/>
    public async Task<BlockHeader?> HeaderByHashAsync(Hash256 hash, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_headers.TryGet(hash, out BlockHeader? known)) return known;
        }

        return await _headerRequests.RunAsync(hash, async () => Keep(await inner.HeaderByHashAsync(hash, _end.Token)), cancellation);
    }

    /// <inheritdoc/>
    public async Task<L1Block?> BlockByNumberAsync(ulong number, CancellationToken cancellation)
    {
        Task<L1Block?>? ahead;
        lock (_lock)
        {
            _ahead.Remove(number, out ahead);
        }

        ReadAhead(number);
        L1Block? block = ahead is { IsFaulted: false, IsCanceled: false } ? await WaitFor(ahead, cancellation) : null;
        block ??= await inner.BlockByNumberAsync(number, cancellation);
        Keep(block?.Header);
        return block;
    }

    /// <inheritdoc/>
    public async Task<L1Receipts?> ReceiptsAsync(BlockHeader header, CancellationToken cancellation)
    {
        lock (_lock)
        {
            if (_receipts.TryGet(header.Hash, out L1Receipts? known)) return known;
        }

        return await _receiptRequests.RunAsync(header.Hash, () => FetchReceiptsAsync(header), cancellation);
    }

    private async Task<L1Receipts?> FetchReceiptsAsync(BlockHeader header)
    {
        L1Receipts? receipts = await inner.ReceiptsAsync(header, _end.Token);
        if (receipts is null) return null;
        lock (_lock)
        {
            _receipts.Set(header.Hash, receipts);
        }

        return receipts;
    }

    /// <inheritdoc/>
    public void DropReadAhead()
    {
        lock (_lock)
        {
            _aheadEnd.Cancel();
            _aheadEnd.Dispose();
            _aheadEnd = new CancellationTokenSource();
            _ahead.Clear();
        }
    }

    /// <summary>Ends fetches under way.</summary>
    public void Dispose()
    {
        _end.Cancel();
        _end.Dispose();
        _aheadEnd.Cancel();
        _aheadEnd.Dispose();
    }

    private void ReadAhead(ulong from)
    {
        if (readAhead == 0 || heads.Confirmed(ReorgMargin) is not { } last) return;
        lock (_lock)
        {
            for (ulong number = from + 1; number <= last && number <= from + (ulong)readAhead; number++)
            {
                if (_ahead.ContainsKey(number)) continue;
                Task<L1Block?> fetch = FetchAheadAsync(number, _aheadEnd.Token);
                // an abandoned fetch may fail: nobody looks at it then
                _ = fetch.ContinueWith(static task => _ = task.Exception, CancellationToken.None, TaskContinuationOptions.OnlyOnFaulted, TaskScheduler.Default);
                _ahead[number] = fetch;
            }

            // heights below are done with
            List<ulong> stale = [.. _ahead.Keys.Where(number => number <= from || number > from + (2 * (ulong)readAhead))];
            foreach (ulong number in stale) _ahead.Remove(number);
        }
    }

    private async Task<L1Block?> FetchAheadAsync(ulong number, CancellationToken cancellation)
    {
        await Task.Yield();
        L1Block? block = await inner.BlockByNumberAsync(number, cancellation);
        if (block is null) return null;
        Keep(block.Header);
        // not waited for: the block is of use before its receipts are
        if (receiptsNeeded(block.Header)) _ = ReceiptsAheadAsync(block.Header, cancellation);
        return block;
    }

    private async Task ReceiptsAheadAsync(BlockHeader header, CancellationToken cancellation)
    {
        try
        {
            await ReceiptsAsync(header, cancellation);
        }
        catch (Exception error) when (error is SourceException or OperationCanceledException or ObjectDisposedException)
        {
            // whoever needs them asks again, on its own account
        }
    }

    private static async Task<L1Block?> WaitFor(Task<L1Block?> ahead, CancellationToken cancellation)
    {
        try
        {
            return await ahead.WaitAsync(cancellation);
        }
        catch (SourceException)
        {
            // the caller asks again, on its own account
            return null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return null;
        }
    }

    private BlockHeader? Keep(BlockHeader? header)
    {
        if (header is null) return null;
        lock (_lock)
        {
            _headers.Set(header.Hash, header);
        }

        return header;
    }
}
