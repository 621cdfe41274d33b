using System.Reflection.Emit;

namespace Opal.Compiler;

/// <content>Comparisons, shifts, BYTE, SIGNEXTEND, and the scratch memory that variable shifts use.</content>
internal sealed partial class ChunkEmitter
{
    private const ulong SignBit = 0x8000_0000_0000_0000;

    /// <summary>x &lt; y, unsigned.</summary>
    private Limb Less(in Word x, in Word y)
    {
        int limbs = 4;
        while (limbs > 1 && x[limbs - 1].IsConstant && x[limbs - 1] == y[limbs - 1]) limbs--;
        if (limbs == 1) return Compare(Relation.Less, x.L0, y.L0);
        if (y.IsSmall) return AndTruths(EqualsZero(OrUpper(x)), Compare(Relation.Less, x.L0, y.L0));
        if (x.IsSmall) return OrTruths(Compare(Relation.NotEqual, OrUpper(y), default), Compare(Relation.Less, x.L0, y.L0));
        Limb borrow = default;
        for (int i = 0; i < limbs; i++)
        {
            Limb a = InLocal(x[i]), b = InLocal(y[i]);
            Limb less = Compare(Relation.Less, a, b);
            if (!borrow.IsZero)
            {
                Limb difference = SubtractLimbs(a, b, noBorrow: true, out _);
                less = OrTruths(less, Compare(Relation.Less, difference, borrow));
            }

            borrow = less;
        }

        return borrow;
    }

    /// <summary>x &lt; y, as two's complement numbers.</summary>
    private Limb SignedLess(in Word x, in Word y)
    {
        if (x.IsSmall && y.IsSmall) return Less(x, y);
        return Less(x with { L3 = Xor(x.L3, Limb.Of(SignBit)) }, y with { L3 = Xor(y.L3, Limb.Of(SignBit)) });
    }

    private Limb IsEqual(in Word x, in Word y)
    {
        if (x.IsSmall && y.IsSmall) return Compare(Relation.Equal, x.L0, y.L0);
        return EqualsZero(Or(Or(Xor(x.L0, y.L0), Xor(x.L1, y.L1)), Or(Xor(x.L2, y.L2), Xor(x.L3, y.L3))));
    }

    private Limb AndTruths(Limb x, Limb y)
    {
        if (x.IsConstant) return x.IsZero ? default : y;
        if (y.IsConstant) return y.IsZero ? default : x;
        return Binary(OpCodes.And, x, y, 1);
    }

    private Limb OrTruths(Limb x, Limb y)
    {
        if (x.IsConstant) return x.IsZero ? y : x;
        if (y.IsConstant) return y.IsZero ? x : y;
        return Binary(OpCodes.Or, x, y, 1);
    }

    private Word ShiftLeft(in Word x, int n)
    {
        Span<Limb> result = stackalloc Limb[4];
        int limbs = n >> 6, bits = n & 63;
        for (int i = 0; i < 4; i++)
        {
            Limb upper = i - limbs >= 0 ? x[i - limbs] : default, lower = i - limbs - 1 >= 0 ? x[i - limbs - 1] : default;
            result[i] = Or(ShiftLimbLeft(upper, bits), ShiftLimbRight(lower, 64 - bits));
        }

        return Word.Of(result);
    }

    private Word ShiftRight(in Word x, int n) => ShiftRight(x, n, default);

    /// <summary>x &gt;&gt; n for n below 256, shifting in <paramref name="fill"/>.</summary>
    private Word ShiftRight(in Word x, int n, Limb fill)
    {
        Span<Limb> result = stackalloc Limb[4];
        int limbs = n >> 6, bits = n & 63;
        for (int i = 0; i < 4; i++)
        {
            Limb lower = i + limbs < 4 ? x[i + limbs] : fill, upper = i + limbs + 1 < 4 ? x[i + limbs + 1] : fill;
            result[i] = Or(ShiftLimbRight(lower, bits), ShiftLimbLeft(upper, 64 - bits));
        }

        return Word.Of(result);
    }

    private void EmitShiftLeft()
    {
        Word shift = Pop(), x = Pop();
        if (!shift.IsConstant) Push(ShiftByVariable(shift, x, default, left: true));
        else if (!shift.IsSmall || shift.L0.Value > 255) Push(default);
        else Push(ShiftLeft(x, (int)shift.L0.Value));
    }

    private void EmitShiftRight(bool isSigned)
    {
        Word shift = Pop(), x = Pop();
        Limb fill = default;
        if (isSigned && !x.L3.IsZero)
        {
            x = x with { L3 = InLocal(x.L3) };
            fill = ShiftLimbRightSigned(x.L3, 63);
        }

        if (!shift.IsConstant) Push(ShiftByVariable(shift, x, fill, left: false));
        else if (!shift.IsSmall || shift.L0.Value > 255) Push(new Word(fill, fill, fill, fill));
        else Push(ShiftRight(x, (int)shift.L0.Value, fill));
    }

    /// <summary>
    /// The word is written to scratch memory between five limbs of zeros (or of its sign), and read back at a distance of whole
    /// limbs; the rest of the shift puts two neighbours together. Stores and loads are a limb each, so that they forward.
    /// </summary>
    private Word ShiftByVariable(in Word shift, in Word x, Limb fill, bool left)
    {
        shift.Deconstruct(out Limb low, out _, out _, out _);
        Limb amount = NewLocal(), address = NewLocal(), bits = NewLocal(), rest = NewLocal();
        Label fits = _il.DefineLabel(), tooFar = _il.DefineLabel();

        // amount = min(shift, 256)
        Load(low);
        Store(LocalOf(amount));
        Limb upper = OrUpper(shift);
        if (!upper.IsZero)
        {
            Load(upper);
            _il.Emit(OpCodes.Brtrue, tooFar);
        }

        Load(amount);
        _il.Emit(OpCodes.Ldc_I8, 256L);
        _il.Emit(OpCodes.Blt_Un, fits);
        _il.MarkLabel(tooFar);
        _il.Emit(OpCodes.Ldc_I8, 256L);
        Store(LocalOf(amount));
        _il.MarkLabel(fits);

        int wordAt = left ? 5 : 0, fillAt = left ? 0 : 4;
        StoreScratch(wordAt, x);
        for (int i = 0; i < 5; i++) StoreScratch(fillAt + i, fill);

        // address of the limb that becomes limb 0: forwards for a right shift, backwards for a left one
        LoadScratchAddress(wordAt);
        _il.Emit(OpCodes.Conv_U8);
        Load(amount);
        _il.Emit(OpCodes.Ldc_I4, 6);
        _il.Emit(OpCodes.Shr_Un);
        _il.Emit(OpCodes.Ldc_I4, 3);
        _il.Emit(OpCodes.Shl);
        _il.Emit(left ? OpCodes.Sub : OpCodes.Add);
        Store(LocalOf(address));
        Load(amount);
        _il.Emit(OpCodes.Ldc_I8, 63L);
        _il.Emit(OpCodes.And);
        Store(LocalOf(bits));
        _il.Emit(OpCodes.Ldc_I8, 63L);
        Load(bits);
        _il.Emit(OpCodes.Sub);
        Store(LocalOf(rest));

        Span<Limb> result = stackalloc Limb[4];
        for (int i = 0; i < 4; i++)
        {
            LoadAt(address, i);
            ShiftBy(bits, left ? OpCodes.Shl : OpCodes.Shr_Un);
            LoadAt(address, left ? i - 1 : i + 1);
            _il.Emit(OpCodes.Ldc_I4_1);
            _il.Emit(left ? OpCodes.Shr_Un : OpCodes.Shl);
            ShiftBy(rest, left ? OpCodes.Shr_Un : OpCodes.Shl);
            _il.Emit(OpCodes.Or);
            result[i] = Keep();
        }

        return Word.Of(result);
    }

    private void LoadAt(Limb address, int limb)
    {
        Load(address);
        _il.Emit(OpCodes.Conv_U);
        if (limb != 0)
        {
            _il.Emit(OpCodes.Ldc_I4, limb * 8);
            _il.Emit(OpCodes.Conv_I);
            _il.Emit(OpCodes.Add);
        }

        _il.Emit(OpCodes.Ldind_I8);
    }

    private void ShiftBy(Limb bits, OpCode op)
    {
        Load(bits);
        _il.Emit(OpCodes.Conv_I4);
        _il.Emit(op);
    }

    private void EmitByte()
    {
        Word index = Pop(), x = Pop();
        if (index.IsConstant)
        {
            if (!index.IsSmall || index.L0.Value > 31)
            {
                Push(default);
                return;
            }

            int at = 31 - (int)index.L0.Value;
            Push(new Word(And(ShiftLimbRight(x[at >> 3], (at & 7) * 8), Limb.Of(0xff))));
            return;
        }

        // the byte is read where it lies in the word's limbs; which end of a limb is first depends on the machine
        Limb result = NewLocal(8);
        Label done = _il.DefineLabel();
        Limb low = InLocal(index.L0), upper = OrUpper(index);
        StoreScratch(0, x);
        Load(default(Limb));
        Store(LocalOf(result));
        if (!upper.IsZero)
        {
            Load(upper);
            _il.Emit(OpCodes.Brtrue, done);
        }

        Load(low);
        _il.Emit(OpCodes.Ldc_I8, 31L);
        _il.Emit(OpCodes.Bgt_Un, done);
        LoadScratchAddress(0);
        _il.Emit(OpCodes.Ldc_I8, BitConverter.IsLittleEndian ? 31L : 24L);
        Load(low);
        _il.Emit(OpCodes.Xor);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Add);
        _il.Emit(OpCodes.Ldind_U1);
        _il.Emit(OpCodes.Conv_U8);
        Store(LocalOf(result));
        _il.MarkLabel(done);
        Push(new Word(result));
    }

    /// <summary>SIGNEXTEND by a constant; by a variable it is a call.</summary>
    private void EmitSignExtend()
    {
        Word size = Peek(1);
        if (!size.IsConstant)
        {
            CallHelper(Members.Helper(Evm.Opcode.SignExtend), 2, 1);
            return;
        }

        Pop();
        if (!size.IsSmall || size.L0.Value >= 31) return;
        Word x = Pop();
        int limb = (int)size.L0.Value >> 3, unused = 56 - (((int)size.L0.Value & 7) << 3);
        Limb top = InLocal(x[limb]);
        if (WidthOf(top) > 63 - unused) top = ShiftLimbRightSigned(ShiftLimbLeft(top, unused), unused);
        top = InLocal(top);
        Limb fill = ShiftLimbRightSigned(top, 63);
        Span<Limb> result = stackalloc Limb[4];
        for (int i = 0; i < 4; i++) result[i] = i < limb ? x[i] : i == limb ? top : fill;
        Push(Word.Of(result));
    }

    private void LoadScratchAddress(int limb)
    {
        _localReferences++;
        _il.Emit(OpCodes.Ldloca, _scratch);
        _il.Emit(OpCodes.Conv_U);
        if (limb == 0) return;
        _il.Emit(OpCodes.Ldc_I4, limb * 8);
        _il.Emit(OpCodes.Conv_I);
        _il.Emit(OpCodes.Add);
    }

    private void StoreScratch(int at, Limb value)
    {
        LoadScratchAddress(at);
        Load(value);
        _il.Emit(OpCodes.Stind_I8);
    }

    private void StoreScratch(int at, in Word word)
    {
        for (int i = 0; i < 4; i++) StoreScratch(at + i, word[i]);
    }

    private void LoadScratch(int at, params ReadOnlySpan<Limb> locals)
    {
        for (int i = 0; i < locals.Length; i++)
        {
            LoadScratchAddress(at + i);
            _il.Emit(OpCodes.Ldind_I8);
            Store(LocalOf(locals[i]));
        }
    }
}
