using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <content>The engine over raw bytes: one loop, one switch, every check a constant of its case.</content>
/// <remarks>
/// The loop's state is in locals, no more than there are registers that survive a call: <c>pc</c>, <c>sp</c> (the top word; one
/// below the stack when it is empty), <c>gas</c> (signed; negative means out of gas) and the frame. None of their addresses is
/// taken; helpers take gas and return what is left. Bounds: code is padded so that a PUSH at its end reads zeros and falls
/// onto STOP; a frame's stack has room for 1,024 words; memory is reached after <see cref="Expand"/> only. A call saves pc, sp
/// and gas in its frame and the loop goes on in the callee's: no native recursion. The file is long because the switch is one.
/// </remarks>
public sealed unsafe partial class EvmMachine
{
    /// <summary>Runs frames of <see cref="FrameEngine.Bytes"/> from where they stand.</summary>
    /// <returns>The first frame that another engine has to go on with; null when the top-level frame has ended.</returns>
    private Frame* ExecuteBytes<TTracing>(Frame* f)
        where TTracing : struct, ITracing
    {
        unchecked
        {
            byte* pc = f->Pc;
            UInt256* sp = f->Sp;
            long gas = f->Gas;
            Frame* next;

        run:
            while (true)
            {
                if (TTracing.Enabled) ReportStep(f, pc, sp, gas);
                switch ((Opcode)(*pc))
                {
                // Arithmetic
                case Opcode.Stop:
                    f = Leave(f, Halt.Stop, gas, null, 0);
                    goto resume;
                case Opcode.Add:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    UInt256.Add(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.Sub:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    UInt256.Subtract(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.Mul:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.Low) < 0) goto outOfGas;
                    UInt256.Multiply(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.Div:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.Low) < 0) goto outOfGas;
                    UInt256.Divide(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.SDiv:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.Low) < 0) goto outOfGas;
                    UInt256.SignedDivide(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.Mod:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.Low) < 0) goto outOfGas;
                    UInt256.Modulo(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.SMod:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.Low) < 0) goto outOfGas;
                    UInt256.SignedModulo(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.AddMod:
                    if (sp < f->Stack + 2) goto underflow; if ((gas -= GasCost.Mid) < 0) goto outOfGas;
                    UInt256.AddModulo(*sp, sp[-1], sp[-2], out sp[-2]);
                    sp -= 2; pc++; continue;
                case Opcode.MulMod:
                    if (sp < f->Stack + 2) goto underflow; if ((gas -= GasCost.Mid) < 0) goto outOfGas;
                    UInt256.MultiplyModulo(*sp, sp[-1], sp[-2], out sp[-2]);
                    sp -= 2; pc++; continue;
                case Opcode.Exp:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.Exp) < 0) goto outOfGas;
                    if ((gas = MemoryOperations.Exponentiate(sp, gas)) < 0) goto failed;
                    sp--; pc++; continue;
                case Opcode.SignExtend:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.Low) < 0) goto outOfGas;
                    WordOperations.SignExtend(sp, sp - 1, sp - 1);
                    sp--; pc++; continue;

                // Comparison and bits
                case Opcode.Lt:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    sp[-1] = new UInt256(UInt256.Less(*sp, sp[-1]) ? 1UL : 0UL);
                    sp--; pc++; continue;
                case Opcode.Gt:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    sp[-1] = new UInt256(UInt256.Less(sp[-1], *sp) ? 1UL : 0UL);
                    sp--; pc++; continue;
                case Opcode.SLt:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    sp[-1] = new UInt256(UInt256.SignedLess(*sp, sp[-1]) ? 1UL : 0UL);
                    sp--; pc++; continue;
                case Opcode.SGt:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    sp[-1] = new UInt256(UInt256.SignedLess(sp[-1], *sp) ? 1UL : 0UL);
                    sp--; pc++; continue;
                case Opcode.Eq:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    sp[-1] = new UInt256(sp->Equals(sp[-1]) ? 1UL : 0UL);
                    sp--; pc++; continue;
                case Opcode.IsZero:
                    if (sp < f->Stack) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    *sp = new UInt256(sp->IsZero ? 1UL : 0UL);
                    pc++; continue;
                case Opcode.And:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    sp[-1].U0 &= sp->U0; sp[-1].U1 &= sp->U1; sp[-1].U2 &= sp->U2; sp[-1].U3 &= sp->U3;
                    sp--; pc++; continue;
                case Opcode.Or:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    sp[-1].U0 |= sp->U0; sp[-1].U1 |= sp->U1; sp[-1].U2 |= sp->U2; sp[-1].U3 |= sp->U3;
                    sp--; pc++; continue;
                case Opcode.Xor:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    sp[-1].U0 ^= sp->U0; sp[-1].U1 ^= sp->U1; sp[-1].U2 ^= sp->U2; sp[-1].U3 ^= sp->U3;
                    sp--; pc++; continue;
                case Opcode.Not:
                    if (sp < f->Stack) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    sp->U0 = ~sp->U0; sp->U1 = ~sp->U1; sp->U2 = ~sp->U2; sp->U3 = ~sp->U3;
                    pc++; continue;
                case Opcode.Byte:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordOperations.Byte(sp, sp - 1, sp - 1);
                    sp--; pc++; continue;
                case Opcode.Shl:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordOperations.ShiftLeft(sp, sp - 1, sp - 1);
                    sp--; pc++; continue;
                case Opcode.Shr:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordOperations.ShiftRight(sp, sp - 1, sp - 1);
                    sp--; pc++; continue;
                case Opcode.Sar:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordOperations.ShiftRightSigned(sp, sp - 1, sp - 1);
                    sp--; pc++; continue;
                case Opcode.Clz:
                    if (!Rules.HasCountLeadingZeros) goto invalid;
                    if (sp < f->Stack) goto underflow; if ((gas -= GasCost.Low) < 0) goto outOfGas;
                    *sp = new UInt256((ulong)(256 - sp->BitLength));
                    pc++; continue;
                case Opcode.Keccak256:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.Keccak) < 0) goto outOfGas;
                    if ((gas = MemoryOperations.Keccak(this, f, sp, gas)) < 0) goto failed;
                    sp--; pc++; continue;

                // Environment
                case Opcode.Address:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = f->Self.ToUInt256();
                    sp++; pc++; continue;
                case Opcode.Balance:
                    if (sp < f->Stack) goto underflow;
                    if ((gas = StateOperations.Balance(this, sp, gas)) < 0) goto failed;
                    pc++; continue;
                case Opcode.Origin:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = _environment.Origin;
                    sp++; pc++; continue;
                case Opcode.Caller:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = f->Caller.ToUInt256();
                    sp++; pc++; continue;
                case Opcode.CallValue:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = f->Value;
                    sp++; pc++; continue;
                case Opcode.CallDataLoad:
                    if (sp < f->Stack) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    if (sp->IsUInt64 && sp->U0 <= int.MaxValue && (long)sp->U0 + 32 <= f->InputLength) WordMemory.Load(f->Input + sp->U0, sp);
                    else MemoryOperations.CallDataLoadPartly(f, sp);
                    pc++; continue;
                case Opcode.CallDataSize:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = new UInt256((ulong)f->InputLength);
                    sp++; pc++; continue;
                case Opcode.CallDataCopy:
                    if (sp < f->Stack + 2) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    if ((gas = MemoryOperations.CallDataCopy(this, f, sp, gas)) < 0) goto failed;
                    sp -= 3; pc++; continue;
                case Opcode.CodeSize:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = new UInt256((ulong)f->CodeLength);
                    sp++; pc++; continue;
                case Opcode.CodeCopy:
                    if (sp < f->Stack + 2) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    if ((gas = MemoryOperations.CodeCopy(this, f, sp, gas)) < 0) goto failed;
                    sp -= 3; pc++; continue;
                case Opcode.GasPrice:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = _environment.GasPrice;
                    sp++; pc++; continue;
                case Opcode.ExtCodeSize:
                    if (sp < f->Stack) goto underflow;
                    if ((gas = StateOperations.ExtCodeSize(this, sp, gas)) < 0) goto failed;
                    pc++; continue;
                case Opcode.ExtCodeCopy:
                    if (sp < f->Stack + 3) goto underflow;
                    if ((gas = MemoryOperations.ExtCodeCopy(this, f, sp, gas)) < 0) goto failed;
                    sp -= 4; pc++; continue;
                case Opcode.ReturnDataSize:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = new UInt256((ulong)f->ReturnLength);
                    sp++; pc++; continue;
                case Opcode.ReturnDataCopy:
                    if (sp < f->Stack + 2) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    if ((gas = MemoryOperations.ReturnDataCopy(this, f, sp, gas)) < 0) goto failed;
                    sp -= 3; pc++; continue;
                case Opcode.ExtCodeHash:
                    if (sp < f->Stack) goto underflow;
                    if ((gas = StateOperations.ExtCodeHash(this, sp, gas)) < 0) goto failed;
                    pc++; continue;
                case Opcode.BlockHash:
                    if (sp < f->Stack) goto underflow; if ((gas -= GasCost.BlockHash) < 0) goto outOfGas;
                    *sp = _environment.BlockHash(*sp);
                    pc++; continue;
                case Opcode.Coinbase:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = _environment.Coinbase;
                    sp++; pc++; continue;
                case Opcode.Timestamp:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = new UInt256(_environment.Timestamp);
                    sp++; pc++; continue;
                case Opcode.Number:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = new UInt256(_environment.Number);
                    sp++; pc++; continue;
                case Opcode.PrevRandao:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = _environment.PrevRandao;
                    sp++; pc++; continue;
                case Opcode.GasLimit:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = new UInt256(_environment.GasLimit);
                    sp++; pc++; continue;
                case Opcode.ChainId:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = _environment.ChainId;
                    sp++; pc++; continue;
                case Opcode.SelfBalance:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Low) < 0) goto outOfGas;
                    StateOperations.SelfBalance(this, f, sp + 1);
                    sp++; pc++; continue;
                case Opcode.BaseFee:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = _environment.BaseFee;
                    sp++; pc++; continue;
                case Opcode.BlobHash:
                    if (!Rules.HasBlobHash) goto invalid;
                    if (sp < f->Stack) goto underflow; if ((gas -= GasCost.BlobHash) < 0) goto outOfGas;
                    *sp = _environment.BlobHash(*sp);
                    pc++; continue;
                case Opcode.BlobBaseFee:
                    if (!Rules.HasBlobBaseFee) goto invalid;
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = _environment.BlobBaseFee;
                    sp++; pc++; continue;

                // Stack, memory, storage, flow
                case Opcode.Pop:
                    if (sp < f->Stack) goto underflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp--; pc++; continue;
                case Opcode.MLoad:
                    if (sp < f->Stack) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    if ((gas = Expand(f, sp, 32, gas)) < 0) goto outOfGas;
                    WordMemory.Load(f->Memory + sp->U0, sp);
                    pc++; continue;
                case Opcode.MStore:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    if ((gas = Expand(f, sp, 32, gas)) < 0) goto outOfGas;
                    WordMemory.Store(f->Memory + sp->U0, sp - 1);
                    sp -= 2; pc++; continue;
                case Opcode.MStore8:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    if ((gas = Expand(f, sp, 1, gas)) < 0) goto outOfGas;
                    f->Memory[sp->U0] = (byte)sp[-1].U0;
                    sp -= 2; pc++; continue;
                case Opcode.SLoad:
                    if (sp < f->Stack) goto underflow;
                    if ((gas = StateOperations.SLoad(this, f, sp, gas)) < 0) goto failed;
                    pc++; continue;
                case Opcode.SStore:
                    if (sp < f->Stack + 1) goto underflow;
                    if ((gas = StateOperations.SStore(this, f, sp, gas)) < 0) goto failed;
                    sp -= 2; pc++; continue;
                case Opcode.Jump:
                    if (sp < f->Stack) goto underflow; if ((gas -= GasCost.Mid) < 0) goto outOfGas;
                    if (!IsDestination(f, sp)) goto badJump;
                    pc = f->Code + sp->U0;
                    sp--;
                    if (TTracing.Enabled) continue;
                    goto land;
                case Opcode.JumpI:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.High) < 0) goto outOfGas;
                    if (sp[-1].IsZero)
                    {
                        sp -= 2;
                        pc++;
                        continue;
                    }

                    if (!IsDestination(f, sp)) goto badJump;
                    pc = f->Code + sp->U0;
                    sp -= 2;
                    if (TTracing.Enabled) continue;
                    goto land;
                case Opcode.Pc:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = new UInt256((ulong)(pc - f->Code));
                    sp++; pc++; continue;
                case Opcode.MSize:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = new UInt256(f->MemorySize);
                    sp++; pc++; continue;
                case Opcode.Gas:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = new UInt256((ulong)gas);
                    sp++; pc++; continue;
                case Opcode.JumpDest:
                    if ((gas -= GasCost.JumpDest) < 0) goto outOfGas;
                    pc++; continue;
                case Opcode.TLoad:
                    if (!Rules.HasTransientStorage) goto invalid;
                    if (sp < f->Stack) goto underflow; if ((gas -= GasCost.Transient) < 0) goto outOfGas;
                    StateOperations.TLoad(this, f, sp);
                    pc++; continue;
                case Opcode.TStore:
                    if (!Rules.HasTransientStorage) goto invalid;
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.Transient) < 0) goto outOfGas;
                    if ((gas = StateOperations.TStore(this, f, sp, gas)) < 0) goto failed;
                    sp -= 2; pc++; continue;
                case Opcode.MCopy:
                    if (!Rules.HasMemoryCopy) goto invalid;
                    if (sp < f->Stack + 2) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    if ((gas = MemoryOperations.MemoryCopy(this, f, sp, gas)) < 0) goto failed;
                    sp -= 3; pc++; continue;
                case Opcode.Push0:
                    if (!Rules.HasPush0) goto invalid;
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.Base) < 0) goto outOfGas;
                    sp[1] = default;
                    sp++; pc++; continue;
                case Opcode.Push1:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 1, ++sp); pc += 2; continue;
                case Opcode.Push2:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 2, ++sp); pc += 3; continue;
                case Opcode.Push3:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 3, ++sp); pc += 4; continue;
                case Opcode.Push4:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 4, ++sp); pc += 5; continue;
                case Opcode.Push5:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 5, ++sp); pc += 6; continue;
                case Opcode.Push6:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 6, ++sp); pc += 7; continue;
                case Opcode.Push7:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 7, ++sp); pc += 8; continue;
                case Opcode.Push8:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 8, ++sp); pc += 9; continue;
                case Opcode.Push9:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 9, ++sp); pc += 10; continue;
                case Opcode.Push10:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 10, ++sp); pc += 11; continue;
                case Opcode.Push11:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 11, ++sp); pc += 12; continue;
                case Opcode.Push12:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 12, ++sp); pc += 13; continue;
                case Opcode.Push13:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 13, ++sp); pc += 14; continue;
                case Opcode.Push14:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 14, ++sp); pc += 15; continue;
                case Opcode.Push15:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 15, ++sp); pc += 16; continue;
                case Opcode.Push16:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 16, ++sp); pc += 17; continue;
                case Opcode.Push17:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 17, ++sp); pc += 18; continue;
                case Opcode.Push18:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 18, ++sp); pc += 19; continue;
                case Opcode.Push19:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 19, ++sp); pc += 20; continue;
                case Opcode.Push20:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 20, ++sp); pc += 21; continue;
                case Opcode.Push21:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 21, ++sp); pc += 22; continue;
                case Opcode.Push22:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 22, ++sp); pc += 23; continue;
                case Opcode.Push23:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 23, ++sp); pc += 24; continue;
                case Opcode.Push24:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 24, ++sp); pc += 25; continue;
                case Opcode.Push25:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 25, ++sp); pc += 26; continue;
                case Opcode.Push26:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 26, ++sp); pc += 27; continue;
                case Opcode.Push27:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 27, ++sp); pc += 28; continue;
                case Opcode.Push28:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 28, ++sp); pc += 29; continue;
                case Opcode.Push29:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 29, ++sp); pc += 30; continue;
                case Opcode.Push30:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 30, ++sp); pc += 31; continue;
                case Opcode.Push31:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 31, ++sp); pc += 32; continue;
                case Opcode.Push32:
                    if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    WordMemory.LoadImmediate(pc, 32, ++sp); pc += 33; continue;
                case Opcode.Dup1:
                    if (sp < f->Stack) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup2:
                    if (sp < f->Stack + 1) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 1, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup3:
                    if (sp < f->Stack + 2) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 2, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup4:
                    if (sp < f->Stack + 3) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 3, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup5:
                    if (sp < f->Stack + 4) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 4, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup6:
                    if (sp < f->Stack + 5) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 5, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup7:
                    if (sp < f->Stack + 6) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 6, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup8:
                    if (sp < f->Stack + 7) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 7, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup9:
                    if (sp < f->Stack + 8) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 8, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup10:
                    if (sp < f->Stack + 9) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 9, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup11:
                    if (sp < f->Stack + 10) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 10, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup12:
                    if (sp < f->Stack + 11) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 11, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup13:
                    if (sp < f->Stack + 12) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 12, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup14:
                    if (sp < f->Stack + 13) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 13, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup15:
                    if (sp < f->Stack + 14) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 14, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Dup16:
                    if (sp < f->Stack + 15) goto underflow; if (sp >= f->Stack + 1023) goto overflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Duplicate(sp - 15, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Swap1:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 1);
                    pc++; continue;
                case Opcode.Swap2:
                    if (sp < f->Stack + 2) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 2);
                    pc++; continue;
                case Opcode.Swap3:
                    if (sp < f->Stack + 3) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 3);
                    pc++; continue;
                case Opcode.Swap4:
                    if (sp < f->Stack + 4) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 4);
                    pc++; continue;
                case Opcode.Swap5:
                    if (sp < f->Stack + 5) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 5);
                    pc++; continue;
                case Opcode.Swap6:
                    if (sp < f->Stack + 6) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 6);
                    pc++; continue;
                case Opcode.Swap7:
                    if (sp < f->Stack + 7) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 7);
                    pc++; continue;
                case Opcode.Swap8:
                    if (sp < f->Stack + 8) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 8);
                    pc++; continue;
                case Opcode.Swap9:
                    if (sp < f->Stack + 9) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 9);
                    pc++; continue;
                case Opcode.Swap10:
                    if (sp < f->Stack + 10) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 10);
                    pc++; continue;
                case Opcode.Swap11:
                    if (sp < f->Stack + 11) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 11);
                    pc++; continue;
                case Opcode.Swap12:
                    if (sp < f->Stack + 12) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 12);
                    pc++; continue;
                case Opcode.Swap13:
                    if (sp < f->Stack + 13) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 13);
                    pc++; continue;
                case Opcode.Swap14:
                    if (sp < f->Stack + 14) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 14);
                    pc++; continue;
                case Opcode.Swap15:
                    if (sp < f->Stack + 15) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 15);
                    pc++; continue;
                case Opcode.Swap16:
                    if (sp < f->Stack + 16) goto underflow; if ((gas -= GasCost.VeryLow) < 0) goto outOfGas;
                    Swap(sp, sp - 16);
                    pc++; continue;

                // Logs and calls
                case Opcode.Log0:
                    if (sp < f->Stack + 1) goto underflow; if ((gas -= GasCost.Log) < 0) goto outOfGas;
                    if ((gas = MemoryOperations.Log(this, f, sp, gas, 0)) < 0) goto failed;
                    sp -= 2; pc++; continue;
                case Opcode.Log1:
                    if (sp < f->Stack + 2) goto underflow; if ((gas -= GasCost.Log) < 0) goto outOfGas;
                    if ((gas = MemoryOperations.Log(this, f, sp, gas, 1)) < 0) goto failed;
                    sp -= 3; pc++; continue;
                case Opcode.Log2:
                    if (sp < f->Stack + 3) goto underflow; if ((gas -= GasCost.Log) < 0) goto outOfGas;
                    if ((gas = MemoryOperations.Log(this, f, sp, gas, 2)) < 0) goto failed;
                    sp -= 4; pc++; continue;
                case Opcode.Log3:
                    if (sp < f->Stack + 4) goto underflow; if ((gas -= GasCost.Log) < 0) goto outOfGas;
                    if ((gas = MemoryOperations.Log(this, f, sp, gas, 3)) < 0) goto failed;
                    sp -= 5; pc++; continue;
                case Opcode.Log4:
                    if (sp < f->Stack + 5) goto underflow; if ((gas -= GasCost.Log) < 0) goto outOfGas;
                    if ((gas = MemoryOperations.Log(this, f, sp, gas, 4)) < 0) goto failed;
                    sp -= 6; pc++; continue;
                case Opcode.Create:
                    if (sp < f->Stack + 2) goto underflow; if ((gas -= GasCost.Create) < 0) goto outOfGas;
                    f->Pc = pc + 1;
                    next = BeginCreation(f, CallKind.Create, sp, gas);
                    goto entered;
                case Opcode.Create2:
                    if (sp < f->Stack + 3) goto underflow; if ((gas -= GasCost.Create) < 0) goto outOfGas;
                    f->Pc = pc + 1;
                    next = BeginCreation(f, CallKind.Create2, sp, gas);
                    goto entered;
                case Opcode.Call:
                    if (sp < f->Stack + 6) goto underflow;
                    f->Pc = pc + 1;
                    next = BeginCall(f, CallKind.Call, sp, gas);
                    goto entered;
                case Opcode.CallCode:
                    if (sp < f->Stack + 6) goto underflow;
                    f->Pc = pc + 1;
                    next = BeginCall(f, CallKind.CallCode, sp, gas);
                    goto entered;
                case Opcode.DelegateCall:
                    if (sp < f->Stack + 5) goto underflow;
                    f->Pc = pc + 1;
                    next = BeginCall(f, CallKind.DelegateCall, sp, gas);
                    goto entered;
                case Opcode.StaticCall:
                    if (sp < f->Stack + 5) goto underflow;
                    f->Pc = pc + 1;
                    next = BeginCall(f, CallKind.StaticCall, sp, gas);
                    goto entered;
                case Opcode.Return:
                    if (sp < f->Stack + 1) goto underflow;
                    if ((gas = ExpandRange(f, sp, sp - 1, gas)) < 0) goto outOfGas;
                    f = Leave(f, Halt.Return, gas, f->Memory + (sp[-1].U0 == 0 ? 0 : sp->U0), (int)sp[-1].U0);
                    goto resume;
                case Opcode.Revert:
                    if (sp < f->Stack + 1) goto underflow;
                    if ((gas = ExpandRange(f, sp, sp - 1, gas)) < 0) goto outOfGas;
                    f = Leave(f, Halt.Revert, gas, f->Memory + (sp[-1].U0 == 0 ? 0 : sp->U0), (int)sp[-1].U0);
                    goto resume;
                case Opcode.SelfDestruct:
                    if (sp < f->Stack) goto underflow; if ((gas -= GasCost.SelfDestruct) < 0) goto outOfGas;
                    if ((gas = Destruct(f, sp, gas)) < 0) goto failed;
                    f = Leave(f, Halt.SelfDestruct, gas, null, 0);
                    goto resume;
                default:
                    goto invalid;
                }
            }

        land:
            // a jump carries out the JUMPDEST it lands on
            if ((gas -= GasCost.JumpDest) < 0) goto outOfGas;
            pc++;
            goto run;

        entered:
            if (next == null) goto failed;
            f = next;
            if (f->Engine != FrameEngine.Bytes) return f;
            pc = f->Pc;
            sp = f->Sp;
            gas = f->Gas;
            goto run;

        resume:
            if (f == null || f->Engine != FrameEngine.Bytes) return f;
            pc = f->Pc;
            sp = f->Sp;
            gas = f->Gas;
            goto run;

        invalid:
            Fail(Halt.InvalidOpcode);
            goto failed;
        underflow:
            Fail(Halt.StackUnderflow);
            goto failed;
        overflow:
            Fail(Halt.StackOverflow);
            goto failed;
        badJump:
            Fail(Halt.InvalidJump);
            goto failed;
        outOfGas:
            Fail(Halt.OutOfGas);
        failed:
            f = LeaveFailed(f);
            goto resume;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool IsDestination(Frame* f, UInt256* target)
    {
        unchecked
        {
            ulong at = target->U0;
            if (!target->IsUInt64 || at >= (ulong)f->CodeLength) return false;
            ulong* destinations = f->Destinations;
            if (destinations == null) destinations = FindDestinations(f);
            return ((destinations[at >> 6] >> (int)(at & 63)) & 1) != 0;
        }
    }

    /// <summary>Four moves of a limb each: a wide copy would have to wait for the narrow stores before it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Duplicate(UInt256* from, UInt256* to)
    {
        ulong a = from->U0, b = from->U1, c = from->U2, d = from->U3;
        to->U0 = a;
        to->U1 = b;
        to->U2 = c;
        to->U3 = d;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Swap(UInt256* x, UInt256* y)
    {
        (x->U0, y->U0) = (y->U0, x->U0);
        (x->U1, y->U1) = (y->U1, x->U1);
        (x->U2, y->U2) = (y->U2, x->U2);
        (x->U3, y->U3) = (y->U3, x->U3);
    }
}
