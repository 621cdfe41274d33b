using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>A payload with what travels beside it: the answer of <c>engine_getPayload</c>.</summary>
public sealed record PayloadEnvelope
{
    /// <summary>The payload.</summary>
    public required ExecutionPayload Payload { get; init; }

    /// <summary>What the fee recipient earns, wei (V2 and later).</summary>
    public UInt256 BlockValue { get; init; }

    /// <summary>The blobs of an L1 block (V3 and later); null on L2, where the answer has empty lists.</summary>
    public BlobSidecar? Blobs { get; init; }

    /// <summary>The parent beacon block's root (L2, V3 and later).</summary>
    public Hash256? ParentBeaconBlockRoot { get; init; }

    /// <summary>The requests to the consensus layer (V4 and later); empty on L2.</summary>
    public IReadOnlyList<byte[]> ExecutionRequests { get; init; } = [];
}
