using Opal.Primitives;

namespace Opal.Evm;

/// <summary>0x0a POINT_EVALUATION (EIP-4844).</summary>
/// <remarks>Input: versioned hash (32), z (32), y (32), commitment (48), proof (48).</remarks>
internal sealed class PointEvaluation : Precompile
{
    private const int InputSize = 192;
    private const ulong FieldElementsPerBlob = 4096;
    private const byte VersionedHashVersion = 0x01;

    /// <summary>The order of the BLS12-381 scalar field.</summary>
    private static readonly UInt256 Modulus = new(0xffffffff00000001, 0x53bda402fffe5bfe, 0x3339d80809a1d805, 0x73eda753299d7d48);

    public override long GasFor(ReadOnlySpan<byte> input) => 50_000;

    public override bool TryRun(ICrypto crypto, ReadOnlySpan<byte> input, OutputBuffer output)
    {
        if (input.Length != InputSize) return false;
        ReadOnlySpan<byte> commitment = input.Slice(96, 48);
        Span<byte> hash = stackalloc byte[32];
        crypto.Sha256(commitment, hash);
        hash[0] = VersionedHashVersion;
        if (!hash.SequenceEqual(input[..32])) return false;
        if (!crypto.VerifyKzgProof(commitment, input.Slice(32, 32), input.Slice(64, 32), input.Slice(144, 48))) return false;
        Span<byte> result = output.Reset(64);
        new UInt256(FieldElementsPerBlob).WriteBigEndian(result);
        Modulus.WriteBigEndian(result[32..]);
        return true;
    }
}
