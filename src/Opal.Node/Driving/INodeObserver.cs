using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Told synchronously, on the driver's loop, of what changes: for the devnet's table, metrics and tests. Must be quick and must not throw.</summary>
public interface INodeObserver
{
    /// <summary>The unsafe head is another block.</summary>
    void UnsafeHeadChanged(L2BlockRef head)
    {
    }

    /// <summary>The safe head is another block, derived from the data of L1 blocks up to <paramref name="derivedFrom"/>.</summary>
    void SafeHeadChanged(L2BlockRef head, L1BlockRef derivedFrom)
    {
    }

    /// <summary>The finalized head moved up.</summary>
    void FinalizedHeadChanged(L2BlockRef head)
    {
    }

    /// <summary>The sequencer made a block.</summary>
    void BlockSequenced(L2BlockRef block, PayloadEnvelope payload)
    {
    }

    /// <summary>Derivation started over.</summary>
    void DerivationReset(string reason, L2BlockRef safeHead)
    {
    }

    /// <summary>Derived attributes were invalid: the batch they came from is lost.</summary>
    void AttributesInvalid(L2BlockRef parent, string reason)
    {
    }

    /// <summary>The node stopped for good.</summary>
    void Halted(string reason)
    {
    }
}

/// <summary>Observes nothing.</summary>
public sealed class NullNodeObserver : INodeObserver
{
    /// <summary>The only one needed.</summary>
    public static NullNodeObserver Instance { get; } = new();
}
