using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Builds blocks on request: one job a payload id, the last few kept. Thread-safe.</summary>
public sealed class PayloadBuilder(Blockchain chain, TransactionPool pool, PayloadBuilderOptions options, ILogger logger) : IDisposable
{
    private readonly Lock _lock = new();
    private readonly Dictionary<PayloadId, PayloadJob> _jobs = [];
    private readonly Queue<PayloadId> _order = new();
    private volatile DALimits _limits = DALimits.None;

    /// <summary>Limits on the data-availability size of pool transactions, for blocks begun from now on.</summary>
    public DALimits DALimits
    {
        get => _limits;
        set => _limits = value;
    }

    private BuildOptions Limits() => new()
    {
        GasLimitTarget = options.GasLimitTarget,
        ExtraData = options.ExtraData,
        MaxDATransactionSize = _limits.MaxTransactionBytes,
        MaxDABlockSize = _limits.MaxBlockBytes,
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

        if (PayloadJob.Begin(chain, parent, attributes, pool, options, Limits(), logger, out error) is not { } job) return false;
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
                if (_order.Count > options.MaxPayloads) _jobs.Remove(_order.Dequeue(), out dropped);
            }
        }

        dropped?.Dispose();
        return true;
    }

    /// <summary>Ends the building of a payload and answers it; null when the id is unknown.</summary>
    public BuiltPayload? Take(PayloadId id)
    {
        PayloadJob? job;
        lock (_lock) job = _jobs.GetValueOrDefault(id);
        return job?.Seal();
    }

    /// <summary>Number and timestamp of the block a payload id stands for; null when the id is unknown.</summary>
    public (ulong Number, ulong Timestamp)? FindTimestamp(PayloadId id)
    {
        lock (_lock) return _jobs.GetValueOrDefault(id) is { } job ? (job.Parent.Number + 1, job.Attributes.Timestamp) : null;
    }

    /// <summary>A block this builder finished not long ago, so that it need not be executed again.</summary>
    public BuiltPayload? FindSealed(Hash256 blockHash)
    {
        lock (_lock)
        {
            foreach (PayloadJob job in _jobs.Values)
            {
                if (job.Sealed is { } built && built.Block.Hash == blockHash) return built;
            }

            return null;
        }
    }

    /// <summary>Drops every job.</summary>
    public void Dispose()
    {
        lock (_lock)
        {
            foreach (PayloadJob job in _jobs.Values) job.Dispose();
            _jobs.Clear();
            _order.Clear();
        }
    }
}
