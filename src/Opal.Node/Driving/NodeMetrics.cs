using System.Diagnostics.Metrics;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>What a rollup node measures, under the meter <c>Opal.Node</c>, with the L2 chain id as a tag. Passes on what it observes.</summary>
internal sealed class NodeMetrics : INodeObserver, IDisposable
{
    private readonly INodeObserver _next;
    private readonly Meter _meter;
    private readonly Counter<long> _sequenced;
    private readonly Counter<long> _resets;
    private readonly Counter<long> _invalid;
    private readonly Counter<long> _dropped;
    private readonly Counter<long> _forced;

    public NodeMetrics(ulong chainId, INodeObserver next)
    {
        _next = next;
        _meter = new Meter(new MeterOptions("Opal.Node") { Tags = [new KeyValuePair<string, object?>("chain.id", chainId)] });
        _sequenced = _meter.CreateCounter<long>("opal.node.sequenced_blocks", "{block}", "Blocks this node made");
        _resets = _meter.CreateCounter<long>("opal.node.resets", "{reset}", "Times derivation started over");
        _invalid = _meter.CreateCounter<long>("opal.node.invalid_attributes", "{block}", "Derived blocks that the engine refused");
        _dropped = _meter.CreateCounter<long>("opal.node.derivation.dropped", "{item}", "Batcher data, frames, channels and batches not used, by kind and rule");
        _forced = _meter.CreateCounter<long>("opal.node.derivation.forced_blocks", "{block}", "Empty blocks made because no batch came in the sequencing window");
    }

    /// <summary>Measures heads when asked.</summary>
    public void Watch(Func<SyncStatus> status)
    {
        Gauge("opal.node.l2.unsafe", "The unsafe head's number", () => status().UnsafeL2.Number);
        Gauge("opal.node.l2.safe", "The safe head's number", () => status().SafeL2.Number);
        Gauge("opal.node.l2.finalized", "The finalized head's number", () => status().FinalizedL2.Number);
        Gauge("opal.node.l1.head", "L1's head", () => status().HeadL1.Number);
        Gauge("opal.node.l1.current", "The L1 block that derivation reads", () => status().CurrentL1.Number);
        Gauge("opal.node.l1.finalized", "L1's finalized block", () => status().FinalizedL1.Number);
        _meter.CreateObservableGauge("opal.node.l2.unsafe_time", () => (long)status().UnsafeL2.Timestamp, "s", "The unsafe head's timestamp");

        void Gauge(string name, string description, Func<ulong> read) => _meter.CreateObservableGauge(name, () => (long)read(), "{block}", description);
    }

    /// <summary>Something on the way from L1 to a block was not used.</summary>
    public void Dropped(string kind, Enum rule) =>
        _dropped.Add(1, new KeyValuePair<string, object?>("kind", kind), new KeyValuePair<string, object?>("rule", rule.ToString()));

    /// <summary>An empty block was forced.</summary>
    public void Forced() => _forced.Add(1);

    public void UnsafeHeadChanged(L2BlockRef head) => _next.UnsafeHeadChanged(head);

    public void SafeHeadChanged(L2BlockRef head, L1BlockRef derivedFrom) => _next.SafeHeadChanged(head, derivedFrom);

    public void FinalizedHeadChanged(L2BlockRef head) => _next.FinalizedHeadChanged(head);

    public void BlockSequenced(L2BlockRef block, PayloadEnvelope payload)
    {
        _sequenced.Add(1);
        _next.BlockSequenced(block, payload);
    }

    public void DerivationReset(string reason, L2BlockRef safeHead)
    {
        _resets.Add(1);
        _next.DerivationReset(reason, safeHead);
    }

    public void AttributesInvalid(L2BlockRef parent, string reason)
    {
        _invalid.Add(1);
        _next.AttributesInvalid(parent, reason);
    }

    public void Halted(string reason) => _next.Halted(reason);

    public void Dispose() => _meter.Dispose();
}
