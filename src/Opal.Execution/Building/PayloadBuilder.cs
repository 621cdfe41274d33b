using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Builds blocks on request: one job a payload id, the last few kept. Every block is executed twice before it is given out (<see cref="BlockGate"/>). Thread-safe.</summary>
public sealed class PayloadBuilder(Blockchain chain, TransactionPool pool, PayloadBuilderOptions options, ILogger logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PayloadId, PayloadJob> _jobs = [];
    private readonly Queue<PayloadId> _order = new();
    private volatile DALimits _limits = DALimits.None;
    private volatile PayloadBuilderOptions _options = options;

    internal BuilderCounters Counters { get; } = new();

    /// <summary>What a builder sees in place of the parent's state; tests make it err here.</summary>
    internal Func<ChainState, IExecutionState> Wrap { get; set; } = static state => state;

    /// <summary>How payloads begun from now on are built.</summary>
    public PayloadBuilderOptions Options
    {
        get => _options;
        set => _options = value;
    }

    /// <summary>Limits on the data-availability size of pool transactions, for blocks begun from now on.</summary>
    public DALimits DALimits
    {
        get => _limits;
        set => _limits = value;
    }

    private static BuildOptions Limits(PayloadBuilderOptions options, DALimits limits) => new()
    {
        GasLimitTarget = options.GasLimitTarget,
        ExtraData = options.ExtraData,
        MaxDATransactionSize = limits.MaxTransactionBytes,
        MaxDABlockSize = limits.MaxBlockBytes,
    };

    /// <summary>Begins a block. The forced transactions are executed before this returns; asking again for the same block changes nothing.</summary>
    /// <param name="parent">What to build on.</param>
    /// <param name="attributes">What the block must be.</param>
    /// <param name="version">The version of the call, which becomes the id's first byte.</param>
    /// <param name="id">The payload's id.</param>
    /// <param name="error">Which forced transaction cannot be executed, and why.</param>
    public bool TryStart(ExecutedBlock parent, PayloadAttributes attributes, byte version, out PayloadId id, out string error)
    {
        id = PayloadIds.Of(parent.Hash, attributes, version);
        error = "";
        lock (_lock)
        {
            if (_jobs.TryGetValue(id, out PayloadJob? running) && !running.IsLost) return true;
        }

        PayloadBuilderOptions now = _options;
        var context = new BuildContext(chain, parent, attributes, Limits(now, _limits), now.EffectiveGasLimit, Wrap);
        if (PayloadJob.Begin(context, pool, now, Counters, logger, out error) is not { } job) return false;
        PayloadJob? dropped = null;
        lock (_lock)
        {
            if (_jobs.TryGetValue(id, out PayloadJob? other))
            {
                // begun by two callers at once, or begun again after the first attempt was lost
                dropped = other.IsLost ? other : job;
                if (other.IsLost) _jobs[id] = job;
            }
            else
            {
                _jobs[id] = job;
                _order.Enqueue(id);
                if (_order.Count > now.MaxPayloads) _jobs.Remove(_order.Dequeue(), out dropped);
            }
        }

        dropped?.Stop();
        return true;
    }

    /// <summary>A block of the pool's best transactions that is for looking at only: it is not gated, not kept, and drops nothing from the pool. Null when there can be none.</summary>
    /// <param name="parent">What to build on.</param>
    /// <param name="attributes">What the block must be.</param>
    /// <param name="budget">How long filling it may take.</param>
    internal BuiltBlock? Preview(ExecutedBlock parent, PayloadAttributes attributes, TimeSpan budget)
    {
        PayloadBuilderOptions now = _options;
        long began = Stopwatch.GetTimestamp();
        var context = new BuildContext(chain, parent, attributes, Limits(now, _limits), now.EffectiveGasLimit, Wrap);
        if (PayloadDraft.Begin(context, out string error) is not { } draft)
        {
            logger.LogDebug("There is no pending block on {Number} {Parent}: {Reason}", parent.Number, parent.Hash, error);
            return null;
        }

        BestTransactions best = pool.Best(draft.BaseFee, now.MinTip);
        while (best.TryPeek(out PoolTransaction? next) && Stopwatch.GetElapsedTime(began) < budget)
        {
            OfferResult result = draft.Offer(next, out Exception? fault);
            if (result == OfferResult.Full) break;
            if (result == OfferResult.Faulted)
            {
                logger.LogError(fault, "Executing transaction {Hash} for the pending block failed", next.Hash);
                draft.Discard();
                return null;
            }

            if (result is OfferResult.Included or OfferResult.Stale) best.Shift();
            else best.Pop();
        }

        using (draft) return draft.Seal(out _)?.Built;
    }

    /// <summary>Ends the building of a payload and answers it. Only a block that passed its second execution is ever answered.</summary>
    /// <param name="id">The payload's id.</param>
    /// <param name="failure">Why there is no block, when the id is known but no valid block could be made.</param>
    /// <returns>Null when the id is unknown, or there is no block.</returns>
    public BuiltPayload? Take(PayloadId id, out string? failure)
    {
        PayloadJob? job;
        lock (_lock) job = _jobs.GetValueOrDefault(id);
        BuiltPayload? taken = job?.Take();
        failure = taken is null ? job?.Failure : null;
        return taken;
    }

    /// <inheritdoc cref="Take(PayloadId, out string?)"/>
    public BuiltPayload? Take(PayloadId id) => Take(id, out _);

    /// <summary>Number and timestamp of the block a payload id stands for; null when the id is unknown.</summary>
    public (ulong Number, ulong Timestamp)? FindTimestamp(PayloadId id)
    {
        lock (_lock) return _jobs.GetValueOrDefault(id) is { } job ? (job.Parent.Number + 1, job.Attributes.Timestamp) : null;
    }

    /// <summary>A block this builder gave out not long ago, which was executed twice already and need not be once more.</summary>
    public BuiltPayload? FindTaken(Hash256 blockHash)
    {
        lock (_lock)
        {
            foreach (PayloadJob job in _jobs.Values)
            {
                if (job.Taken is { } built && built.Block.Hash == blockHash) return built;
            }

            return null;
        }
    }

    /// <summary>Drops every job.</summary>
    public void Dispose()
    {
        PayloadJob[] jobs;
        lock (_lock)
        {
            jobs = [.. _jobs.Values];
            _jobs.Clear();
            _order.Clear();
        }

        foreach (PayloadJob job in jobs) job.Dispose();
    }
}
