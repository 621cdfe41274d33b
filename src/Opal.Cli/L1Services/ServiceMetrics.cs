using System.Diagnostics.Metrics;
using Opal.Cli.Geth;

namespace Opal.Cli.L1Services;

/// <summary>Whether a service runs and which version it is, by the names that op-batcher and op-proposer have for it.</summary>
internal sealed class ServiceMetrics : IDisposable
{
    private readonly Meter _meter = new("Opal.Service");

    /// <param name="name">batcher or proposer.</param>
    /// <param name="isUp">Whether the start is complete.</param>
    public ServiceMetrics(string name, Func<bool> isUp)
    {
        _meter.CreateObservableGauge($"op_{name}_default_up", () => isUp() ? 1 : 0, null, "1 once the start is complete");
        _meter.CreateObservableGauge($"op_{name}_default_info", () => new Measurement<int>(1, new KeyValuePair<string, object?>("version", VersionText.Version)), null, "The version");
    }

    public void Dispose() => _meter.Dispose();
}
