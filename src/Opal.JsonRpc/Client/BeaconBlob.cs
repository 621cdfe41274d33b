namespace Opal.JsonRpc;

/// <summary>A blob as a beacon node gave it. Nothing of it is verified.</summary>
/// <param name="Blob">131,072 bytes.</param>
/// <param name="Commitment">The KZG commitment the node stated, 48 bytes; null where the node gives blobs alone.</param>
/// <param name="Proof">The KZG proof the node stated, 48 bytes; null where it states none. Some nodes state zeros.</param>
public sealed record BeaconBlob(byte[] Blob, byte[]? Commitment, byte[]? Proof = null);
