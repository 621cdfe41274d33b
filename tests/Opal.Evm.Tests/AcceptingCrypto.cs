using Opal.Primitives;

namespace Opal.Evm.Tests;

/// <summary>Says yes to everything, for tests of what happens before the cryptography.</summary>
internal sealed class AcceptingCrypto : ICrypto
{
    public bool TryRecoverAddress(in Hash256 digest, in UInt256 r, in UInt256 s, byte yParity, out Address signer)
    {
        signer = default;
        return true;
    }

    public void Sha256(ReadOnlySpan<byte> input, Span<byte> digest) => digest.Clear();

    public void Ripemd160(ReadOnlySpan<byte> input, Span<byte> digest) => digest.Clear();

    public void ModExp(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> modulus, Span<byte> result) => result.Clear();

    public bool TryBn254Add(ReadOnlySpan<byte> input, Span<byte> output) => true;

    public bool TryBn254Mul(ReadOnlySpan<byte> input, Span<byte> output) => true;

    public bool TryBn254Pairing(ReadOnlySpan<byte> input, out bool isOne) => isOne = true;

    public bool VerifyKzgProof(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> z, ReadOnlySpan<byte> y, ReadOnlySpan<byte> proof) => true;

    public bool TryBlsG1Add(ReadOnlySpan<byte> input, Span<byte> output) => true;

    public bool TryBlsG1Msm(ReadOnlySpan<byte> input, Span<byte> output) => true;

    public bool TryBlsG2Add(ReadOnlySpan<byte> input, Span<byte> output) => true;

    public bool TryBlsG2Msm(ReadOnlySpan<byte> input, Span<byte> output) => true;

    public bool TryBlsPairing(ReadOnlySpan<byte> input, out bool isOne) => isOne = true;

    public bool TryBlsMapFpToG1(ReadOnlySpan<byte> input, Span<byte> output) => true;

    public bool TryBlsMapFp2ToG2(ReadOnlySpan<byte> input, Span<byte> output) => true;

    public bool VerifyP256(ReadOnlySpan<byte> input) => true;
}
