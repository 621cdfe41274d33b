using System.Runtime.CompilerServices;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler;

/// <summary>What machine code calls beside the opcodes' own helpers.</summary>
internal static unsafe class Helpers
{
    /// <summary>Makes memory reach length bytes beyond offset.</summary>
    /// <returns>Gas left, negative when it does not suffice.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static long Expand(EvmMachine machine, Frame* frame, ulong offset, ulong length, long gas)
    {
        var word = new UInt256(offset);
        return machine.Expand(frame, &word, length, gas);
    }

    /// <summary>words[0] = words[0] / words[1].</summary>
    public static void ScratchDivide(UInt256* words) => UInt256.Divide(words[0], words[1], out words[0]);

    /// <summary>words[0] = words[0] mod words[1].</summary>
    public static void ScratchModulo(UInt256* words) => UInt256.Modulo(words[0], words[1], out words[0]);

    /// <summary>words[0] = words[0] / words[1], as two's complement numbers.</summary>
    public static void ScratchSignedDivide(UInt256* words) => UInt256.SignedDivide(words[0], words[1], out words[0]);

    /// <summary>words[0] = words[0] mod words[1], as two's complement numbers.</summary>
    public static void ScratchSignedModulo(UInt256* words) => UInt256.SignedModulo(words[0], words[1], out words[0]);

    /// <summary>The high half of a 64 by 64 product, for machines without MULX.</summary>
    public static ulong MultiplyHigh(ulong x, ulong y) => Math.BigMul(x, y, out _);
}
