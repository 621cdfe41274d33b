using Opal.Node;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>Remembers what a node reports.</summary>
public sealed class Recorder : INodeObserver
{
    public List<string> Resets { get; } = [];

    public List<L2BlockRef> SafeHeads { get; } = [];

    public List<string> Invalid { get; } = [];

    public string? Halt { get; private set; }

    public void SafeHeadChanged(L2BlockRef head, L1BlockRef derivedFrom) => SafeHeads.Add(head);

    public void DerivationReset(string reason, L2BlockRef safeHead) => Resets.Add(reason);

    public void AttributesInvalid(L2BlockRef parent, string reason) => Invalid.Add(reason);

    public void Halted(string reason) => Halt = reason;
}
