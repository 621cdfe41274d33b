using System.Diagnostics.Metrics;

namespace Opal.Batcher;

/// <summary>What is measured of other programs with the batcher's key, under the meter <c>Opal.Batcher</c>.</summary>
internal sealed class RivalMetrics : IDisposable
{
    private readonly Meter _meter = new("Opal.Batcher");

    public RivalMetrics(RivalWatch watch) =>
        _meter.CreateObservableCounter("opal.batcher.rival_transactions", () => watch.Count, "{transaction}", "L1 transactions of the batcher's account that this batcher did not send");

    public void Dispose() => _meter.Dispose();
}
