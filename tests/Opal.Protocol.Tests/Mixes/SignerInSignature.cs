using Opal.Crypto;
using Opal.Primitives;

namespace Opal.Protocol.Tests.Mixes;

/// <summary>The real cryptography but for signatures: r is the signer's address, and s = 2 is a signature of nobody. Signing is free then, and a million transactions too.</summary>
internal sealed class SignerInSignature : ICrypto
{
    private static readonly NativeCrypto Real = NativeCrypto.Instance;

    public static SignerInSignature Instance { get; } = new();

    public static Transaction Sign(Transaction unsigned, in Address signer, bool valid = true) => unsigned.WithSignature(0, signer.ToUInt256(), valid ? 1ul : 2ul);

    public bool TryRecoverAddress(in Hash256 digest, in UInt256 r, in UInt256 s, byte yParity, out Address signer)
    {
        signer = Address.FromUInt256(r);
        return s == 1;
    }

    public void Sha256(ReadOnlySpan<byte> input, Span<byte> digest) => Real.Sha256(input, digest);

    public void Ripemd160(ReadOnlySpan<byte> input, Span<byte> digest) => Real.Ripemd160(input, digest);

    public void ModExp(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> modulus, Span<byte> result) => Real.ModExp(@base, exponent, modulus, result);

    public bool TryBn254Add(ReadOnlySpan<byte> input, Span<byte> output) => Real.TryBn254Add(input, output);

    public bool TryBn254Mul(ReadOnlySpan<byte> input, Span<byte> output) => Real.TryBn254Mul(input, output);

    public bool TryBn254Pairing(ReadOnlySpan<byte> input, out bool isOne) => Real.TryBn254Pairing(input, out isOne);

    public bool VerifyKzgProof(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> z, ReadOnlySpan<byte> y, ReadOnlySpan<byte> proof) => Real.VerifyKzgProof(commitment, z, y, proof);

    public bool TryBlsG1Add(ReadOnlySpan<byte> input, Span<byte> output) => Real.TryBlsG1Add(input, output);

    public bool TryBlsG1Msm(ReadOnlySpan<byte> input, Span<byte> output) => Real.TryBlsG1Msm(input, output);

    public bool TryBlsG2Add(ReadOnlySpan<byte> input, Span<byte> output) => Real.TryBlsG2Add(input, output);

    public bool TryBlsG2Msm(ReadOnlySpan<byte> input, Span<byte> output) => Real.TryBlsG2Msm(input, output);

    public bool TryBlsPairing(ReadOnlySpan<byte> input, out bool isOne) => Real.TryBlsPairing(input, out isOne);

    public bool TryBlsMapFpToG1(ReadOnlySpan<byte> input, Span<byte> output) => Real.TryBlsMapFpToG1(input, output);

    public bool TryBlsMapFp2ToG2(ReadOnlySpan<byte> input, Span<byte> output) => Real.TryBlsMapFp2ToG2(input, output);

    public bool VerifyP256(ReadOnlySpan<byte> input) => Real.VerifyP256(input);
}
