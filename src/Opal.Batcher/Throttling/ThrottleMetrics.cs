using System.Diagnostics.Metrics;

namespace Opal.Batcher;

/// <summary>What is measured of throttling, under the meter <c>Opal.Batcher</c>.</summary>
internal sealed class ThrottleMetrics : IDisposable
{
    private readonly Meter _meter = new("Opal.Batcher");

    public ThrottleMetrics(SequencerThrottle throttle)
    {
        _meter.CreateObservableGauge("opal.batcher.throttle.intensity", () => throttle.Status.Limits.Intensity, null, "How far the sequencer is slowed down, 0 to 1");
        _meter.CreateObservableGauge("opal.batcher.throttle.backlog", () => (double)throttle.Status.BacklogBytes, "By", "Estimated bytes that wait for L1, as the throttle heard last");
        _meter.CreateObservableGauge("opal.batcher.throttle.block_limit", () => (double)throttle.Status.Limits.BlockBytes, "By", "The limit of a block's data; 0 is none");
        _meter.CreateObservableGauge("opal.batcher.throttle.transaction_limit", () => (double)throttle.Status.Limits.TransactionBytes, "By", "The limit of a transaction's data; 0 is none");
        _meter.CreateObservableGauge("opal.batcher.throttle.deaf_clients", () => throttle.Status.Problems.Count, "{client}", "Execution clients that cannot be told the limits");
    }

    public void Dispose() => _meter.Dispose();
}
