using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <summary>Instructions that move ranges of bytes. Each charges everything but its base gas and returns the gas left, negative when it fails.</summary>
internal static unsafe class MemoryOperations
{
    private static long Words(ulong bytes) => unchecked((long)((bytes + 31) >> 5));

    /// <summary>KECCAK256: offset, length; the digest replaces the length.</summary>
    public static long Keccak(EvmMachine vm, Frame* f, UInt256* sp, long gas)
    {
        unchecked
        {
            gas = vm.ExpandRange(f, sp, sp - 1, gas);
            if (gas < 0) return gas;
            ulong length = sp[-1].U0;
            gas -= GasCost.KeccakWord * Words(length);
            if (gas < 0) return gas;
            if (length == KeccakCache.InputLength)
            {
                vm.KeccakCache.Hash(f->Memory + sp->U0, sp - 1);
                return gas;
            }

            byte* digest = stackalloc byte[32];
            Keccak256.Hash(new ReadOnlySpan<byte>(f->Memory + (length == 0 ? 0 : sp->U0), (int)length), new Span<byte>(digest, 32));
            WordMemory.Load(digest, sp - 1);
            return gas;
        }
    }

    /// <summary>Copies from a source of bytes, zeros beyond its end: memory offset, source offset, length.</summary>
    private static long Copy(EvmMachine vm, Frame* f, UInt256* sp, long gas, byte* source, ulong sourceLength)
    {
        unchecked
        {
            gas = vm.ExpandRange(f, sp, sp - 2, gas);
            if (gas < 0) return gas;
            ulong length = sp[-2].U0;
            gas -= GasCost.CopyWord * Words(length);
            if (gas < 0 || length == 0) return gas;
            ulong from = sp[-1].ToUInt64Saturated();
            byte* to = f->Memory + sp->U0;
            ulong copied = from >= sourceLength ? 0 : Math.Min(length, sourceLength - from);
            if (copied != 0) Buffer.MemoryCopy(source + from, to, copied, copied);
            if (copied < length) Unsafe.InitBlockUnaligned(to + copied, 0, (uint)(length - copied));
            return gas;
        }
    }

    public static long CodeCopy(EvmMachine vm, Frame* f, UInt256* sp, long gas) => Copy(vm, f, sp, gas, f->Code, (ulong)f->CodeLength);

    public static long CallDataCopy(EvmMachine vm, Frame* f, UInt256* sp, long gas)
    {
        unchecked
        {
            // the expansion may move the arena, and the call data with it: do it before the pointer is taken
            gas = vm.ExpandRange(f, sp, sp - 2, gas);
            return gas < 0 ? gas : Copy(vm, f, sp, gas, f->Input, (ulong)f->InputLength);
        }
    }

    public static long ReturnDataCopy(EvmMachine vm, Frame* f, UInt256* sp, long gas)
    {
        unchecked
        {
            ulong from = sp[-1].ToUInt64Saturated(), length = sp[-2].ToUInt64Saturated(), available = (ulong)f->ReturnLength;
            if (from > available || length > available - from) return vm.Fail(Halt.ReturnDataOutOfBounds);
            return Copy(vm, f, sp, gas, vm.ReturnData.Pointer, available);
        }
    }

    /// <summary>EXTCODECOPY: address, then as the others.</summary>
    public static long ExtCodeCopy(EvmMachine vm, Frame* f, UInt256* sp, long gas)
    {
        unchecked
        {
            int number = vm.Journal.NumberOf(Address.FromUInt256(*sp));
            gas -= vm.Journal.Warm(number) ? GasCost.ColdAccount : GasCost.WarmAccess;
            if (gas < 0) return gas;
            gas = vm.ExpandRange(f, sp - 1, sp - 3, gas);
            if (gas < 0) return gas;
            Bytecode code = vm.Journal.CodeOf(number);
            gas = Copy(vm, f, sp - 1, gas, code.Start, (ulong)code.Length);
            GC.KeepAlive(code);
            return gas;
        }
    }

    /// <summary>MCOPY: destination, source, length; the ranges may overlap.</summary>
    public static long MemoryCopy(EvmMachine vm, Frame* f, UInt256* sp, long gas)
    {
        unchecked
        {
            UInt256* farther = UInt256.Less(sp[-1], *sp) ? sp : sp - 1;
            gas = vm.ExpandRange(f, farther, sp - 2, gas);
            if (gas < 0) return gas;
            ulong length = sp[-2].U0;
            gas -= GasCost.CopyWord * Words(length);
            if (gas < 0 || length == 0) return gas;
            Buffer.MemoryCopy(f->Memory + sp[-1].U0, f->Memory + sp->U0, length, length);
            return gas;
        }
    }

    /// <summary>CALLDATALOAD near or beyond the end of the call data.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static void CallDataLoadPartly(Frame* f, UInt256* sp)
    {
        unchecked
        {
            byte* padded = stackalloc byte[32];
            new Span<byte>(padded, 32).Clear();
            ulong from = sp->ToUInt64Saturated();
            if (from < (ulong)f->InputLength)
            {
                var rest = new ReadOnlySpan<byte>(f->Input + from, (int)Math.Min(32, (ulong)f->InputLength - from));
                rest.CopyTo(new Span<byte>(padded, 32));
            }

            WordMemory.Load(padded, sp);
        }
    }

    /// <summary>LOG0 to LOG4: offset, length, topics.</summary>
    public static long Log(EvmMachine vm, Frame* f, UInt256* sp, long gas, int topicCount)
    {
        unchecked
        {
            if (f->IsStatic) return vm.Fail(Halt.WriteProtection);
            gas = vm.ExpandRange(f, sp, sp - 1, gas);
            if (gas < 0) return gas;
            ulong length = sp[-1].U0;
            gas -= (GasCost.LogTopic * topicCount) + (GasCost.LogByte * (long)length);
            if (gas < 0) return gas;
            vm.Journal.Logs.Add(f->Self, topicCount, (int)length, out Span<Hash256> topics, out Span<byte> data);
            for (int i = 0; i < topicCount; i++) topics[i] = Hash256.FromUInt256(sp[-2 - i]);
            new ReadOnlySpan<byte>(f->Memory + (length == 0 ? 0 : sp->U0), (int)length).CopyTo(data);
            vm.Tracer?.Log(f->Self, topics, data);
            return gas;
        }
    }

    /// <summary>EXP: base, exponent; the power replaces the exponent.</summary>
    public static long Exponentiate(UInt256* sp, long gas)
    {
        unchecked
        {
            gas -= GasCost.ExpByte * sp[-1].ByteLength;
            if (gas >= 0) UInt256.Exponentiate(*sp, sp[-1], out sp[-1]);
            return gas;
        }
    }
}
