using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics.X86;
using Opal.Crypto.Native;
using Opal.Primitives;

namespace Opal.Crypto.Bn254;

/// <summary>An element of the base field of bn254 (alt_bn128), the integers modulo p = 36u⁴ + 36u³ + 24u² + 6u + 1 with u = 4965661367192848881.</summary>
/// <remarks>
/// Kept in Montgomery form (a·2^256 mod p), fully reduced, four 64-bit limbs, least significant first. Not constant-time:
/// everything here is public. The static methods take operands and results by reference, because copying a struct whose limbs
/// were just written stalls the processor; a result may be one of the operands. The operators are for where time does not matter.
/// </remarks>
internal struct Fp : IEquatable<Fp>
{
    private const ulong P0 = 0x3c208c16d87cfd47, P1 = 0x97816a916871ca8d, P2 = 0xb85045b68181585d, P3 = 0x30644e72e131a029;

    /// <summary>-1/p mod 2^64.</summary>
    private const ulong Inverse64 = 0x87d20782e4866389;

    private ulong _l0, _l1, _l2, _l3;

    private Fp(ulong l0, ulong l1, ulong l2, ulong l3)
    {
        _l0 = l0;
        _l1 = l1;
        _l2 = l2;
        _l3 = l3;
    }

    /// <summary>p.</summary>
    public static UInt256 Modulus => new(P0, P1, P2, P3);

    // 2^512 and 2^768 mod p as plain limbs: multiplying by them brings a number, and the inverse of an element, into Montgomery form
    private static readonly Fp MontgomerySquare = PowerOfRadix(2);
    private static readonly Fp MontgomeryCube = PowerOfRadix(3);

    /// <summary>1.</summary>
    public static readonly Fp One = FromUInt256(UInt256.One);

    private static Fp PowerOfRadix(int exponent)
    {
        UInt256 radix = (UInt256.MaxValue % Modulus) + UInt256.One; // 2^256 mod p
        UInt256 power = radix;
        for (int i = 1; i < exponent; i++) UInt256.MultiplyModulo(power, radix, Modulus, out power);
        return new Fp(power.U0, power.U1, power.U2, power.U3);
    }

    public readonly bool IsZero => (_l0 | _l1 | _l2 | _l3) == 0;

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
    public readonly UInt256 ToUInt256()
    {
        Fp plain = this * new Fp(1, 0, 0, 0);
        return new UInt256(plain._l0, plain._l1, plain._l2, plain._l3);
    }

    /// <summary>Writes 32 bytes, big-endian.</summary>
    public readonly void Write(Span<byte> bytes) => ToUInt256().WriteBigEndian(bytes);

    public readonly bool Equals(Fp other) => ((_l0 ^ other._l0) | (_l1 ^ other._l1) | (_l2 ^ other._l2) | (_l3 ^ other._l3)) == 0;

    public override readonly bool Equals(object? obj) => obj is Fp other && Equals(other);

    public override readonly int GetHashCode() => (int)(_l0 ^ _l2);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Bit(bool b) => b ? 1UL : 0UL;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong AddCarry(ulong a, ulong b, ref ulong carry)
    {
        ulong sum = a + carry;
        ulong over = Bit(sum < carry);
        sum += b;
        carry = over + Bit(sum < b);
        return sum;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong SubtractBorrow(ulong a, ulong b, ref ulong borrow)
    {
        ulong difference = a - b;
        ulong under = Bit(a < b);
        ulong result = difference - borrow;
        borrow = under + Bit(difference < borrow);
        return result;
    }

    /// <summary>a·b + c + carry; the high half goes to the carry. It cannot overflow 128 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong MultiplyAdd(ulong a, ulong b, ulong c, ref ulong carry)
    {
        ulong low, high;
        if (Bmi2.X64.IsSupported)
        {
            low = a * b; // faster than the form of MULX that stores its low half to memory
            high = Bmi2.X64.MultiplyNoFlags(a, b);
        }
        else
        {
            high = Math.BigMul(a, b, out low);
        }

        low += c;
        high += Bit(low < c);
        low += carry;
        high += Bit(low < carry);
        carry = high;
        return low;
    }

    /// <summary>The value or the value - p, whichever is below p, without a branch that nobody could predict; the value is below 2p.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Reduce(ulong l0, ulong l1, ulong l2, ulong l3, out Fp r)
    {
        ulong borrow = 0;
        ulong s0 = SubtractBorrow(l0, P0, ref borrow);
        ulong s1 = SubtractBorrow(l1, P1, ref borrow);
        ulong s2 = SubtractBorrow(l2, P2, ref borrow);
        ulong s3 = SubtractBorrow(l3, P3, ref borrow);
        ulong keep = 0 - borrow;
        r._l0 = s0 ^ ((s0 ^ l0) & keep);
        r._l1 = s1 ^ ((s1 ^ l1) & keep);
        r._l2 = s2 ^ ((s2 ^ l2) & keep);
        r._l3 = s3 ^ ((s3 ^ l3) & keep);
    }

    /// <summary>r = a + b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(in Fp a, in Fp b, out Fp r)
    {
        ulong carry = 0;
        ulong l0 = AddCarry(a._l0, b._l0, ref carry);
        ulong l1 = AddCarry(a._l1, b._l1, ref carry);
        ulong l2 = AddCarry(a._l2, b._l2, ref carry);
        ulong l3 = AddCarry(a._l3, b._l3, ref carry); // p is below 2^254: no carry
        Reduce(l0, l1, l2, l3, out r);
    }

    /// <summary>r = a + b, below 2p and not reduced: good as one factor, or both, of <see cref="Multiply"/> and for nothing else.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void AddUnreduced(in Fp a, in Fp b, out Fp r)
    {
        ulong carry = 0;
        r._l0 = AddCarry(a._l0, b._l0, ref carry);
        r._l1 = AddCarry(a._l1, b._l1, ref carry);
        r._l2 = AddCarry(a._l2, b._l2, ref carry);
        r._l3 = AddCarry(a._l3, b._l3, ref carry);
    }

    /// <summary>r = a - b.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(in Fp a, in Fp b, out Fp r)
    {
        ulong borrow = 0;
        ulong l0 = SubtractBorrow(a._l0, b._l0, ref borrow);
        ulong l1 = SubtractBorrow(a._l1, b._l1, ref borrow);
        ulong l2 = SubtractBorrow(a._l2, b._l2, ref borrow);
        ulong l3 = SubtractBorrow(a._l3, b._l3, ref borrow);
        ulong mask = 0 - borrow, carry = 0;
        r._l0 = AddCarry(l0, P0 & mask, ref carry);
        r._l1 = AddCarry(l1, P1 & mask, ref carry);
        r._l2 = AddCarry(l2, P2 & mask, ref carry);
        r._l3 = AddCarry(l3, P3 & mask, ref carry);
    }

    /// <summary>r = a·b: Montgomery product, limb by limb (coarsely integrated operand scanning). The factors may be as large as 2p.</summary>
    /// <remarks>After each round the running value is below a + p, at most 3p, which is below 2^256; in the end it is below ab/2^256 + p, which for factors below 2p is below 2p.</remarks>
    public static void Multiply(in Fp a, in Fp b, out Fp r)
    {
        ulong a0 = a._l0, a1 = a._l1, a2 = a._l2, a3 = a._l3;
        ulong t0 = 0, t1 = 0, t2 = 0, t3 = 0;
        Round(a0, a1, a2, a3, b._l0, ref t0, ref t1, ref t2, ref t3);
        Round(a0, a1, a2, a3, b._l1, ref t0, ref t1, ref t2, ref t3);
        Round(a0, a1, a2, a3, b._l2, ref t0, ref t1, ref t2, ref t3);
        Round(a0, a1, a2, a3, b._l3, ref t0, ref t1, ref t2, ref t3);
        Reduce(t0, t1, t2, t3, out r);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Round(ulong a0, ulong a1, ulong a2, ulong a3, ulong digit, ref ulong t0, ref ulong t1, ref ulong t2, ref ulong t3)
    {
        ulong product = 0, reduction = 0;
        ulong low = MultiplyAdd(a0, digit, t0, ref product);
        ulong m = low * Inverse64;
        MultiplyAdd(m, P0, low, ref reduction); // the low limb becomes zero
        low = MultiplyAdd(a1, digit, t1, ref product);
        t0 = MultiplyAdd(m, P1, low, ref reduction);
        low = MultiplyAdd(a2, digit, t2, ref product);
        t1 = MultiplyAdd(m, P2, low, ref reduction);
        low = MultiplyAdd(a3, digit, t3, ref product);
        t2 = MultiplyAdd(m, P3, low, ref reduction);
        t3 = product + reduction;
    }

    /// <summary>r = a / 2: (a or a + p) / 2.</summary>
    public static void Halve(in Fp a, out Fp r)
    {
        ulong mask = 0 - (a._l0 & 1), carry = 0;
        ulong l0 = AddCarry(a._l0, P0 & mask, ref carry);
        ulong l1 = AddCarry(a._l1, P1 & mask, ref carry);
        ulong l2 = AddCarry(a._l2, P2 & mask, ref carry);
        ulong l3 = AddCarry(a._l3, P3 & mask, ref carry);
        r._l0 = (l0 >> 1) | (l1 << 63);
        r._l1 = (l1 >> 1) | (l2 << 63);
        r._l2 = (l2 >> 1) | (l3 << 63);
        r._l3 = l3 >> 1;
    }

    /// <summary>1/a, by GMP's extended Euclid; 0 for 0.</summary>
    public readonly unsafe Fp Inverse()
    {
        if (IsZero) return default;
        ulong* limbs = stackalloc ulong[4] { _l0, _l1, _l2, _l3 };
        ulong* modulus = stackalloc ulong[4] { P0, P1, P2, P3 };
        ulong* result = stackalloc ulong[4];
        LibGmp.InvertModulo(limbs, modulus, result);
        return new Fp(result[0], result[1], result[2], result[3]) * MontgomeryCube; // (a·R)⁻¹·R³·R⁻¹ = a⁻¹·R
    }

    /// <summary>a^exponent.</summary>
    public readonly Fp Power(in UInt256 exponent)
    {
        Fp result = One;
        for (int i = exponent.BitLength - 1; i >= 0; i--)
        {
            Multiply(result, result, out result);
            if (exponent.BitAt(i)) Multiply(result, this, out result);
        }

        return result;
    }

    public readonly Fp Square() => this * this;

    public readonly Fp Double() => this + this;

    public readonly Fp Half()
    {
        Halve(this, out Fp r);
        return r;
    }

    public static Fp operator +(in Fp a, in Fp b)
    {
        Add(a, b, out Fp r);
        return r;
    }

    public static Fp operator -(in Fp a, in Fp b)
    {
        Subtract(a, b, out Fp r);
        return r;
    }

    public static Fp operator -(in Fp a)
    {
        Subtract(default, a, out Fp r);
        return r;
    }

    public static Fp operator *(in Fp a, in Fp b)
    {
        Multiply(a, b, out Fp r);
        return r;
    }
}
