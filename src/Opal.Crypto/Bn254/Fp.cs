using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Crypto.Bn254;

/// <summary>An element of the base field of bn254 (alt_bn128), the integers modulo p = 36u⁴ + 36u³ + 24u² + 6u + 1 with u = 4965661367192848881.</summary>
/// <remarks>Kept in Montgomery form (a·2^256 mod p), fully reduced, four 64-bit limbs, least significant first. Not constant-time: everything here is public.</remarks>
internal readonly struct Fp : IEquatable<Fp>
{
    private const ulong P0 = 0x3c208c16d87cfd47, P1 = 0x97816a916871ca8d, P2 = 0xb85045b68181585d, P3 = 0x30644e72e131a029;

    /// <summary>-1/p mod 2^64.</summary>
    private const ulong Inverse64 = 0x87d20782e4866389;

    private readonly ulong _l0, _l1, _l2, _l3;

    private Fp(ulong l0, ulong l1, ulong l2, ulong l3)
    {
        _l0 = l0;
        _l1 = l1;
        _l2 = l2;
        _l3 = l3;
    }

    /// <summary>p.</summary>
    public static UInt256 Modulus => new(P0, P1, P2, P3);

    private static readonly Fp MontgomerySquare = ComputeMontgomerySquare();

    /// <summary>1.</summary>
    public static readonly Fp One = FromUInt256(UInt256.One);

    /// <summary>2^512 mod p as plain limbs: multiplying by it brings a number into Montgomery form.</summary>
    private static Fp ComputeMontgomerySquare()
    {
        UInt256 r = (UInt256.MaxValue % Modulus) + UInt256.One; // 2^256 mod p
        UInt256.MultiplyModulo(r, r, Modulus, out UInt256 square);
        return new Fp(square.U0, square.U1, square.U2, square.U3);
    }

    public bool IsZero => (_l0 | _l1 | _l2 | _l3) == 0;

    /// <summary>The element of a number below p.</summary>
    public static Fp FromUInt256(in UInt256 value) => new Fp(value.U0, value.U1, value.U2, value.U3) * MontgomerySquare;

    /// <summary>Reads 32 bytes, big-endian; false when the number is not below p.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out Fp element)
    {
        var value = UInt256.FromBigEndian(bytes);
        bool below = value < Modulus;
        element = below ? FromUInt256(value) : default;
        return below;
    }

    /// <summary>The number, below p.</summary>
    public UInt256 ToUInt256()
    {
        Fp plain = this * new Fp(1, 0, 0, 0);
        return new UInt256(plain._l0, plain._l1, plain._l2, plain._l3);
    }

    /// <summary>Writes 32 bytes, big-endian.</summary>
    public void Write(Span<byte> bytes) => ToUInt256().WriteBigEndian(bytes);

    public bool Equals(Fp other) => ((_l0 ^ other._l0) | (_l1 ^ other._l1) | (_l2 ^ other._l2) | (_l3 ^ other._l3)) == 0;

    public override bool Equals(object? obj) => obj is Fp other && Equals(other);

    public override int GetHashCode() => (int)(_l0 ^ _l2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AddCarry(ulong a, ulong b, ref ulong carry)
    {
        ulong sum = a + carry;
        ulong over = sum < carry ? 1UL : 0UL;
        sum += b;
        carry = over + (sum < b ? 1UL : 0UL);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SubtractBorrow(ulong a, ulong b, ref ulong borrow)
    {
        ulong difference = a - b;
        ulong under = a < b ? 1UL : 0UL;
        ulong result = difference - borrow;
        borrow = under + (difference < borrow ? 1UL : 0UL);
        return result;
    }

    /// <summary>a·b + c + carry; the high half goes to the carry. It cannot overflow 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyAdd(ulong a, ulong b, ulong c, ref ulong carry)
    {
        ulong high = Math.BigMul(a, b, out ulong low);
        low += c;
        high += low < c ? 1UL : 0UL;
        low += carry;
        high += low < carry ? 1UL : 0UL;
        carry = high;
        return low;
    }

    /// <summary>The value or the value - p, whichever is below p; the value is below 2p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Fp Reduce(ulong l0, ulong l1, ulong l2, ulong l3)
    {
        ulong borrow = 0;
        ulong s0 = SubtractBorrow(l0, P0, ref borrow);
        ulong s1 = SubtractBorrow(l1, P1, ref borrow);
        ulong s2 = SubtractBorrow(l2, P2, ref borrow);
        ulong s3 = SubtractBorrow(l3, P3, ref borrow);
        return borrow != 0 ? new Fp(l0, l1, l2, l3) : new Fp(s0, s1, s2, s3);
    }

    public static Fp operator +(in Fp a, in Fp b)
    {
        ulong carry = 0;
        ulong l0 = AddCarry(a._l0, b._l0, ref carry);
        ulong l1 = AddCarry(a._l1, b._l1, ref carry);
        ulong l2 = AddCarry(a._l2, b._l2, ref carry);
        ulong l3 = AddCarry(a._l3, b._l3, ref carry); // p is below 2^254: no carry
        return Reduce(l0, l1, l2, l3);
    }

    public static Fp operator -(in Fp a, in Fp b)
    {
        ulong borrow = 0;
        ulong l0 = SubtractBorrow(a._l0, b._l0, ref borrow);
        ulong l1 = SubtractBorrow(a._l1, b._l1, ref borrow);
        ulong l2 = SubtractBorrow(a._l2, b._l2, ref borrow);
        ulong l3 = SubtractBorrow(a._l3, b._l3, ref borrow);
        if (borrow == 0) return new Fp(l0, l1, l2, l3);
        ulong carry = 0;
        l0 = AddCarry(l0, P0, ref carry);
        l1 = AddCarry(l1, P1, ref carry);
        l2 = AddCarry(l2, P2, ref carry);
        l3 = AddCarry(l3, P3, ref carry);
        return new Fp(l0, l1, l2, l3);
    }

    public static Fp operator -(in Fp a) => default(Fp) - a;

    /// <summary>Montgomery product, limb by limb (coarsely integrated operand scanning). As p3 is below 2^63 - 1 the sum of both carries fits a limb.</summary>
    public static Fp operator *(in Fp a, in Fp b)
    {
        ulong a0 = a._l0, a1 = a._l1, a2 = a._l2, a3 = a._l3;
        ulong t0 = 0, t1 = 0, t2 = 0, t3 = 0;
        Step(b._l0);
        Step(b._l1);
        Step(b._l2);
        Step(b._l3);
        return Reduce(t0, t1, t2, t3);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        void Step(ulong digit)
        {
            ulong productCarry = 0, reductionCarry = 0;
            t0 = MultiplyAdd(a0, digit, t0, ref productCarry);
            ulong m = t0 * Inverse64;
            MultiplyAdd(m, P0, t0, ref reductionCarry); // the low limb becomes zero
            t1 = MultiplyAdd(a1, digit, t1, ref productCarry);
            t0 = MultiplyAdd(m, P1, t1, ref reductionCarry);
            t2 = MultiplyAdd(a2, digit, t2, ref productCarry);
            t1 = MultiplyAdd(m, P2, t2, ref reductionCarry);
            t3 = MultiplyAdd(a3, digit, t3, ref productCarry);
            t2 = MultiplyAdd(m, P3, t3, ref reductionCarry);
            t3 = productCarry + reductionCarry;
        }
    }

    public Fp Square() => this * this;

    public Fp Double() => this + this;

    /// <summary>Half of it: (a or a + p) / 2.</summary>
    public Fp Half()
    {
        ulong l0 = _l0, l1 = _l1, l2 = _l2, l3 = _l3;
        if ((l0 & 1) != 0)
        {
            ulong carry = 0;
            l0 = AddCarry(l0, P0, ref carry);
            l1 = AddCarry(l1, P1, ref carry);
            l2 = AddCarry(l2, P2, ref carry);
            l3 = AddCarry(l3, P3, ref carry);
        }

        return new Fp((l0 >> 1) | (l1 << 63), (l1 >> 1) | (l2 << 63), (l2 >> 1) | (l3 << 63), l3 >> 1);
    }

    /// <summary>a^exponent.</summary>
    public Fp Power(in UInt256 exponent)
    {
        Fp result = One;
        for (int i = exponent.BitLength - 1; i >= 0; i--)
        {
            result = result.Square();
            if (exponent.BitAt(i)) result *= this;
        }

        return result;
    }

    /// <summary>1/a by Fermat, a^(p-2); 0 for 0.</summary>
    public Fp Inverse() => Power(Modulus - 2UL);
}
