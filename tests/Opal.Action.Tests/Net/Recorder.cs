using Opal.JsonRpc;
using Opal.Node;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>Remembers what a node reports.</summary>
public sealed class Recorder : INodeObserver
{
    public List<string> Resets { get; } = [];

    public List<L2BlockRef> SafeHeads { get; } = [];

    public List<L2BlockRef> UnsafeHeads { get; } = [];

    public List<L2BlockRef> FinalizedHeads { get; } = [];

    /// <summary>The sequencer's blocks, as they would be published.</summary>
    public List<PayloadEnvelope> Sequenced { get; } = [];

    public List<string> Invalid { get; } = [];

    public string? Halt { get; private set; }

    public void UnsafeHeadChanged(L2BlockRef head) => UnsafeHeads.Add(head);

    public void FinalizedHeadChanged(L2BlockRef head) => FinalizedHeads.Add(head);

    public void BlockSequenced(L2BlockRef block, PayloadEnvelope payload) => Sequenced.Add(payload);

    public void SafeHeadChanged(L2BlockRef head, L1BlockRef derivedFrom) => SafeHeads.Add(head);

    public void DerivationReset(string reason, L2BlockRef safeHead) => Resets.Add(reason);

    public void AttributesInvalid(L2BlockRef parent, string reason) => Invalid.Add(reason);

    public void Halted(string reason) => Halt = reason;
}
