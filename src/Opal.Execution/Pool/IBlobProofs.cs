using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The KZG arithmetic the pool of an L1 needs. Implementations are thread-safe.</summary>
public interface IBlobProofs
{
    /// <summary>Whether every proof shows that its commitment is the blob's (EIP-4844: one proof a blob; EIP-7594: 128 cell proofs a blob).</summary>
    bool Verify(BlobSidecar sidecar);

    /// <summary>Turns a sidecar with blob proofs (EIP-4844) into one with cell proofs (EIP-7594); null when a blob is malformed.</summary>
    BlobSidecar? WithCellProofs(BlobSidecar sidecar);

    /// <summary>The proof of one whole blob against its commitment, 48 bytes (for readers of the EIP-4844 form); null when malformed.</summary>
    byte[]? BlobProof(ReadOnlyMemory<byte> blob, ReadOnlyMemory<byte> commitment);
}
