using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <summary>Word instructions that <see cref="UInt256"/> has no method for. Pure; operands are words of the operand stack and may be the result's place.</summary>
internal static unsafe class WordOperations
{
    /// <summary>r = the byte of *x at *index, 0 being the most significant; 0 beyond.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Byte(UInt256* index, UInt256* x, UInt256* r)
    {
        unchecked
        {
            // the limbs follow one another in memory, the least significant first
            ulong i = index->U0;
            ulong value = index->IsUInt64 && i < 32 ? (byte)(((ulong*)x)[3 - (i >> 3)] >> (int)((7 - (i & 7)) << 3)) : 0UL;
            *r = new UInt256(value);
        }
    }

    public static void ShiftLeft(UInt256* shift, UInt256* x, UInt256* r)
    {
        if (shift->IsUInt64 && shift->U0 < 256) UInt256.ShiftLeft(*x, unchecked((int)shift->U0), out *r);
        else *r = default;
    }

    public static void ShiftRight(UInt256* shift, UInt256* x, UInt256* r)
    {
        if (shift->IsUInt64 && shift->U0 < 256) UInt256.ShiftRight(*x, unchecked((int)shift->U0), out *r);
        else *r = default;
    }

    public static void ShiftRightSigned(UInt256* shift, UInt256* x, UInt256* r)
    {
        if (shift->IsUInt64 && shift->U0 < 256) UInt256.ShiftRightSigned(*x, unchecked((int)shift->U0), out *r);
        else *r = x->IsNegative ? UInt256.MaxValue : default;
    }

    /// <summary>Extends the sign of the number in the low *size + 1 bytes of *x.</summary>
    public static void SignExtend(UInt256* size, UInt256* x, UInt256* r)
    {
        unchecked
        {
            if (!size->IsUInt64 || size->U0 >= 31)
            {
                *r = *x;
                return;
            }

            int limb = (int)size->U0 >> 3, unused = 56 - (((int)size->U0 & 7) << 3);
            ulong x0 = x->U0, x1 = x->U1, x2 = x->U2, x3 = x->U3;
            ulong top = limb == 0 ? x0 : limb == 1 ? x1 : limb == 2 ? x2 : x3;
            top = (ulong)((long)(top << unused) >> unused);
            ulong fill = (ulong)((long)top >> 63);
            r->U0 = limb == 0 ? top : x0;
            r->U1 = limb == 1 ? top : limb > 1 ? x1 : fill;
            r->U2 = limb == 2 ? top : limb > 2 ? x2 : fill;
            r->U3 = limb == 3 ? top : fill;
        }
    }
}
