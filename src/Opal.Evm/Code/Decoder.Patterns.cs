using Opal.Primitives;

namespace Opal.Evm;

/// <content>One instruction at a time, and the sequences that become one.</content>
internal sealed partial class Decoder
{
    private const ulong LargestConstantOffset = 1 << 24;

    /// <summary>How many ISZERO a branch may have behind its comparison; compilers write one or two.</summary>
    private const int MaxNegations = 4;

    /// <summary>Decodes what begins at a place.</summary>
    /// <returns>The place behind it.</returns>
    private int DecodeAt(int at)
    {
        unchecked
        {
            Opcode op = OpcodeAt(at);
            if (!OpcodeFacts.IsDefined(op, _opcodes))
            {
                Emit(Opcode.Invalid);
                Close();
                return at + 1;
            }

            if (op is >= Opcode.Push0 and <= Opcode.Push32) return DecodePush(at);
            if (op is >= Opcode.Dup1 and <= Opcode.Dup16) return DecodeDup(at);
            if (op is >= Opcode.Swap1 and <= Opcode.Swap16) return DecodeSwap(at);
            if (op is >= Opcode.Lt and <= Opcode.IsZero && TryDecodeBranch(at, out int behind)) return behind;
            Account(op);
            switch (op)
            {
                case Opcode.Pc:
                    Emit(Fused.Push, (ulong)at);
                    return at + 1;
                case Opcode.Gas:
                    if (_firstGas < 0) _firstGas = _count;
                    Emit(Opcode.Gas, (ulong)_gas);
                    return at + 1;
                case Opcode.Pop when OpcodeAt(at + 1) == Opcode.Pop:
                    Account(Opcode.Pop);
                    Emit(Fused.PopPop);
                    return at + 2;
            }

            Emit(op);
            if (OpcodeFacts.Of(op, _opcodes).EndsBlock) Close();
            return at + 1;
        }
    }

    /// <summary>Ends the block with a jump to a constant target.</summary>
    private void EmitJump(Opcode op, in UInt256 target)
    {
        bool inside = target.IsUInt64 && target.U0 < (ulong)(uint)_length;
        Emit(op, offset: inside ? unchecked((int)target.U0) : -1);
        Close();
    }

    /// <summary>A comparison, ISZERO any number of times, and a jump.</summary>
    private bool TryDecodeBranch(int at, out int behind)
    {
        unchecked
        {
            behind = at;
            int push = at + 1;
            bool negated = false;
            while (OpcodeAt(push) == Opcode.IsZero && push <= at + MaxNegations)
            {
                negated = !negated;
                push++;
            }

            if (OpcodeAt(push) is < Opcode.Push1 or > Opcode.Push4) return false;
            int jump = push + 1 + (OpcodeAt(push) - Opcode.Push0);
            if (OpcodeAt(jump) != Opcode.JumpI) return false;
            for (int i = at; i <= push; i++) Account(OpcodeAt(i));
            Account(Opcode.JumpI);
            EmitJump(
                OpcodeAt(at) switch
                {
                    Opcode.Lt => negated ? Fused.JumpIfNotLess : Fused.JumpIfLess,
                    Opcode.Gt => negated ? Fused.JumpIfNotGreater : Fused.JumpIfGreater,
                    Opcode.SLt => negated ? Fused.JumpIfNotSignedLess : Fused.JumpIfSignedLess,
                    Opcode.SGt => negated ? Fused.JumpIfNotSignedGreater : Fused.JumpIfSignedGreater,
                    Opcode.Eq => negated ? Fused.JumpIfNotEqual : Fused.JumpIfEqual,
                    _ => negated ? Fused.JumpIf : Fused.JumpIfZero,
                },
                ConstantAt(push));
            behind = jump + 1;
            return true;
        }
    }

    private int DecodePush(int at)
    {
        unchecked
        {
            UInt256 constant = ConstantAt(at);
            Account(OpcodeAt(at));
            int next = at + 1 + (OpcodeAt(at) - Opcode.Push0);
            Opcode follower = OpcodeAt(next);
            if (follower is Opcode.Jump or Opcode.JumpI)
            {
                Account(follower);
                EmitJump(follower == Opcode.Jump ? Fused.JumpTo : Fused.JumpIf, constant);
                return next + 1;
            }

            if (!constant.IsUInt64)
            {
                Opcode wide = follower == Opcode.And ? Fused.AndWide : follower == Opcode.Add ? Fused.AddWide : Fused.PushWide;
                EmitWide(wide, constant);
                if (wide == Fused.PushWide) return next;
                Account(follower);
                return next + 1;
            }

            ulong k = constant.U0;
            Opcode fused = WithConstant(follower, k);
            if (fused != Opcode.Stop)
            {
                Account(follower);
                Emit(fused, k);
                return next + 1;
            }

            if (follower == Opcode.Swap1 && OpcodeAt(next + 1) == Opcode.Sub)
            {
                Account(Opcode.Swap1);
                Account(Opcode.Sub);
                Emit(Fused.SubtractConstant, k);
                return next + 2;
            }

            if (follower is >= Opcode.Dup1 and <= Opcode.Dup16 && WithDup(OpcodeAt(next + 1)) == Opcode.Stop)
            {
                Account(follower);
                Emit(Fused.PushDup, k, below: (follower - Opcode.Dup1) * 32);
                return next + 1;
            }

            if (follower is >= Opcode.Push1 and <= Opcode.Push4 || (follower == Opcode.Push0 && _opcodes.Has(OpcodeSet.Push0)))
            {
                int behind = next + 1 + (follower - Opcode.Push0);
                Opcode user = OpcodeAt(behind);
                bool isFree = user is not (Opcode.Jump or Opcode.JumpI or Opcode.Swap1) && WithConstant(user, 0) == Opcode.Stop;
                if (isFree)
                {
                    Account(follower);
                    Emit(Fused.PushPush, k, offset: (int)(uint)ConstantAt(next).U0);
                    return behind;
                }
            }

            Emit(Fused.Push, k);
            return next;
        }
    }

    /// <summary>The instruction for PUSH and this opcode, or STOP if there is none.</summary>
    private static Opcode WithConstant(Opcode op, ulong k) => op switch
    {
        Opcode.Add => Fused.AddConstant,
        Opcode.Sub => Fused.SubtractFromConstant,
        Opcode.Mul => Fused.MultiplyConstant,
        Opcode.Div => Fused.DivideConstant,
        Opcode.And => Fused.AndConstant,
        Opcode.Or => Fused.OrConstant,
        Opcode.Eq => Fused.EqualConstant,
        Opcode.Lt => Fused.ConstantLess,
        Opcode.Gt => Fused.ConstantGreater,
        Opcode.Shl when k < 256 => Fused.ShiftLeftConstant,
        Opcode.Shr when k < 256 => Fused.ShiftRightConstant,
        Opcode.MLoad when k < LargestConstantOffset => Fused.LoadConstant,
        Opcode.MStore when k < LargestConstantOffset => Fused.StoreConstant,
        _ => Opcode.Stop,
    };

    /// <summary>The instruction for DUP and this opcode, or STOP if there is none.</summary>
    private static Opcode WithDup(Opcode op) => op switch
    {
        Opcode.Add => Fused.DupAdd,
        Opcode.Sub => Fused.DupSubtract,
        Opcode.Mul => Fused.DupMultiply,
        Opcode.Lt => Fused.DupLess,
        Opcode.Gt => Fused.DupGreater,
        Opcode.Eq => Fused.DupEqual,
        Opcode.And => Fused.DupAnd,
        Opcode.Or => Fused.DupOr,
        Opcode.Xor => Fused.DupXor,
        Opcode.MLoad => Fused.DupLoad,
        Opcode.MStore => Fused.DupStore,
        _ => Opcode.Stop,
    };

    /// <summary>Whether a comparison at a place is better fused with the jump behind it.</summary>
    private bool IsBranch(int at)
    {
        unchecked
        {
            if (OpcodeAt(at) is not (Opcode.Lt or Opcode.Gt or Opcode.Eq)) return false;
            int push = at + 1;
            while (OpcodeAt(push) == Opcode.IsZero && push <= at + MaxNegations) push++;
            return OpcodeAt(push) is >= Opcode.Push1 and <= Opcode.Push4 && OpcodeAt(push + 1 + (OpcodeAt(push) - Opcode.Push0)) == Opcode.JumpI;
        }
    }

    private int DecodeDup(int at)
    {
        unchecked
        {
            Opcode op = OpcodeAt(at), follower = OpcodeAt(at + 1);
            int below = (op - Opcode.Dup1) * 32;
            Account(op);
            Opcode fused = WithDup(follower);
            if (fused != Opcode.Stop && !IsBranch(at + 1))
            {
                Account(follower);
                Emit(fused, below: below);
                return at + 2;
            }

            if (follower is >= Opcode.Push1 and <= Opcode.Push8)
            {
                int user = at + 2 + (follower - Opcode.Push0);
                if (OpcodeAt(user) == Opcode.Add)
                {
                    Account(follower);
                    Account(Opcode.Add);
                    Emit(Fused.DupAddConstant, ConstantAt(at + 1).U0, below: below);
                    return user + 1;
                }
            }

            if (follower is >= Opcode.Dup1 and <= Opcode.Dup16 && (WithDup(OpcodeAt(at + 2)) == Opcode.Stop || IsBranch(at + 2)))
            {
                Account(follower);
                Emit(Fused.DupDup, (ulong)((follower - Opcode.Dup1) * 32), below: below);
                return at + 2;
            }

            Emit(Fused.Dup, below: below);
            return at + 1;
        }
    }

    private int DecodeSwap(int at)
    {
        unchecked
        {
            Opcode op = OpcodeAt(at), follower = OpcodeAt(at + 1);
            int below = (op - Opcode.Swap1 + 1) * 32;
            Account(op);
            if (follower == Opcode.Pop)
            {
                Account(Opcode.Pop);
                if (OpcodeAt(at + 2) != Opcode.Jump)
                {
                    Emit(Fused.SwapPop, below: below);
                    return at + 2;
                }

                Account(Opcode.Jump);
                Emit(Fused.SwapPopJump, below: below);
                Close();
                return at + 3;
            }

            if (op == Opcode.Swap1 && follower == Opcode.Sub)
            {
                Account(Opcode.Sub);
                Emit(Fused.Swap1Subtract);
                return at + 2;
            }

            if (op == Opcode.Swap1 && follower == Opcode.Jump)
            {
                Account(Opcode.Jump);
                Emit(Fused.Swap1Jump);
                Close();
                return at + 2;
            }

            if (op == Opcode.Swap2 && follower == Opcode.Swap1)
            {
                Account(Opcode.Swap1);
                Emit(Fused.Swap2Swap1);
                return at + 2;
            }

            Emit(Fused.Swap, below: below);
            return at + 1;
        }
    }
}
