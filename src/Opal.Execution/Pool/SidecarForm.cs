using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Which form of sidecar a fork asks for.</summary>
public static class SidecarForm
{
    /// <summary>Whether sidecars carry cell proofs (EIP-7594), as they do from the fork on that bounds the blobs of a transaction.</summary>
    public static bool HasCellProofs(Rules rules) => rules.BlobGas == BlobGasRule.Blobs && rules.MaxBlobsPerTransaction != ulong.MaxValue;
}
