namespace Opal.Primitives;

/// <summary>
/// The cryptography that the core does not do itself. The node answers with native libraries, the fault-proof program with
/// pre-images. Every method is a pure function; a false return means that the input is invalid by the operation's own rules.
/// </summary>
public interface ICrypto
{
    /// <summary>The address that made a secp256k1 signature. <paramref name="yParity"/> is 0 or 1. False: no such key. Low-s is the caller's rule.</summary>
    bool TryRecoverAddress(in Hash256 digest, in UInt256 r, in UInt256 s, byte yParity, out Address signer);

    /// <summary>SHA-256 into 32 bytes.</summary>
    void Sha256(ReadOnlySpan<byte> input, Span<byte> digest);

    /// <summary>RIPEMD-160 into 20 bytes.</summary>
    void Ripemd160(ReadOnlySpan<byte> input, Span<byte> digest);

    /// <summary>base^exponent mod modulus, big-endian; <paramref name="result"/> has the modulus's length and is zero-padded. A zero modulus gives zeros.</summary>
    void ModExp(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> modulus, Span<byte> result);

    /// <summary>EIP-196 addition: 128 bytes in, 64 out.</summary>
    bool TryBn254Add(ReadOnlySpan<byte> input, Span<byte> output);

    /// <summary>EIP-196 scalar multiplication: 96 bytes in, 64 out.</summary>
    bool TryBn254Mul(ReadOnlySpan<byte> input, Span<byte> output);

    /// <summary>EIP-197 pairing check over k·192 bytes.</summary>
    bool TryBn254Pairing(ReadOnlySpan<byte> input, out bool isOne);

    /// <summary>EIP-4844 point evaluation: does the commitment open to y at z? Commitment and proof 48 bytes, z and y 32. False: invalid points or proof.</summary>
    bool VerifyKzgProof(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> z, ReadOnlySpan<byte> y, ReadOnlySpan<byte> proof);

    /// <summary>EIP-2537 G1ADD: 256 bytes in, 128 out.</summary>
    bool TryBlsG1Add(ReadOnlySpan<byte> input, Span<byte> output);

    /// <summary>EIP-2537 G1MSM: k·160 bytes in, 128 out.</summary>
    bool TryBlsG1Msm(ReadOnlySpan<byte> input, Span<byte> output);

    /// <summary>EIP-2537 G2ADD: 512 bytes in, 256 out.</summary>
    bool TryBlsG2Add(ReadOnlySpan<byte> input, Span<byte> output);

    /// <summary>EIP-2537 G2MSM: k·288 bytes in, 256 out.</summary>
    bool TryBlsG2Msm(ReadOnlySpan<byte> input, Span<byte> output);

    /// <summary>EIP-2537 pairing check over k·384 bytes.</summary>
    bool TryBlsPairing(ReadOnlySpan<byte> input, out bool isOne);

    /// <summary>EIP-2537 MAP_FP_TO_G1: 64 bytes in, 128 out.</summary>
    bool TryBlsMapFpToG1(ReadOnlySpan<byte> input, Span<byte> output);

    /// <summary>EIP-2537 MAP_FP2_TO_G2: 128 bytes in, 256 out.</summary>
    bool TryBlsMapFp2ToG2(ReadOnlySpan<byte> input, Span<byte> output);

    /// <summary>RIP-7212 / EIP-7951 P-256 verification of digest, r, s, x, y (32 bytes each, 160 in all).</summary>
    bool VerifyP256(ReadOnlySpan<byte> input);
}
