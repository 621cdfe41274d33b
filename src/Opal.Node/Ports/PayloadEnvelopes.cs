using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>L2 blocks in envelopes. They make no requests, so that the header's requests hash is fixed by the fork.</summary>
public static class PayloadEnvelopes
{
    /// <summary>Makes the block and checks its hash.</summary>
    public static bool TryGetBlock(this PayloadEnvelope envelope, RollupConfig config, out Block? block, out PayloadError error)
    {
        bool isIsthmus = config.IsActive(OptimismFork.Isthmus, new L2Time(envelope.Payload.Timestamp));
        return envelope.Payload.TryGetBlock(envelope.ParentBeaconBlockRoot, isIsthmus ? ExecutionRequests.EmptyHash : null, out block, out error);
    }

    /// <summary>The envelope of a block.</summary>
    public static PayloadEnvelope FromBlock(Block block, RollupConfig config) => new()
    {
        Payload = ExecutionPayload.FromBlock(block, config.IsActive(OptimismFork.Isthmus, new L2Time(block.Header.Timestamp))),
        ParentBeaconBlockRoot = block.Header.ParentBeaconBlockRoot,
    };
}
