using System.Collections.Concurrent;
using System.Security.Cryptography;
using Opal.Crypto.Native;
using Opal.Primitives;

namespace Opal.Crypto;

/// <summary>ECDSA verification over P-256 (secp256r1), by OpenSSL.</summary>
/// <remarks>Called directly: through .NET each call would import the key anew, which multiplies the point by the group order and costs three times as much as the verification.</remarks>
internal static class P256
{
    /// <summary>OpenSSL keys to put a public key in, one for each thread that verifies at the same time.</summary>
    private static readonly ConcurrentBag<nint> Keys = [];

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

        nint key = Keys.TryTake(out nint kept) ? kept : NewKey();
        bool isValid = Verify(input, key);
        Keys.Add(key);
        return isValid;
    }

    private static nint NewKey()
    {
        nint key = LibCrypto.NewKey(LibCrypto.P256);
        return key != 0 ? key : throw new CryptographicException("this OpenSSL has no P-256");
    }

    private static unsafe bool Verify(ReadOnlySpan<byte> input, nint key)
    {
        fixed (byte* p = input)
        {
            nint group = LibCrypto.GroupOfKey(key);
            nint point = LibCrypto.NewPoint(group), signature = LibCrypto.NewSignature();
            nint x = LibCrypto.NumberFromBytes(p + 96, 32, 0), y = LibCrypto.NumberFromBytes(p + 128, 32, 0);
            nint r = LibCrypto.NumberFromBytes(p + 32, 32, 0), s = LibCrypto.NumberFromBytes(p + 64, 32, 0);
            bool ready = LibCrypto.SetSignature(signature, r, s) == 1
                & LibCrypto.SetCoordinates(group, point, x, y, 0) == 1
                && LibCrypto.SetPublicKey(key, point) == 1;
            LibCrypto.ClearErrors();
            int result = ready ? LibCrypto.Verify(p, 32, signature, key) : -1;
            LibCrypto.FreeNumber(x);
            LibCrypto.FreeNumber(y);
            LibCrypto.FreePoint(point);
            LibCrypto.FreeSignature(signature);
            if (result >= 0) return result == 1;
            return EndedAtInfinity() ? false : throw new CryptographicException("OpenSSL could not verify a well-formed P-256 signature");
        }
    }

    /// <summary>A signature may be made so that its verification ends at infinity, which has no x coordinate: OpenSSL calls that an error, EIP-7951 an invalid signature.</summary>
    private static bool EndedAtInfinity()
    {
        const nuint reasonMask = 0xfff, pointAtInfinity = 106;
        bool found = false;
        while (LibCrypto.TakeError() is var error && error != 0) found |= (error & reasonMask) == pointAtInfinity;
        return found;
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
