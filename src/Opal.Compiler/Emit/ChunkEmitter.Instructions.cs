using System.Reflection.Emit;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler;

/// <content>One instruction after the other.</content>
internal sealed partial class ChunkEmitter
{
    /// <summary>Emits an instruction.</summary>
    /// <returns>Whether the block goes on behind it, or ends there and falls into the next one.</returns>
    private bool EmitInstruction(int block, int at, Opcode op)
    {
        if (!_layout.Facts[(byte)op].IsKnown)
        {
            _il.Emit(OpCodes.Br, _fail);
            return false;
        }

        if (op is >= Opcode.Push0 and <= Opcode.Push32) Push(ConstantOf(ImmediateAt(at)));
        else if (op is >= Opcode.Dup1 and <= Opcode.Dup16) Push(Peek(op - Opcode.Dup1 + 1));
        else if (op is >= Opcode.Swap1 and <= Opcode.Swap16) Exchange(op - Opcode.Swap1 + 1);
        else if (TryEmitFlow(block, op)) return false;
        else if (!TryEmitWord(op) && !TryEmitPlace(at, op)) CallHelper(Members.Helper(op), _layout.Facts[(byte)op].In, _layout.Facts[(byte)op].Out);
        return true;
    }

    private UInt256 ImmediateAt(int at)
    {
        int length = OpcodeFacts.ImmediateLength(_layout.Code[at]);
        Span<byte> bytes = stackalloc byte[length];
        bytes.Clear(); // zeros beyond the code's end
        ReadOnlySpan<byte> there = _layout.Code.AsSpan(at + 1, Math.Min(length, _layout.Code.Length - at - 1));
        there.CopyTo(bytes);
        return UInt256.FromBigEndian(bytes);
    }

    /// <summary>Instructions on words alone.</summary>
    private bool TryEmitWord(Opcode op)
    {
        switch (op)
        {
            case Opcode.Add: Push(Add(Pop(), Pop())); return true;
            case Opcode.Sub: Push(Subtract(Pop(), Pop())); return true;
            case Opcode.Mul: Push(Multiply(Pop(), Pop())); return true;
            case Opcode.Div: EmitDivision(wantsRemainder: false); return true;
            case Opcode.Mod: EmitDivision(wantsRemainder: true); return true;
            case Opcode.SDiv: EmitSignedDivision(wantsRemainder: false); return true;
            case Opcode.SMod: EmitSignedDivision(wantsRemainder: true); return true;
            case Opcode.SignExtend: EmitSignExtend(); return true;
            case Opcode.Lt: Push(new Word(Less(Pop(), Pop()))); return true;
            case Opcode.Gt: Push(new Word(Greater(Pop(), Pop()))); return true;
            case Opcode.SLt: Push(new Word(SignedLess(Pop(), Pop()))); return true;
            case Opcode.SGt: Push(new Word(SignedGreater(Pop(), Pop()))); return true;
            case Opcode.Eq: Push(new Word(IsEqual(Pop(), Pop()))); return true;
            case Opcode.IsZero: Push(new Word(EqualsZero(OrAll(Pop())))); return true;
            case Opcode.And: Push(Each(Pop(), Pop(), And)); return true;
            case Opcode.Or: Push(Each(Pop(), Pop(), Or)); return true;
            case Opcode.Xor: Push(Each(Pop(), Pop(), Xor)); return true;
            case Opcode.Not:
                Word x = Pop();
                Push(new Word(Not(x.L0), Not(x.L1), Not(x.L2), Not(x.L3)));
                return true;
            case Opcode.Byte: EmitByte(); return true;
            case Opcode.Shl: EmitShiftLeft(); return true;
            case Opcode.Shr: EmitShiftRight(isSigned: false); return true;
            case Opcode.Sar: EmitShiftRight(isSigned: true); return true;
            case Opcode.Pop: Pop(); return true;
            default: return false;
        }
    }

    private Limb Greater(in Word x, in Word y) => Less(y, x);

    private Limb SignedGreater(in Word x, in Word y) => SignedLess(y, x);

    private static Word Each(in Word x, in Word y, Func<Limb, Limb, Limb> operation) =>
        new(operation(x.L0, y.L0), operation(x.L1, y.L1), operation(x.L2, y.L2), operation(x.L3, y.L3));

    /// <summary>Memory, call data, and what the frame knows of itself.</summary>
    private bool TryEmitPlace(int at, Opcode op)
    {
        switch (op)
        {
            case Opcode.MLoad: EmitMemoryLoad(); return true;
            case Opcode.MStore: EmitMemoryStore(); return true;
            case Opcode.MStore8: EmitMemoryStoreByte(); return true;
            case Opcode.CallDataLoad: EmitCallDataLoad(); return true;
            case Opcode.JumpDest: return true;
            case Opcode.Pc: Push(Word.Of((ulong)at)); return true;
            case Opcode.CodeSize: Push(Word.Of((ulong)_layout.Code.Length)); return true;
            case Opcode.MSize:
                LoadField(Members.FrameMemorySize);
                Push(new Word(Keep(32)));
                return true;
            case Opcode.CallDataSize:
                LoadField(Members.FrameInputLength);
                _il.Emit(OpCodes.Conv_I8);
                Push(new Word(Keep(32)));
                return true;
            case Opcode.ReturnDataSize:
                LoadField(Members.FrameReturnLength);
                _il.Emit(OpCodes.Conv_I8);
                Push(new Word(Keep(32)));
                return true;
            case Opcode.CallValue:
                Span<Limb> value = stackalloc Limb[4];
                for (int i = 0; i < 4; i++)
                {
                    _il.Emit(OpCodes.Ldarg, FrameArgument);
                    _il.Emit(OpCodes.Ldflda, Members.FrameValue);
                    _il.Emit(OpCodes.Ldfld, Members.WordLimbs[i]);
                    value[i] = Keep();
                }

                Push(Word.Of(value));
                return true;
            case Opcode.Gas:
                Load(_gas);
                Push(new Word(Keep()));
                return true;
            default: return false;
        }
    }

    /// <summary>Instructions that leave the block.</summary>
    private bool TryEmitFlow(int block, Opcode op)
    {
        switch (op)
        {
            case Opcode.Jump: EmitJump(); return true;
            case Opcode.JumpI: EmitJumpIf(block); return true;
            case Opcode.Stop: EmitStop(); return true;
            case Opcode.Return: EmitEndWithOutput(Halt.Return); return true;
            case Opcode.Revert: EmitEndWithOutput(Halt.Revert); return true;
            case Opcode.SelfDestruct: EmitSelfDestruct(); return true;
            case Opcode.Call: EmitEnter(block, Members.EnterCall, CallKind.Call); return true;
            case Opcode.CallCode: EmitEnter(block, Members.EnterCall, CallKind.CallCode); return true;
            case Opcode.DelegateCall: EmitEnter(block, Members.EnterCall, CallKind.DelegateCall); return true;
            case Opcode.StaticCall: EmitEnter(block, Members.EnterCall, CallKind.StaticCall); return true;
            case Opcode.Create: EmitEnter(block, Members.EnterCreation, CallKind.Create); return true;
            case Opcode.Create2: EmitEnter(block, Members.EnterCreation, CallKind.Create2); return true;
            default: return false;
        }
    }
}
