using System.Diagnostics.Metrics;
using Opal.Proposer;

namespace Opal.Cli.Proposer;

/// <summary>What a proposer measures, under the meter <c>Opal.Proposer</c>, with the L2 chain id as a tag.</summary>
internal sealed class ProposerMeter : IDisposable
{
    private readonly Meter _meter;

    /// <param name="chainId">The L2 chain.</param>
    /// <param name="status">What the proposer is doing.</param>
    public ProposerMeter(ulong chainId, Func<ProposerStatus> status)
    {
        _meter = new Meter(new MeterOptions("Opal.Proposer") { Tags = [new KeyValuePair<string, object?>("chain.id", chainId)] });
        _meter.CreateObservableGauge("opal.proposer.running", () => status().Running ? 1 : 0, null, "Whether the proposer proposes");
        _meter.CreateObservableGauge("opal.proposer.trouble", () => status().Trouble.Length > 0 ? 1 : 0, null, "Whether something keeps the proposer from its work");
        _meter.CreateObservableCounter("opal.proposer.proposals", () => (long)status().Proposals, "{proposal}", "Proposals made in this run");
        _meter.CreateObservableGauge("opal.proposer.last_l2_block", () => (long)(status().LastL2Block ?? 0), "{block}", "L2 block of the newest proposal");
        _meter.CreateObservableGauge("opal.proposer.last_l1_block", () => (long)status().LastL1Block, "{block}", "L1 block of the newest proposal");
    }

    public void Dispose() => _meter.Dispose();
}
