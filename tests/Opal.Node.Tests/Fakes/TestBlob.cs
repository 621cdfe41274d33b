using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Node.Tests;

/// <summary>A blob of zeros but for its first field elements, with the hash it has under an arithmetic.</summary>
internal sealed class TestBlob
{
    public TestBlob(byte seed, IBlobCommitments? kzg = null)
    {
        Bytes = new byte[131_072];
        for (int i = 1; i < 128; i++) Bytes[i] = i % 32 == 0 ? (byte)0 : (byte)(seed + i);
        kzg ??= new FirstBytes();
        Assert.True(kzg.TryCommit(Bytes, Commitment));
        Assert.True(kzg.TryProve(Bytes, Commitment, Proof));
        Hash = VerifiedBlob.VersionedHash(Commitment);
    }

    public byte[] Bytes { get; }

    public byte[] Commitment { get; } = new byte[48];

    public byte[] Proof { get; } = new byte[48];

    public Hash256 Hash { get; }

    public VerifiedBlob Verified => new(Bytes, Commitment, Proof);

    public string Json => $"\"{Hex.Encode(Bytes)}\"";

    public string SidecarJson(byte[]? proof = null, byte[]? blob = null) =>
        $$"""{"index":"0","blob":"{{Hex.Encode(blob ?? Bytes)}}","kzg_commitment":"{{Hex.Encode(Commitment)}}","kzg_proof":"{{Hex.Encode(proof ?? Proof)}}"}""";
}
