using System.Buffers.Binary;
using System.Reflection.Emit;

namespace Opal.Compiler;

/// <content>MLOAD, MSTORE, MSTORE8, CALLDATALOAD.</content>
internal sealed partial class ChunkEmitter
{
    /// <summary>Memory has at least this many bytes, for an earlier instruction of the block reached so far.</summary>
    private ulong _knownMemory;

    private void EmitMemoryLoad()
    {
        Limb offset = ReachMemory(Pop(), 32);
        Span<Limb> limbs = stackalloc Limb[4];
        for (int i = 0; i < 4; i++)
        {
            LoadMemoryAddress(offset, 24 - (8 * i));
            LoadBigEndian();
            limbs[i] = Keep();
        }

        Push(Word.Of(limbs));
    }

    private void EmitMemoryStore()
    {
        Word at = Pop(), value = Pop();
        Limb offset = ReachMemory(at, 32);
        for (int i = 0; i < 4; i++)
        {
            LoadMemoryAddress(offset, 24 - (8 * i));
            if (value[i].IsConstant)
            {
                ulong constant = BitConverter.IsLittleEndian ? BinaryPrimitives.ReverseEndianness(value[i].Value) : value[i].Value;
                _il.Emit(OpCodes.Ldc_I8, unchecked((long)constant));
            }
            else
            {
                Load(value[i]);
                if (BitConverter.IsLittleEndian) _il.Emit(OpCodes.Call, Members.ReverseEndianness);
            }

            _il.Emit(OpCodes.Unaligned, (byte)1);
            _il.Emit(OpCodes.Stind_I8);
        }
    }

    private void EmitMemoryStoreByte()
    {
        Word at = Pop(), value = Pop();
        Limb offset = ReachMemory(at, 1);
        LoadMemoryAddress(offset, 0);
        Load(value.L0);
        _il.Emit(OpCodes.Stind_I1);
    }

    /// <summary>The 8 bytes at the address on the IL stack, most significant first.</summary>
    private void LoadBigEndian()
    {
        _il.Emit(OpCodes.Unaligned, (byte)1);
        _il.Emit(OpCodes.Ldind_I8);
        if (BitConverter.IsLittleEndian) _il.Emit(OpCodes.Call, Members.ReverseEndianness);
    }

    /// <summary>Makes memory reach beyond an offset, by a call when it does not yet, and gives the offset in one limb.</summary>
    private Limb ReachMemory(in Word at, ulong length)
    {
        // beyond 2^32 no gas suffices
        Limb upper = OrUpper(at);
        if (!upper.IsZero)
        {
            Load(upper);
            _il.Emit(OpCodes.Brtrue, _fail);
        }

        Limb offset = InLocal(at.L0);
        if (offset.IsConstant)
        {
            if (offset.Value > uint.MaxValue)
            {
                _il.Emit(OpCodes.Br, _fail);
                return default;
            }

            if (offset.Value + length <= _knownMemory) return offset;
            _knownMemory = (offset.Value + length + 31) & ~31UL;
        }
        else if (WidthOf(offset) > 32)
        {
            Load(offset);
            _il.Emit(OpCodes.Ldc_I8, (long)uint.MaxValue);
            _il.Emit(OpCodes.Bgt_Un, _fail);
        }

        Label back = _il.DefineLabel();
        Label expand = OutOfLine(() =>
        {
            _il.Emit(OpCodes.Ldarg, MachineArgument);
            _il.Emit(OpCodes.Ldarg, FrameArgument);
            Load(offset);
            _il.Emit(OpCodes.Ldc_I8, (long)length);
            Load(_gas);
            _il.Emit(OpCodes.Call, Members.Expand);
            Store(_gas);
            FailIfOutOfGas();
            _il.Emit(OpCodes.Br, back);
        });
        if (offset.IsConstant)
        {
            _il.Emit(OpCodes.Ldc_I8, (long)(offset.Value + length));
        }
        else
        {
            Load(offset);
            _il.Emit(OpCodes.Ldc_I8, (long)length);
            _il.Emit(OpCodes.Add);
        }

        LoadField(Members.FrameMemorySize);
        _il.Emit(OpCodes.Bgt_Un, expand);
        _il.MarkLabel(back);
        return offset;
    }

    private void LoadMemoryAddress(Limb offset, int displacement)
    {
        LoadField(Members.FrameMemory);
        AddOffset(offset, displacement);
    }

    /// <summary>Adds to the pointer on the IL stack.</summary>
    private void AddOffset(Limb offset, int displacement)
    {
        if (offset.IsConstant)
        {
            _il.Emit(OpCodes.Ldc_I8, unchecked((long)offset.Value + displacement));
            _il.Emit(OpCodes.Conv_I);
            _il.Emit(OpCodes.Add);
            return;
        }

        Load(offset);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Add);
        if (displacement == 0) return;
        _il.Emit(OpCodes.Ldc_I4, displacement);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Add);
    }

    private void EmitCallDataLoad()
    {
        Word at = InLocals(Pop());
        Limb r0 = NewLocal(), r1 = NewLocal(), r2 = NewLocal(), r3 = NewLocal();
        Label back = _il.DefineLabel();
        Label partly = OutOfLine(() =>
        {
            StoreScratch(0, at);
            _il.Emit(OpCodes.Ldarg, FrameArgument);
            LoadScratchAddress(0);
            _il.Emit(OpCodes.Call, Members.CallDataLoadPartly);
            LoadScratch(0, r0, r1, r2, r3);
            _il.Emit(OpCodes.Br, back);
        });

        Limb upper = Or(OrUpper(at), ShiftLimbRight(at.L0, 31));
        if (!upper.IsZero)
        {
            Load(upper);
            _il.Emit(OpCodes.Brtrue, partly);
        }

        // offset + 32 <= length, both far from overflowing
        Load(at.L0);
        _il.Emit(OpCodes.Ldc_I8, 32L);
        _il.Emit(OpCodes.Add);
        LoadField(Members.FrameInputLength);
        _il.Emit(OpCodes.Conv_I8);
        _il.Emit(OpCodes.Bgt, partly);
        ReadOnlySpan<Limb> results = [r0, r1, r2, r3];
        for (int i = 0; i < 4; i++)
        {
            LoadField(Members.FrameInput);
            AddOffset(at.L0, 24 - (8 * i));
            LoadBigEndian();
            Store(LocalOf(results[i]));
        }

        _il.MarkLabel(back);
        Push(new Word(r0, r1, r2, r3));
    }
}
