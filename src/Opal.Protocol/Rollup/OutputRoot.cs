using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The commitment to an L2 block that is proposed on L1 (proposals.md#l2-output-commitment-construction).</summary>
public static class OutputRoot
{
    /// <summary>Version 0: keccak256(0 (32 B) ++ state root ++ message passer's storage root ++ block hash).</summary>
    public static Hash256 Compute(in Hash256 stateRoot, in Hash256 messagePasserStorageRoot, in Hash256 blockHash)
    {
        Span<byte> bytes = stackalloc byte[128];
        bytes[..32].Clear();
        stateRoot.CopyTo(bytes[32..]);
        messagePasserStorageRoot.CopyTo(bytes[64..]);
        blockHash.CopyTo(bytes[96..]);
        return Keccak256.Hash(bytes);
    }
}
