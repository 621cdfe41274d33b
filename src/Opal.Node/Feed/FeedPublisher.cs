using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Signs what the sequencer makes and puts it into the feed. Passes on what it observes.</summary>
internal sealed class FeedPublisher(UnsafeFeed feed, RollupConfig config, IPayloadSigner signer, INodeObserver next) : INodeObserver
{
    public void BlockSequenced(L2BlockRef block, PayloadEnvelope payload)
    {
        if (payload.TryGetBlock(config, out Block? made, out _)) feed.AddHead(SignedBlock.Create(made!, config, signer));
        next.BlockSequenced(block, payload);
    }

    public void UnsafeHeadChanged(L2BlockRef head) => next.UnsafeHeadChanged(head);

    public void SafeHeadChanged(L2BlockRef head, L1BlockRef derivedFrom) => next.SafeHeadChanged(head, derivedFrom);

    public void FinalizedHeadChanged(L2BlockRef head) => next.FinalizedHeadChanged(head);

    public void DerivationReset(string reason, L2BlockRef safeHead) => next.DerivationReset(reason, safeHead);

    public void AttributesInvalid(L2BlockRef parent, string reason) => next.AttributesInvalid(parent, reason);

    public void Halted(string reason) => next.Halted(reason);
}
