using System.Security.Cryptography;
using Opal.Primitives;

namespace Opal.Crypto;

/// <summary>ECDSA verification over P-256 (secp256r1), by the platform's library through .NET.</summary>
internal static class P256
{
    private static readonly UInt256 Prime = new(0xffffffffffffffff, 0x00000000ffffffff, 0x0000000000000000, 0xffffffff00000001);
    private static readonly UInt256 Order = new(0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000);
    private static readonly UInt256 B = new(0x3bce3c3e27d2604b, 0x651d06b0cc53b0f6, 0xb3ebbd55769886bc, 0x5ac635d8aa3a93e7);

    /// <summary>See <see cref="ICrypto.VerifyP256"/>. The checks of EIP-7951 come first, so that the library never sees an invalid value.</summary>
    public static bool Verify(ReadOnlySpan<byte> input)
    {
        if (input.Length != 160) return false;
        var r = UInt256.FromBigEndian(input.Slice(32, 32));
        var s = UInt256.FromBigEndian(input.Slice(64, 32));
        var x = UInt256.FromBigEndian(input.Slice(96, 32));
        var y = UInt256.FromBigEndian(input.Slice(128, 32));
        if (r.IsZero || r >= Order || s.IsZero || s >= Order) return false;
        if (x >= Prime || y >= Prime || !IsOnCurve(x, y)) return false;

        var key = new ECParameters
        {
            Curve = ECCurve.NamedCurves.nistP256,
            Q = new ECPoint { X = input.Slice(96, 32).ToArray(), Y = input.Slice(128, 32).ToArray() },
        };
        using var ecdsa = ECDsa.Create(key);
        return ecdsa.VerifyHash(input[..32], input.Slice(32, 64), DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
    }

    /// <summary>y² = x³ - 3x + b. The point at infinity, (0, 0), is not on it.</summary>
    private static bool IsOnCurve(in UInt256 x, in UInt256 y)
    {
        UInt256.MultiplyModulo(y, y, Prime, out UInt256 left);
        UInt256.MultiplyModulo(x, x, Prime, out UInt256 right);
        UInt256.AddModulo(right, Prime - 3UL, Prime, out right); // x² - 3
        UInt256.MultiplyModulo(right, x, Prime, out right);
        UInt256.AddModulo(right, B, Prime, out right);
        return left == right;
    }
}
