using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.Intrinsics.X86;
using Opal.Primitives;

namespace Opal.Compiler;

/// <content>ADD, SUB, MUL, DIV, MOD, SDIV, SMOD.</content>
internal sealed partial class ChunkEmitter
{
    private Word Add(in Word x, in Word y)
    {
        Span<Limb> sum = stackalloc Limb[4];
        Limb carry = default;
        for (int i = 0; i < 4; i++) sum[i] = AddWithCarry(x[i], y[i], ref carry, isLast: i == 3);
        return Word.Of(sum);
    }

    private Limb AddWithCarry(Limb x, Limb y, ref Limb carry, bool isLast)
    {
        Limb partial = AddLimbs(x, y, isLast, out Limb firstCarry);
        if (carry.IsZero)
        {
            carry = firstCarry;
            return partial;
        }

        Limb sum = AddLimbs(partial, carry, isLast, out Limb secondCarry);
        carry = isLast ? default : Or(firstCarry, secondCarry);
        return sum;
    }

    /// <summary>x + y; the carry is 0 when nobody wants it.</summary>
    private Limb AddLimbs(Limb x, Limb y, bool noCarry, out Limb carry)
    {
        carry = default;
        if (x.IsZero) return y;
        if (y.IsZero) return x;
        if (x.IsConstant && y.IsConstant)
        {
            ulong sum = unchecked(x.Value + y.Value);
            carry = Limb.Of(sum < x.Value ? 1UL : 0);
            return Limb.Of(sum);
        }

        int width = Math.Max(WidthOf(x), WidthOf(y)) + 1;
        if (width > 64)
        {
            x = InLocal(x);
            y = InLocal(y);
        }

        Limb result = Binary(OpCodes.Add, x, y, Math.Min(64, width));
        if (width > 64 && !noCarry) carry = Compare(Relation.Less, result, x.IsConstant ? y : x);
        return result;
    }

    private Word Subtract(in Word x, in Word y)
    {
        Span<Limb> difference = stackalloc Limb[4];
        Limb borrow = default;
        for (int i = 0; i < 4; i++) difference[i] = SubtractWithBorrow(x[i], y[i], ref borrow, isLast: i == 3);
        return Word.Of(difference);
    }

    private Limb SubtractWithBorrow(Limb x, Limb y, ref Limb borrow, bool isLast)
    {
        Limb partial = SubtractLimbs(x, y, isLast, out Limb firstBorrow);
        if (borrow.IsZero)
        {
            borrow = firstBorrow;
            return partial;
        }

        Limb difference = SubtractLimbs(partial, borrow, isLast, out Limb secondBorrow);
        borrow = isLast ? default : Or(firstBorrow, secondBorrow);
        return difference;
    }

    private Limb SubtractLimbs(Limb x, Limb y, bool noBorrow, out Limb borrow)
    {
        borrow = default;
        if (y.IsZero) return x;
        if (x.IsConstant && y.IsConstant)
        {
            borrow = Limb.Of(x.Value < y.Value ? 1UL : 0);
            return Limb.Of(unchecked(x.Value - y.Value));
        }

        x = InLocal(x);
        y = InLocal(y);
        if (!noBorrow) borrow = Compare(Relation.Less, x, y);
        return Binary(OpCodes.Sub, x, y);
    }

    private Word Multiply(Word x, Word y)
    {
        if (x.IsConstant && y.IsConstant)
        {
            UInt256 product = ValueOf(x) * ValueOf(y);
            return ConstantOf(product);
        }

        if (!x.IsSmall) (x, y) = (y, x);
        x = InLocals(x);
        y = InLocals(y);
        Span<Limb> result = stackalloc Limb[4];
        result.Clear();
        for (int i = 0; i < 4; i++)
        {
            if (x[i].IsZero) continue;
            Limb carry = default;
            for (int j = 0; i + j < 4; j++)
            {
                // result[i + j] += x[i] * y[j] + carry
                bool isLast = i + j == 3;
                MultiplyLimbs(x[i], y[j], isLast, out Limb low, out Limb high);
                low = AddLimbs(low, carry, isLast, out Limb c1);
                result[i + j] = AddLimbs(result[i + j], low, isLast, out Limb c2);
                if (isLast) break;
                carry = AddLimbs(AddLimbs(high, c1, true, out _), c2, true, out _);
            }
        }

        return Word.Of(result);
    }

    private void MultiplyLimbs(Limb x, Limb y, bool lowOnly, out Limb low, out Limb high)
    {
        high = default;
        low = default;
        if (x.IsZero || y.IsZero) return;
        if (x.Is(1) || y.Is(1))
        {
            low = x.Is(1) ? y : x;
            return;
        }

        if (x.IsConstant && y.IsConstant)
        {
            high = Limb.Of(Math.BigMul(x.Value, y.Value, out ulong product));
            low = Limb.Of(product);
            return;
        }

        int width = WidthOf(x) + WidthOf(y);
        low = Binary(OpCodes.Mul, x, y, Math.Min(64, width));
        if (lowOnly || width <= 64) return;
        Load(x);
        Load(y);
        _il.Emit(OpCodes.Call, Bmi2.X64.IsSupported ? Members.MultiplyHighBmi2 : Members.MultiplyHigh);
        high = Keep(width - 64);
    }

    private void EmitDivision(bool wantsRemainder)
    {
        Word x = Pop(), y = Pop();
        if (y.IsConstant && TryDivideByConstant(x, ValueOf(y), wantsRemainder)) return;
        x = InLocals(x);
        y = InLocals(y);
        Limb upper = Or(OrUpper(x), OrUpper(y));
        if (upper.IsConstant)
        {
            if (!upper.IsZero) PushDivisionCall(x, y, wantsRemainder);
            else Push(new Word(DivideSmall(x.L0, y.L0, wantsRemainder)));
            return;
        }

        // one limb in practice, more in theory
        Limb r0 = NewLocal(), r1 = NewLocal(), r2 = NewLocal(), r3 = NewLocal();
        Label back = _il.DefineLabel();
        Label wide = OutOfLine(() =>
        {
            CallDivision(x, y, wantsRemainder ? Members.ScratchModulo : Members.ScratchDivide);
            LoadScratch(0, r0, r1, r2, r3);
            _il.Emit(OpCodes.Br, back);
        });
        Load(upper);
        _il.Emit(OpCodes.Brtrue, wide);
        Limb small = DivideSmall(x.L0, y.L0, wantsRemainder);
        Load(small);
        Store(LocalOf(r0));
        foreach (Limb zero in (ReadOnlySpan<Limb>)[r1, r2, r3])
        {
            Load(default(Limb));
            Store(LocalOf(zero));
        }

        _il.MarkLabel(back);
        Push(new Word(r0, r1, r2, r3));
    }

    /// <summary>Division of one limb by one; 0 when the divisor is 0.</summary>
    private Limb DivideSmall(Limb x, Limb y, bool wantsRemainder)
    {
        OpCode op = wantsRemainder ? OpCodes.Rem_Un : OpCodes.Div_Un;
        if (y.IsConstant) return y.IsZero ? default : Binary(op, x, y, WidthOf(wantsRemainder ? y : x));
        Limb result = NewLocal();
        Label done = _il.DefineLabel();
        Load(default(Limb));
        Store(LocalOf(result));
        Load(y);
        _il.Emit(OpCodes.Brfalse, done);
        Load(x);
        Load(y);
        _il.Emit(op);
        Store(LocalOf(result));
        _il.MarkLabel(done);
        return result;
    }

    /// <summary>0 and powers of two need no division.</summary>
    private bool TryDivideByConstant(in Word x, in UInt256 divisor, bool wantsRemainder)
    {
        if (divisor.IsZero)
        {
            Push(default);
            return true;
        }

        UInt256 mask = divisor - UInt256.One;
        if (x.IsConstant)
        {
            Push(ConstantOf(wantsRemainder ? ValueOf(x) % divisor : ValueOf(x) / divisor));
            return true;
        }

        if (!(divisor & mask).IsZero) return false;
        Word m = ConstantOf(mask);
        Push(wantsRemainder ? new Word(And(x.L0, m.L0), And(x.L1, m.L1), And(x.L2, m.L2), And(x.L3, m.L3)) : ShiftRight(x, divisor.BitLength - 1));
        return true;
    }

    private void PushDivisionCall(in Word x, in Word y, bool wantsRemainder)
    {
        CallDivision(x, y, wantsRemainder ? Members.ScratchModulo : Members.ScratchDivide);
        Limb r0 = NewLocal(), r1 = NewLocal(), r2 = NewLocal(), r3 = NewLocal();
        LoadScratch(0, r0, r1, r2, r3);
        Push(new Word(r0, r1, r2, r3));
    }

    private void CallDivision(in Word x, in Word y, MethodInfo division)
    {
        StoreScratch(0, x);
        StoreScratch(4, y);
        LoadScratchAddress(0);
        _il.Emit(OpCodes.Call, division);
    }

    /// <summary>SDIV and SMOD: one instruction when both numbers fit 64 bits with their signs, and the divisor is neither 0 nor -1.</summary>
    private void EmitSignedDivision(bool wantsRemainder)
    {
        Word x = InLocals(Pop()), y = InLocals(Pop());
        Limb r0 = NewLocal(), r1 = NewLocal(), r2 = NewLocal(), r3 = NewLocal();
        Label back = _il.DefineLabel();
        Label wide = OutOfLine(() =>
        {
            CallDivision(x, y, wantsRemainder ? Members.ScratchSignedModulo : Members.ScratchSignedDivide);
            LoadScratch(0, r0, r1, r2, r3);
            _il.Emit(OpCodes.Br, back);
        });
        Limb upper = Or(BitsBeyondSign(x), BitsBeyondSign(y));
        if (!upper.IsZero)
        {
            Load(upper);
            _il.Emit(OpCodes.Brtrue, wide);
        }

        if (!y.L0.IsConstant || unchecked(y.L0.Value + 1) <= 1)
        {
            Load(y.L0);
            _il.Emit(OpCodes.Ldc_I8, 1L);
            _il.Emit(OpCodes.Add);
            _il.Emit(OpCodes.Ldc_I8, 1L);
            _il.Emit(OpCodes.Ble_Un, wide);
        }

        Load(x.L0);
        Load(y.L0);
        _il.Emit(wantsRemainder ? OpCodes.Rem : OpCodes.Div);
        Store(LocalOf(r0));
        Limb sign = ShiftLimbRightSigned(r0, 63);
        foreach (Limb limb in (ReadOnlySpan<Limb>)[r1, r2, r3])
        {
            Load(sign);
            Store(LocalOf(limb));
        }

        _il.MarkLabel(back);
        Push(new Word(r0, r1, r2, r3));
    }

    /// <summary>Zero when the word is its lowest limb with the sign extended.</summary>
    private Limb BitsBeyondSign(in Word x)
    {
        Limb sign = ShiftLimbRightSigned(x.L0, 63);
        return Or(Xor(x.L1, sign), Or(Xor(x.L2, sign), Xor(x.L3, sign)));
    }

    private static UInt256 ValueOf(in Word word) => new(word.L0.Value, word.L1.Value, word.L2.Value, word.L3.Value);

    private static Word ConstantOf(in UInt256 value) => new(Limb.Of(value.U0), Limb.Of(value.U1), Limb.Of(value.U2), Limb.Of(value.U3));
}
