using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <summary>Operations of a word of the operand stack and a constant of 64 bits, in place.</summary>
internal static unsafe class ConstantOperations
{
    /// <summary>*x = k + *x. A carry beyond the low limb is rare.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Add(ulong k, UInt256* x)
    {
        unchecked
        {
            ulong sum = x->U0 + k;
            x->U0 = sum;
            if (sum < k && ++x->U1 == 0 && ++x->U2 == 0) x->U3++;
        }
    }

    /// <summary>*r = *x + k.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Sum(UInt256* x, ulong k, UInt256* r)
    {
        unchecked
        {
            ulong u0 = x->U0 + k, u1 = x->U1, u2 = x->U2, u3 = x->U3;
            if (u0 < k && ++u1 == 0 && ++u2 == 0) u3++;
            r->U0 = u0;
            r->U1 = u1;
            r->U2 = u2;
            r->U3 = u3;
        }
    }

    /// <summary>*x = *x - k.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Subtract(ulong k, UInt256* x)
    {
        unchecked
        {
            ulong before = x->U0;
            x->U0 = before - k;
            if (before < k && x->U1-- == 0 && x->U2-- == 0) x->U3--;
        }
    }

    /// <summary>*x = k - *x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void SubtractFrom(ulong k, UInt256* x) => UInt256.Subtract(new UInt256(k), *x, out *x);

    /// <summary>*x = k * *x.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Multiply(ulong k, UInt256* x) => UInt256.Multiply(*x, k, out *x);

    /// <summary>*x = k / *x; 0 when *x is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Divide(ulong k, UInt256* x) => *x = new UInt256(x->IsUInt64 && x->U0 != 0 ? k / x->U0 : 0UL);
}
