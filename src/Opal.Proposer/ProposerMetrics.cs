using System.Diagnostics.Metrics;

namespace Opal.Proposer;

/// <summary>What a proposer measures, under the meter <c>Opal.Proposer</c>.</summary>
internal sealed class ProposerMetrics : IDisposable
{
    private readonly Meter _meter = new("Opal.Proposer");
    private readonly Counter<long> _proposals;
    private readonly Counter<long> _failures;
    private readonly Counter<long> _disagreements;

    public ProposerMetrics(Func<ProposerStatus> status)
    {
        _proposals = _meter.CreateCounter<long>("opal.proposer.proposals", "{proposal}", "Proposals that are on L1");
        _failures = _meter.CreateCounter<long>("opal.proposer.failures", "{round}", "Looks at the chain, and proposals, that failed");
        _disagreements = _meter.CreateCounter<long>("opal.proposer.disagreements", "{output}", "Outputs that a second rollup node gave otherwise");
        Gauge("opal.proposer.last_block", "{block}", "The L2 block of the newest proposal", static s => s.LastL2Block);
        Gauge("opal.proposer.lag_blocks", "{block}", "L2 blocks that may be proposed and are not covered by a proposal", static s => s.LagBlocks);
        Gauge("opal.proposer.lag", "s", "L2 time between the newest proposal and the newest block that may be proposed", static s => s.LagSeconds);

        void Gauge(string name, string unit, string description, Func<ProposerStatus, ulong?> read) => _meter.CreateObservableGauge(
            name, () => read(status()) is { } value ? [new Measurement<long>((long)value)] : Array.Empty<Measurement<long>>(), unit, description);
    }

    public void Proposed() => _proposals.Add(1);

    public void Failed() => _failures.Add(1);

    public void Disagreed() => _disagreements.Add(1);

    public void Dispose() => _meter.Dispose();
}
