using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <content>The memory of all frames: one arena, each frame's part beginning where its parent's ends.</content>
public sealed unsafe partial class EvmMachine
{
    /// <summary>A frame's memory may not be larger; the gas for this much is far beyond any block's.</summary>
    private const ulong MaxMemory = 0x7fff_ffe0;

    /// <summary>Makes memory reach <paramref name="length"/> bytes beyond *offset and charges for it.</summary>
    /// <returns>Gas left, negative when it does not suffice. With length 0 the offset does not matter.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long Expand(Frame* frame, UInt256* offset, ulong length, long gas)
    {
        unchecked
        {
            ulong end = offset->U0 + length;
            bool inside = (offset->U1 | offset->U2 | offset->U3) == 0 && end <= frame->MemorySize && end >= length;
            return inside ? gas : ExpandSlow(frame, offset, length, gas);
        }
    }

    /// <summary>As <see cref="Expand"/>, with the length on the stack too.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal long ExpandRange(Frame* frame, UInt256* offset, UInt256* length, long gas) =>
        length->IsUInt64 ? Expand(frame, offset, length->U0, gas) : -1;

    [MethodImpl(MethodImplOptions.NoInlining)]
    private long ExpandSlow(Frame* frame, UInt256* offset, ulong length, long gas)
    {
        if (length == 0) return gas;
        if (!offset->IsUInt64 || offset->U0 > MaxMemory || length > MaxMemory) return -1;
        return ExpandTo(frame, offset->U0 + length, gas);
    }

    /// <summary>Makes memory reach <paramref name="end"/>, in bytes, and charges for it.</summary>
    /// <returns>Gas left, negative when it does not suffice.</returns>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private long ExpandTo(Frame* frame, ulong end, long gas)
    {
        unchecked
        {
            if (end <= frame->MemorySize) return gas;
            if (end > MaxMemory) return -1;
            ulong words = (end + 31) >> 5, old = frame->MemorySize >> 5;
            gas -= (long)((GasCost.MemoryWord * (words - old)) + (words * words / GasCost.MemoryQuadDivisor) - (old * old / GasCost.MemoryQuadDivisor));
            if (gas < 0) return gas;
            ulong size = words << 5;
            if ((ulong)(frame->Memory - _arena.Start) + size > _arena.Size) GrowArena((ulong)(frame->Memory - _arena.Start) + size);
            Unsafe.InitBlockUnaligned(frame->Memory + frame->MemorySize, 0, (uint)(size - frame->MemorySize));
            frame->MemorySize = size;
            return gas;
        }
    }

    /// <summary>Moves the arena to a larger place; every frame's pointers follow.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowArena(ulong needed)
    {
        unchecked
        {
            byte* before = _arena.Start;
            _arena.Grow((nuint)Math.Max(needed, (ulong)_arena.Size * 2));
            for (int depth = 0; depth <= _depth; depth++)
            {
                Frame* frame = _frames + depth;
                frame->Memory = _arena.Start + (frame->Memory - before);
                frame->Input = _arena.Start + (frame->Input - before);
            }
        }
    }
}
