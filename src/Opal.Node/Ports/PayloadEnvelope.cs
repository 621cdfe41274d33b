using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>A block as it travels: the payload, and the one header field that the payload lacks.</summary>
/// <param name="Payload">The payload.</param>
/// <param name="ParentBeaconBlockRoot">From Ecotone on; null before.</param>
public sealed record PayloadEnvelope(ExecutionPayload Payload, Hash256? ParentBeaconBlockRoot)
{
    /// <summary>Makes the block and checks its hash. L2 blocks have no requests: their hash is fixed by the fork.</summary>
    public bool TryGetBlock(RollupConfig config, out Block? block, out PayloadError error)
    {
        bool isIsthmus = config.IsActive(OptimismFork.Isthmus, new L2Time(Payload.Timestamp));
        return Payload.TryGetBlock(ParentBeaconBlockRoot, isIsthmus ? ExecutionRequests.EmptyHash : null, out block, out error);
    }

    /// <summary>The envelope of an L2 block.</summary>
    public static PayloadEnvelope FromBlock(Block block, RollupConfig config) =>
        new(ExecutionPayload.FromBlock(block, config.IsActive(OptimismFork.Isthmus, new L2Time(block.Header.Timestamp))), block.Header.ParentBeaconBlockRoot);
}
