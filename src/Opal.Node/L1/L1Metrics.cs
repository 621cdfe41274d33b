using System.Diagnostics.Metrics;

namespace Opal.Node;

/// <summary>What is measured of the connections to L1, under the meter <c>Opal.Node</c>, with the L2 chain id as a tag.</summary>
internal sealed class L1Metrics : IDisposable
{
    private readonly Meter _meter;
    private readonly Counter<long> _requests;

    public L1Metrics(ulong chainId)
    {
        _meter = new Meter(new MeterOptions("Opal.Node") { Tags = [new KeyValuePair<string, object?>("chain.id", chainId)] });
        _requests = _meter.CreateCounter<long>("opal.node.l1.requests", "{request}", "Calls sent to L1, by method and endpoint; the items of a batch count singly");
    }

    /// <summary>A call goes out.</summary>
    public void Sent(string method, string endpoint) =>
        _requests.Add(1, new KeyValuePair<string, object?>("method", method), new KeyValuePair<string, object?>("endpoint", endpoint));

    /// <summary>Measures the endpoints' health when asked.</summary>
    public void Watch(IReadOnlyList<L1Endpoint> endpoints)
    {
        _meter.CreateObservableGauge("opal.node.l1.latency", () => Each(static health => health.Latency.TotalSeconds), "s", "Moving average of the time an L1 endpoint takes to answer");
        _meter.CreateObservableGauge("opal.node.l1.failures", () => Each(static health => (double)health.Failures), "{failure}", "Failures in a row of an L1 endpoint");

        IEnumerable<Measurement<double>> Each(Func<EndpointHealth, double> read) =>
            endpoints.Select(endpoint => new Measurement<double>(read(endpoint.Health), new KeyValuePair<string, object?>("endpoint", endpoint.Name)));
    }

    public void Dispose() => _meter.Dispose();
}
