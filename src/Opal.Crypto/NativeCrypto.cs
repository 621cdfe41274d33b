using System.Security.Cryptography;
using Opal.Crypto.Native;
using Opal.Primitives;

namespace Opal.Crypto;

/// <summary>The core's cryptography by native libraries: libsecp256k1, GMP, blst, c-kzg, OpenSSL. One instance serves all threads.</summary>
/// <remarks>A library that is missing is an exception that names its package, at the first call that needs it.</remarks>
public sealed class NativeCrypto : ICrypto
{
    private NativeCrypto()
    {
    }

    /// <summary>The instance.</summary>
    public static NativeCrypto Instance { get; } = new();

    /// <inheritdoc/>
    public bool TryRecoverAddress(in Hash256 digest, in UInt256 r, in UInt256 s, byte yParity, out Address signer) =>
        Secp256k1.TryRecoverAddress(digest, r, s, yParity, out signer);

    /// <inheritdoc/>
    public void Sha256(ReadOnlySpan<byte> input, Span<byte> digest) => SHA256.HashData(input, digest);

    /// <inheritdoc/>
    public unsafe void Ripemd160(ReadOnlySpan<byte> input, Span<byte> digest)
    {
        if (digest.Length < 20) throw new ArgumentException("a digest has 20 bytes", nameof(digest));
        byte none = 0;
        fixed (byte* data = input, result = digest)
        {
            if (LibCrypto.Digest(data is null ? &none : data, (nuint)input.Length, result, null, LibCrypto.Ripemd160(), 0) != 1)
            {
                throw new CryptographicException("this OpenSSL has no RIPEMD-160: use OpenSSL 3.0.7 or later, or enable its legacy provider");
            }
        }
    }

    /// <inheritdoc/>
    public void ModExp(ReadOnlySpan<byte> @base, ReadOnlySpan<byte> exponent, ReadOnlySpan<byte> modulus, Span<byte> result) =>
        Crypto.ModExp.Compute(@base, exponent, modulus, result);

    /// <inheritdoc/>
    public bool TryBn254Add(ReadOnlySpan<byte> input, Span<byte> output) => Bn254.Bn254Precompiles.TryAdd(input, output);

    /// <inheritdoc/>
    public bool TryBn254Mul(ReadOnlySpan<byte> input, Span<byte> output) => Bn254.Bn254Precompiles.TryMultiply(input, output);

    /// <inheritdoc/>
    public bool TryBn254Pairing(ReadOnlySpan<byte> input, out bool isOne) => Bn254.Bn254Precompiles.TryPairing(input, out isOne);

    /// <inheritdoc/>
    public bool VerifyKzgProof(ReadOnlySpan<byte> commitment, ReadOnlySpan<byte> z, ReadOnlySpan<byte> y, ReadOnlySpan<byte> proof) =>
        Kzg.VerifyProof(commitment, z, y, proof);

    /// <inheritdoc/>
    public bool TryBlsG1Add(ReadOnlySpan<byte> input, Span<byte> output) => Bls12381.TryG1Add(input, output);

    /// <inheritdoc/>
    public bool TryBlsG1Msm(ReadOnlySpan<byte> input, Span<byte> output) => Bls12381.TryG1Msm(input, output);

    /// <inheritdoc/>
    public bool TryBlsG2Add(ReadOnlySpan<byte> input, Span<byte> output) => Bls12381.TryG2Add(input, output);

    /// <inheritdoc/>
    public bool TryBlsG2Msm(ReadOnlySpan<byte> input, Span<byte> output) => Bls12381.TryG2Msm(input, output);

    /// <inheritdoc/>
    public bool TryBlsPairing(ReadOnlySpan<byte> input, out bool isOne) => Bls12381.TryPairing(input, out isOne);

    /// <inheritdoc/>
    public bool TryBlsMapFpToG1(ReadOnlySpan<byte> input, Span<byte> output) => Bls12381.TryMapToG1(input, output);

    /// <inheritdoc/>
    public bool TryBlsMapFp2ToG2(ReadOnlySpan<byte> input, Span<byte> output) => Bls12381.TryMapToG2(input, output);

    /// <inheritdoc/>
    public bool VerifyP256(ReadOnlySpan<byte> input) => P256.Verify(input);
}
