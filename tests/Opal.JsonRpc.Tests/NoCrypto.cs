using Opal.Primitives;

namespace Opal.JsonRpc.Tests;

/// <summary>A crypto port for tests whose transactions state their senders: it must not be asked.</summary>
internal sealed class NoCrypto : ICrypto
{
    public static NoCrypto Instance { get; } = new();

    public bool TryRecoverAddress(in Hash256 digest, in UInt256 r, in UInt256 s, byte yParity, out Address signer) => throw new InvalidOperationException();
    public void Sha256(ReadOnlySpan<byte> input, Span<byte> digest) => throw new InvalidOperationException();
    public void Ripemd160(ReadOnlySpan<byte> input, Span<byte> digest) => throw new InvalidOperationException();
    public void ModExp(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> modulus, Span<byte> result) => throw new InvalidOperationException();
    public bool TryBn254Add(ReadOnlySpan<byte> input, Span<byte> output) => throw new InvalidOperationException();
    public bool TryBn254Mul(ReadOnlySpan<byte> input, Span<byte> output) => throw new InvalidOperationException();
    public bool TryBn254Pairing(ReadOnlySpan<byte> input, out bool isOne) => throw new InvalidOperationException();
    public bool VerifyKzgProof(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> z, ReadOnlySpan<byte> y, ReadOnlySpan<byte> proof) => throw new InvalidOperationException();
    public bool TryBlsG1Add(ReadOnlySpan<byte> input, Span<byte> output) => throw new InvalidOperationException();
    public bool TryBlsG1Msm(ReadOnlySpan<byte> input, Span<byte> output) => throw new InvalidOperationException();
    public bool TryBlsG2Add(ReadOnlySpan<byte> input, Span<byte> output) => throw new InvalidOperationException();
    public bool TryBlsG2Msm(ReadOnlySpan<byte> input, Span<byte> output) => throw new InvalidOperationException();
    public bool TryBlsPairing(ReadOnlySpan<byte> input, out bool isOne) => throw new InvalidOperationException();
    public bool TryBlsMapFpToG1(ReadOnlySpan<byte> input, Span<byte> output) => throw new InvalidOperationException();
    public bool TryBlsMapFp2ToG2(ReadOnlySpan<byte> input, Span<byte> output) => throw new InvalidOperationException();
    public bool VerifyP256(ReadOnlySpan<byte> input) => throw new InvalidOperationException();
}
