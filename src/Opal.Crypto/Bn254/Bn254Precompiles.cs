using Opal.Primitives;

namespace Opal.Crypto.Bn254;

/// <summary>The bn254 precompiles of EIP-196 and EIP-197.</summary>
/// <remarks>
/// Encodings, all big-endian: a field element is 32 bytes below p; a G1 point x ++ y; a G2 point x ++ y, each coordinate with
/// its imaginary part first; zeros are infinity; a scalar is any 32 bytes.
/// </remarks>
internal static class Bn254Precompiles
{
    private const int G1Size = 64, PairSize = 192;

    public static bool TryAdd(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (input.Length != 2 * G1Size) return false;
        if (!TryReadG1(input[..G1Size], out G1 a) || !TryReadG1(input[G1Size..], out G1 b)) return false;
        Write(a + b, output);
        return true;
    }

    public static bool TryMultiply(ReadOnlySpan<byte> input, Span<byte> output)
    {
        if (input.Length != G1Size + 32 || !TryReadG1(input[..G1Size], out G1 point)) return false;
        Write(point.Multiply(UInt256.FromBigEndian(input[G1Size..])), output);
        return true;
    }

    public static bool TryPairing(ReadOnlySpan<byte> input, out bool isOne)
    {
        isOne = false;
        if (input.Length % PairSize != 0) return false;
        var tracks = new Pairing.Track[input.Length / PairSize];
        int used = 0;
        for (; !input.IsEmpty; input = input[PairSize..])
        {
            if (!TryReadG1(input[..G1Size], out G1 p) || !TryReadG2(input[G1Size..PairSize], out G2 q, out bool qIsInfinity)) return false;
            if (!p.IsInfinity && !qIsInfinity) tracks[used++] = new Pairing.Track(p.X, p.Y, q); // a pair with infinity contributes the factor one
        }

        isOne = used == 0 || Pairing.FinalPower(Pairing.MillerLoop(tracks.AsSpan(0, used))).IsOne;
        return true;
    }

    private static bool TryReadG1(ReadOnlySpan<byte> bytes, out G1 point)
    {
        point = default;
        return Fp.TryRead(bytes[..32], out Fp x) && Fp.TryRead(bytes[32..], out Fp y) && G1.TryFromAffine(x, y, out point);
    }

    private static bool TryReadG2(ReadOnlySpan<byte> bytes, out G2 point, out bool isInfinity)
    {
        point = default;
        isInfinity = false;
        if (!Fp.TryRead(bytes[..32], out Fp x1) || !Fp.TryRead(bytes[32..64], out Fp x0)) return false;
        if (!Fp.TryRead(bytes[64..96], out Fp y1) || !Fp.TryRead(bytes[96..128], out Fp y0)) return false;
        point = new G2(new Fp2(x0, x1), new Fp2(y0, y1));
        isInfinity = point.X.IsZero && point.Y.IsZero;
        return isInfinity || (point.IsOnCurve && point.IsInSubgroup());
    }

    private static void Write(in G1 point, Span<byte> output)
    {
        point.ToAffine(out Fp x, out Fp y);
        x.Write(output);
        y.Write(output[32..]);
    }
}
