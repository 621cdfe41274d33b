using System.Diagnostics.Metrics;
using Opal.Batcher;

namespace Opal.Cli.Batcher;

/// <summary>What a batcher measures, under the meter <c>Opal.Batcher</c>, with the L2 chain id as a tag.</summary>
internal sealed class BatcherMeter : IDisposable
{
    private readonly Meter _meter;

    /// <param name="chainId">The L2 chain.</param>
    /// <param name="status">What the batcher is doing.</param>
    public BatcherMeter(ulong chainId, Func<BatcherStatus> status)
    {
        _meter = new Meter(new MeterOptions("Opal.Batcher") { Tags = [new KeyValuePair<string, object?>("chain.id", chainId)] });
        _meter.CreateObservableGauge("opal.batcher.running", () => status().Running ? 1 : 0, null, "Whether the batcher posts");
        _meter.CreateObservableGauge("opal.batcher.trouble", () => status().Trouble.Length > 0 ? 1 : 0, null, "Whether something keeps the batcher from its work");
        _meter.CreateObservableGauge("opal.batcher.pending_blocks", () => (long)status().PendingBlocks, "{block}", "Unsafe blocks that are in no closed channel");
        _meter.CreateObservableGauge("opal.batcher.backlog", () => status().BacklogBytes, "By", "What the blocks that are not wholly on L1 are estimated to take there");
        _meter.CreateObservableGauge("opal.batcher.in_flight", () => (long)status().InFlight, "{transaction}", "Transactions on their way");
        _meter.CreateObservableCounter("opal.batcher.transactions", () => (long)status().Transactions, "{transaction}", "Transactions confirmed in this run");
        _meter.CreateObservableGauge("opal.batcher.last_l1_block", () => (long)(status().LastL1Block ?? 0), "{block}", "L1 block of the newest confirmed transaction");
    }

    public void Dispose() => _meter.Dispose();
}
