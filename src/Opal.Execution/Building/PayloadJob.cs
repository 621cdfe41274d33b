using System.Diagnostics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>
/// One block being built: the forced transactions first, at once; then, unless the attributes say otherwise, the pool's best, added as
/// they arrive until somebody asks for the block. Transactions once added stay; later arrivals follow them.
/// </summary>
internal sealed class PayloadJob : IDisposable
{
    private readonly Lock _lock = new();
    private readonly TransactionPool _pool;
    private readonly PayloadBuilderOptions _options;
    private readonly ILogger _logger;
    private readonly ExecutorLease _lease;
    private readonly BlockBuilder _builder;
    private readonly CancellationTokenSource _stopped = new();
    private readonly Channel<bool> _arrivals = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly HashSet<Hash256> _included = [];
    private readonly List<BlobSidecar> _sidecars = [];
    private readonly UInt256 _baseFee;
    private volatile BuiltPayload? _sealed;
    private volatile bool _disposed;
    private volatile bool _interrupt;

    private PayloadJob(ExecutedBlock parent, PayloadAttributes attributes, BlockBuilder builder, ExecutorLease lease, TransactionPool pool, PayloadBuilderOptions options, ILogger logger)
    {
        Parent = parent;
        Attributes = attributes;
        _builder = builder;
        _lease = lease;
        _pool = pool;
        _options = options;
        _logger = logger;
        _baseFee = builder.BaseFee;
    }

    public ExecutedBlock Parent { get; }

    public PayloadAttributes Attributes { get; }

    /// <summary>The finished block, once there is one.</summary>
    public BuiltPayload? Sealed => _sealed;

    /// <summary>Whether no block will come of this job.</summary>
    public bool IsLost => _disposed && _sealed is null;

    /// <summary>Executes the forced transactions; null, with the reason, when one of them is not valid here.</summary>
    public static PayloadJob? Begin(
        Blockchain chain, ExecutedBlock parent, PayloadAttributes attributes, TransactionPool pool, PayloadBuilderOptions options, BuildOptions limits, ILogger logger,
        out string error)
    {
        if (chain.OpenState(parent) is not { } state)
        {
            error = $"the state of block {parent.Number} is not kept any more";
            return null;
        }

        ExecutorLease lease = chain.RentExecutor();
        ExecutionResult begun = lease.Executor.TryBegin(parent.Header, attributes, state, limits, out BlockBuilder? builder);
        if (!begun.IsValid)
        {
            lease.Dispose();
            error = begun.InvalidTransaction < 0 ? begun.Describe() : $"transaction {begun.InvalidTransaction}: {begun.Describe()}";
            return null;
        }

        error = "";
        var job = new PayloadJob(parent, attributes, builder!, lease, pool, options, logger);
        if (attributes.NoTxPool) job.Seal();
        else job.Follow();
        return job;
    }

    private void Follow()
    {
        _pool.PendingAdded += OnPendingAdded;
        _arrivals.Writer.TryWrite(true);
        _ = Task.Run(FillAsync);
    }

    private void OnPendingAdded(IReadOnlyList<PoolTransaction> transactions) => _arrivals.Writer.TryWrite(true);

    private async Task FillAsync()
    {
        try
        {
            while (true)
            {
                await _arrivals.Reader.ReadAsync(_stopped.Token);
                lock (_lock)
                {
                    if (_sealed is not null || _disposed) return;
                    Fill(deadline: null);
                }

                await Task.Delay(_options.GatherTime, _stopped.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // sealed or dropped
        }
        catch (Exception error)
        {
            // what was built so far stands and can still be sealed
            _logger.LogError(error, "Filling the block on {Parent} failed", Parent.Hash);
        }
    }

    /// <summary>Adds the pool's best transactions that are not in yet. Under the lock.</summary>
    private void Fill(TimeSpan? deadline)
    {
        long began = Stopwatch.GetTimestamp();
        BestTransactions best = _pool.Best(_baseFee);
        while (!_interrupt && best.TryPeek(out PoolTransaction? next))
        {
            if (deadline is { } limit && Stopwatch.GetElapsedTime(began) > limit) return;
            if (_included.Contains(next.Hash))
            {
                best.Shift();
                continue;
            }

            switch (_builder.TryAdd(next.Transaction, out TransactionVerdict verdict))
            {
                case AddResult.Included:
                    _included.Add(next.Hash);
                    if (next.Sidecar is { } sidecar) _sidecars.Add(sidecar);
                    best.Shift();
                    break;
                case AddResult.Rejected when verdict == TransactionVerdict.NonceTooLow:
                    best.Shift();
                    break;
                case AddResult.NoGas when _builder.GasLeft < IntrinsicGas.Transaction:
                    return;
                default:
                    best.Pop();
                    break;
            }
        }
    }

    /// <summary>The finished block. The first call ends the building; later ones answer the same block. Null when the job was dropped unfinished, or no block can be made.</summary>
    public BuiltPayload? Seal()
    {
        _interrupt = true;
        lock (_lock)
        {
            if (_sealed is not null) return _sealed;
            if (_disposed) return null;
            _interrupt = false;
            if (!Attributes.NoTxPool) Fill(_options.SealBudget);
            Release();
            BlockError error = _builder.Seal(out BuiltBlock? built);
            _lease.Dispose();
            if (error != BlockError.None)
            {
                _disposed = true;
                _logger.LogError("The block on {Parent} could not be sealed: {Reason}", Parent.Hash, Descriptions.Of(error));
                return null;
            }

            _sealed = new BuiltPayload(built!, _sidecars);
            return _sealed;
        }
    }

    private void Release()
    {
        _pool.PendingAdded -= OnPendingAdded;
        _stopped.Cancel();
    }

    public void Dispose()
    {
        _interrupt = true;
        lock (_lock)
        {
            if (_disposed) return;
            _disposed = true;
            if (_sealed is not null) return;
            Release();
            _lease.Dispose();
        }
    }
}
