using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <summary>Words to and from bytes, most significant byte first.</summary>
internal static unsafe class WordMemory
{
    /// <summary>*r = the 32 bytes at <paramref name="source"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Load(byte* source, UInt256* r)
    {
        unchecked
        {
            r->U0 = Limb(source + 24);
            r->U1 = Limb(source + 16);
            r->U2 = Limb(source + 8);
            r->U3 = Limb(source);
        }
    }

    /// <summary>Writes *x to the 32 bytes at <paramref name="destination"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(byte* destination, UInt256* x)
    {
        unchecked
        {
            BinaryPrimitives.WriteUInt64BigEndian(new Span<byte>(destination, 8), x->U3);
            BinaryPrimitives.WriteUInt64BigEndian(new Span<byte>(destination + 8, 8), x->U2);
            BinaryPrimitives.WriteUInt64BigEndian(new Span<byte>(destination + 16, 8), x->U1);
            BinaryPrimitives.WriteUInt64BigEndian(new Span<byte>(destination + 24, 8), x->U0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Limb(byte* source) => BinaryPrimitives.ReadUInt64BigEndian(new ReadOnlySpan<byte>(source, 8));

    /// <summary>
    /// *r = the <paramref name="n"/> bytes after the PUSH at <paramref name="pc"/>. With a constant n this folds to a few loads;
    /// code is padded, so that reading 8 bytes at once stays inside.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void LoadImmediate(byte* pc, int n, UInt256* r)
    {
        unchecked
        {
            byte* at = pc + 1;
            if (n <= 8)
            {
                r->U0 = Limb(at) >> (64 - (8 * n));
                r->U1 = 0;
                r->U2 = 0;
                r->U3 = 0;
            }
            else if (n <= 16)
            {
                r->U0 = Limb(at + n - 8);
                r->U1 = Limb(at) >> (128 - (8 * n));
                r->U2 = 0;
                r->U3 = 0;
            }
            else if (n <= 24)
            {
                r->U0 = Limb(at + n - 8);
                r->U1 = Limb(at + n - 16);
                r->U2 = Limb(at) >> (192 - (8 * n));
                r->U3 = 0;
            }
            else
            {
                r->U0 = Limb(at + n - 8);
                r->U1 = Limb(at + n - 16);
                r->U2 = Limb(at + n - 24);
                r->U3 = Limb(at) >> (256 - (8 * n));
            }
        }
    }
}
