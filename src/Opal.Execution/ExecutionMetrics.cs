using System.Diagnostics.Metrics;
using Opal.Storage;

namespace Opal.Execution;

/// <summary>What an execution client measures, under the meter <c>Opal.Execution</c>, with the chain id as a tag.</summary>
internal sealed class ExecutionMetrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Blockchain _chain;
    private readonly Counter<long> _blocks;
    private readonly Counter<long> _gas;
    private readonly Counter<long> _transactions;
    private readonly Counter<long> _reorgs;
    private readonly Counter<long> _removed;

    public ExecutionMetrics(Blockchain chain, TransactionPool pool, PayloadBuilder builder, StateCheck? check)
    {
        _chain = chain;
        _meter = new Meter(new MeterOptions("Opal.Execution") { Tags = [new KeyValuePair<string, object?>("chain.id", chain.Spec.ChainId)] });
        _blocks = _meter.CreateCounter<long>("opal.execution.blocks", "{block}", "Blocks that became canonical");
        _gas = _meter.CreateCounter<long>("opal.execution.gas", "{gas}", "Gas used by blocks that became canonical");
        _transactions = _meter.CreateCounter<long>("opal.execution.transactions", "{transaction}", "Transactions of blocks that became canonical");
        _reorgs = _meter.CreateCounter<long>("opal.execution.reorgs", "{reorg}", "Moves of the head that removed blocks");
        _removed = _meter.CreateCounter<long>("opal.execution.removed_blocks", "{block}", "Blocks that left the canonical chain");
        _meter.CreateObservableGauge("opal.execution.head", () => (long)chain.Head.Number, "{block}", "The unsafe head's number");
        _meter.CreateObservableGauge("opal.execution.safe_head", () => (long)(chain.Heads.Safe?.Number ?? 0), "{block}", "The safe head's number");
        _meter.CreateObservableGauge("opal.execution.finalized_head", () => (long)(chain.Heads.Finalized?.Number ?? 0), "{block}", "The finalized head's number");
        _meter.CreateObservableGauge("opal.execution.pool.pending", () => pool.Count().Pending, "{transaction}", "Executable transactions in the pool");
        _meter.CreateObservableGauge("opal.execution.pool.queued", () => pool.Count().Queued, "{transaction}", "Waiting transactions in the pool");
        _meter.CreateObservableCounter("opal.execution.pool.dropped", () => Drops(pool), "{transaction}", "Transactions that left the pool, by reason");
        BuilderCounters counters = builder.Counters;
        _meter.CreateObservableCounter("opal.execution.builder.gated", () => counters.Gated, "{block}", "Built blocks that passed their second execution");
        _meter.CreateObservableCounter("opal.execution.builder.mismatches", () => counters.Mismatches, "{block}", "Built blocks that did not pass their second execution");
        _meter.CreateObservableCounter("opal.execution.builder.offenders", () => counters.Offenders, "{transaction}", "Transactions dropped because a block came out wrong with them");
        _meter.CreateObservableCounter("opal.execution.builder.rebuilds", () => counters.Rebuilds, "{block}", "Blocks built again to find them");
        _meter.CreateObservableCounter("opal.execution.builder.gate_time", () => counters.GateTime.TotalSeconds, "s", "Time spent in second executions");
        _meter.CreateObservableGauge("opal.execution.memory.own", () => ProcessMemory.Current().OwnBytes, "By", "Memory of the process itself: heap, stacks, compiled code");
        _meter.CreateObservableGauge("opal.execution.memory.mapped", () => ProcessMemory.Current().MappedBytes, "By", "Resident pages of mapped files, which the system takes back when it needs room");
        if (check is not null) Observe(check);
        chain.HeadChanged += OnHeadChanged;
    }

    private void Observe(StateCheck check)
    {
        _meter.CreateObservableCounter("opal.execution.state_check.parts", () => check.Parts, "{part}", "Parts of the state on disk, of 4,096, that were checked against its root");
        _meter.CreateObservableCounter("opal.execution.state_check.rows", () => check.Rows, "{row}", "Rows of the state on disk that were checked against its root");
        _meter.CreateObservableCounter("opal.execution.state_check.passes", () => check.Passes, "{pass}", "Passes over the whole state that were completed");
        _meter.CreateObservableCounter("opal.execution.state_check.mismatches", () => check.Mismatches, "{part}", "Parts of the state on disk that were found damaged");
        _meter.CreateObservableCounter("opal.execution.state_check.time", () => check.WorkTime.TotalSeconds, "s", "Time spent checking");
    }

    private static IEnumerable<Measurement<long>> Drops(TransactionPool pool)
    {
        foreach (PoolDropReason reason in Enum.GetValues<PoolDropReason>()) yield return new Measurement<long>(pool.CountDropped(reason), new KeyValuePair<string, object?>("reason", reason.ToString()));
    }

    /// <summary>Whether an instrument is one of these: several clients in a process have meters of the same name.</summary>
    public bool Owns(Instrument instrument) => instrument.Meter == _meter;

    private void OnHeadChanged(ChainUpdate update)
    {
        foreach (ExecutedBlock block in update.Added)
        {
            _blocks.Add(1);
            _gas.Add((long)block.Header.GasUsed);
            _transactions.Add(block.Transactions.Count);
        }

        if (update.Removed.Count == 0) return;
        _reorgs.Add(1);
        _removed.Add(update.Removed.Count);
    }

    public void Dispose()
    {
        _chain.HeadChanged -= OnHeadChanged;
        _meter.Dispose();
    }
}
