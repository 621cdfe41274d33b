using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <content>The engine over decoded code: as the one over bytes, but gas and stack bounds are checked once a block.</content>
/// <remarks>
/// Locals and bounds are those of <see cref="ExecuteBytes"/>, with <c>pc</c> pointing at instructions. A block that cannot be entered
/// (too little gas, too few or too many words) is handed to the byte engine, which fails exactly where it must. Whatever fails inside
/// a block fails for want of gas, except its last instruction, so that the reason is the byte engine's too. A jump goes to its target's
/// <see cref="Fused.Begin"/>; a bad one to the block that ends in <see cref="Fused.BadJump"/>.
/// </remarks>
public sealed unsafe partial class EvmMachine
{
    /// <summary>Runs frames of <see cref="FrameEngine.Decoded"/> from where they stand.</summary>
    /// <returns>As <see cref="ExecuteBytes"/>.</returns>
    private Frame* ExecuteDecoded(Frame* f)
    {
        unchecked
        {
            var pc = (Instruction*)f->Pc;
            UInt256* sp = f->Sp;
            long gas = f->Gas;
            Frame* next;
            UInt256* d;

        run:
            while (true)
            {
                switch (pc->Op)
                {
                case Fused.Begin:
                {
                    ulong a = pc->Argument;
                    gas -= (uint)a;
                    if (gas < 0 || (nuint)((byte*)sp - (byte*)f->Stack + 32 - (nint)((a >> 32) & 0xffff)) > (nuint)(a >> 48)) goto exactly;
                    pc++; continue;
                }

                // Arithmetic
                case Opcode.Stop:
                    f = Leave(f, Halt.Stop, gas, null, 0);
                    goto resume;
                case Opcode.Add:
                    UInt256.Add(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.Sub:
                    UInt256.Subtract(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.Mul:
                    UInt256.Multiply(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.Div:
                    UInt256.Divide(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.SDiv:
                    UInt256.SignedDivide(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.Mod:
                    UInt256.Modulo(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.SMod:
                    UInt256.SignedModulo(*sp, sp[-1], out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.AddMod:
                    UInt256.AddModulo(*sp, sp[-1], sp[-2], out sp[-2]);
                    sp -= 2; pc++; continue;
                case Opcode.MulMod:
                    UInt256.MultiplyModulo(*sp, sp[-1], sp[-2], out sp[-2]);
                    sp -= 2; pc++; continue;
                case Opcode.Exp:
                    if ((gas = MemoryOperations.Exponentiate(sp, gas)) < 0) goto failed;
                    sp--; pc++; continue;
                case Opcode.SignExtend:
                    WordOperations.SignExtend(sp, sp - 1, sp - 1);
                    sp--; pc++; continue;

                // Comparison and bits
                case Opcode.Lt:
                    sp[-1] = new UInt256(UInt256.Less(*sp, sp[-1]) ? 1UL : 0UL);
                    sp--; pc++; continue;
                case Opcode.Gt:
                    sp[-1] = new UInt256(UInt256.Less(sp[-1], *sp) ? 1UL : 0UL);
                    sp--; pc++; continue;
                case Opcode.SLt:
                    sp[-1] = new UInt256(UInt256.SignedLess(*sp, sp[-1]) ? 1UL : 0UL);
                    sp--; pc++; continue;
                case Opcode.SGt:
                    sp[-1] = new UInt256(UInt256.SignedLess(sp[-1], *sp) ? 1UL : 0UL);
                    sp--; pc++; continue;
                case Opcode.Eq:
                    sp[-1] = new UInt256(sp->Equals(sp[-1]) ? 1UL : 0UL);
                    sp--; pc++; continue;
                case Opcode.IsZero:
                    *sp = new UInt256(sp->IsZero ? 1UL : 0UL);
                    pc++; continue;
                case Opcode.And:
                    sp[-1].U0 &= sp->U0; sp[-1].U1 &= sp->U1; sp[-1].U2 &= sp->U2; sp[-1].U3 &= sp->U3;
                    sp--; pc++; continue;
                case Opcode.Or:
                    sp[-1].U0 |= sp->U0; sp[-1].U1 |= sp->U1; sp[-1].U2 |= sp->U2; sp[-1].U3 |= sp->U3;
                    sp--; pc++; continue;
                case Opcode.Xor:
                    sp[-1].U0 ^= sp->U0; sp[-1].U1 ^= sp->U1; sp[-1].U2 ^= sp->U2; sp[-1].U3 ^= sp->U3;
                    sp--; pc++; continue;
                case Opcode.Not:
                    sp->U0 = ~sp->U0; sp->U1 = ~sp->U1; sp->U2 = ~sp->U2; sp->U3 = ~sp->U3;
                    pc++; continue;
                case Opcode.Byte:
                    WordOperations.Byte(sp, sp - 1, sp - 1);
                    sp--; pc++; continue;
                case Opcode.Shl:
                    WordOperations.ShiftLeft(sp, sp - 1, sp - 1);
                    sp--; pc++; continue;
                case Opcode.Shr:
                    WordOperations.ShiftRight(sp, sp - 1, sp - 1);
                    sp--; pc++; continue;
                case Opcode.Sar:
                    WordOperations.ShiftRightSigned(sp, sp - 1, sp - 1);
                    sp--; pc++; continue;
                case Opcode.Clz:
                    *sp = new UInt256((ulong)(256 - sp->BitLength));
                    pc++; continue;
                case Opcode.Keccak256:
                    if ((gas = MemoryOperations.Keccak(this, f, sp, gas)) < 0) goto failed;
                    sp--; pc++; continue;

                // Environment
                case Opcode.Address:
                    sp[1] = f->Self.ToUInt256();
                    sp++; pc++; continue;
                case Opcode.Origin:
                    sp[1] = _environment.Origin;
                    sp++; pc++; continue;
                case Opcode.Caller:
                    sp[1] = f->Caller.ToUInt256();
                    sp++; pc++; continue;
                case Opcode.CallValue:
                    sp[1] = f->Value;
                    sp++; pc++; continue;
                case Opcode.CallDataSize:
                    sp[1] = new UInt256((ulong)f->InputLength);
                    sp++; pc++; continue;
                case Opcode.CodeSize:
                    sp[1] = new UInt256((ulong)f->CodeLength);
                    sp++; pc++; continue;
                case Opcode.GasPrice:
                    sp[1] = _environment.GasPrice;
                    sp++; pc++; continue;
                case Opcode.ReturnDataSize:
                    sp[1] = new UInt256((ulong)f->ReturnLength);
                    sp++; pc++; continue;
                case Opcode.Coinbase:
                    sp[1] = _environment.Coinbase;
                    sp++; pc++; continue;
                case Opcode.Timestamp:
                    sp[1] = new UInt256(_environment.Timestamp);
                    sp++; pc++; continue;
                case Opcode.Number:
                    sp[1] = new UInt256(_environment.Number);
                    sp++; pc++; continue;
                case Opcode.PrevRandao:
                    sp[1] = _environment.PrevRandao;
                    sp++; pc++; continue;
                case Opcode.GasLimit:
                    sp[1] = new UInt256(_environment.GasLimit);
                    sp++; pc++; continue;
                case Opcode.ChainId:
                    sp[1] = _environment.ChainId;
                    sp++; pc++; continue;
                case Opcode.BaseFee:
                    sp[1] = _environment.BaseFee;
                    sp++; pc++; continue;
                case Opcode.BlobBaseFee:
                    sp[1] = _environment.BlobBaseFee;
                    sp++; pc++; continue;
                case Opcode.MSize:
                    sp[1] = new UInt256(f->MemorySize);
                    sp++; pc++; continue;
                case Opcode.Gas:
                    sp[1] = new UInt256((ulong)gas + pc->Argument);
                    sp++; pc++; continue;
                case Opcode.SelfBalance:
                    StateOperations.SelfBalance(this, f, sp + 1);
                    sp++; pc++; continue;
                case Opcode.Balance:
                    if ((gas = StateOperations.Balance(this, sp, gas)) < 0) goto failed;
                    pc++; goto case Fused.Begin;
                case Opcode.CallDataLoad:
                    if (sp->IsUInt64 && sp->U0 <= int.MaxValue && (long)sp->U0 + 32 <= f->InputLength) WordMemory.Load(f->Input + sp->U0, sp);
                    else MemoryOperations.CallDataLoadPartly(f, sp);
                    pc++; continue;
                case Opcode.CallDataCopy:
                    if ((gas = MemoryOperations.CallDataCopy(this, f, sp, gas)) < 0) goto failed;
                    sp -= 3; pc++; continue;
                case Opcode.CodeCopy:
                    if ((gas = MemoryOperations.CodeCopy(this, f, sp, gas)) < 0) goto failed;
                    sp -= 3; pc++; continue;
                case Opcode.ExtCodeSize:
                    if ((gas = StateOperations.ExtCodeSize(this, sp, gas)) < 0) goto failed;
                    pc++; goto case Fused.Begin;
                case Opcode.ExtCodeCopy:
                    if ((gas = MemoryOperations.ExtCodeCopy(this, f, sp, gas)) < 0) goto failed;
                    sp -= 4; pc++; goto case Fused.Begin;
                case Opcode.ReturnDataCopy:
                    if ((gas = MemoryOperations.ReturnDataCopy(this, f, sp, gas)) < 0) goto failed;
                    sp -= 3; pc++; goto case Fused.Begin;
                case Opcode.ExtCodeHash:
                    if ((gas = StateOperations.ExtCodeHash(this, sp, gas)) < 0) goto failed;
                    pc++; goto case Fused.Begin;
                case Opcode.BlockHash:
                    *sp = _environment.BlockHash(*sp);
                    pc++; goto case Fused.Begin;
                case Opcode.BlobHash:
                    *sp = _environment.BlobHash(*sp);
                    pc++; continue;

                // Stack, memory, storage, flow
                case Opcode.Pop:
                    sp--; pc++; continue;
                case Fused.PopPop:
                    sp -= 2; pc++; continue;
                case Fused.Push:
                    sp[1] = new UInt256(pc->Argument);
                    sp++; pc++; continue;
                case Fused.PushWide:
                    Duplicate((UInt256*)(pc + 1), sp + 1);
                    sp++; pc += 3; continue;
                case Fused.PushPush:
                    sp[1] = new UInt256(pc->Argument);
                    sp[2] = new UInt256((uint)pc->Offset);
                    sp += 2; pc++; continue;
                case Fused.PushDup:
                    sp[1] = new UInt256(pc->Argument);
                    sp++;
                    Duplicate((UInt256*)((byte*)sp - pc->Below), sp + 1);
                    sp++; pc++; continue;
                case Fused.Dup:
                    Duplicate((UInt256*)((byte*)sp - pc->Below), sp + 1);
                    sp++; pc++; continue;
                case Fused.DupDup:
                    Duplicate((UInt256*)((byte*)sp - pc->Below), sp + 1);
                    sp++;
                    Duplicate((UInt256*)((byte*)sp - pc->Argument), sp + 1);
                    sp++; pc++; continue;
                case Fused.Swap:
                    Swap(sp, (UInt256*)((byte*)sp - pc->Below));
                    pc++; continue;
                case Fused.SwapPop:
                    Duplicate(sp, (UInt256*)((byte*)sp - pc->Below));
                    sp--; pc++; continue;
                case Fused.Swap2Swap1:
                    Rotate(sp);
                    pc++; continue;
                case Fused.Swap1Subtract:
                    UInt256.Subtract(sp[-1], *sp, out sp[-1]);
                    sp--; pc++; continue;
                case Opcode.MLoad:
                    if ((gas = Expand(f, sp, 32, gas)) < 0) goto outOfGas;
                    WordMemory.Load(f->Memory + sp->U0, sp);
                    pc++; continue;
                case Opcode.MStore:
                    if ((gas = Expand(f, sp, 32, gas)) < 0) goto outOfGas;
                    WordMemory.Store(f->Memory + sp->U0, sp - 1);
                    sp -= 2; pc++; continue;
                case Opcode.MStore8:
                    if ((gas = Expand(f, sp, 1, gas)) < 0) goto outOfGas;
                    f->Memory[sp->U0] = (byte)sp[-1].U0;
                    sp -= 2; pc++; continue;
                case Fused.LoadConstant:
                    if (pc->Argument + 32 > f->MemorySize && (gas = ExpandTo(f, pc->Argument + 32, gas)) < 0) goto outOfGas;
                    WordMemory.Load(f->Memory + pc->Argument, sp + 1);
                    sp++; pc++; continue;
                case Fused.StoreConstant:
                    if (pc->Argument + 32 > f->MemorySize && (gas = ExpandTo(f, pc->Argument + 32, gas)) < 0) goto outOfGas;
                    WordMemory.Store(f->Memory + pc->Argument, sp);
                    sp--; pc++; continue;
                case Fused.DupLoad:
                    d = (UInt256*)((byte*)sp - pc->Below);
                    if ((gas = Expand(f, d, 32, gas)) < 0) goto outOfGas;
                    WordMemory.Load(f->Memory + d->U0, sp + 1);
                    sp++; pc++; continue;
                case Fused.DupStore:
                    d = (UInt256*)((byte*)sp - pc->Below);
                    if ((gas = Expand(f, d, 32, gas)) < 0) goto outOfGas;
                    WordMemory.Store(f->Memory + d->U0, sp);
                    sp--; pc++; continue;
                case Opcode.MCopy:
                    if ((gas = MemoryOperations.MemoryCopy(this, f, sp, gas)) < 0) goto failed;
                    sp -= 3; pc++; continue;
                case Opcode.SLoad:
                    if ((gas = StateOperations.SLoad(this, f, sp, gas)) < 0) goto failed;
                    pc++; goto case Fused.Begin;
                case Opcode.SStore:
                    if ((gas = StateOperations.SStore(this, f, sp, gas)) < 0) goto failed;
                    sp -= 2; pc++; goto case Fused.Begin;
                case Opcode.TLoad:
                    StateOperations.TLoad(this, f, sp);
                    pc++; continue;
                case Opcode.TStore:
                    if ((gas = StateOperations.TStore(this, f, sp, gas)) < 0) goto failed;
                    sp -= 2; pc++; goto case Fused.Begin;
                case Opcode.Jump:
                    if (!sp->IsUInt64 || sp->U0 >= (ulong)f->CodeLength) goto badJump;
                    pc = f->Program + f->Targets[sp->U0];
                    sp--;
                    goto case Fused.Begin;
                case Opcode.JumpI:
                    if (sp[-1].IsZero)
                    {
                        sp -= 2; pc++;
                        goto case Fused.Begin;
                    }
                    
                    if (!sp->IsUInt64 || sp->U0 >= (ulong)f->CodeLength) goto badJump;
                    pc = f->Program + f->Targets[sp->U0];
                    sp -= 2;
                    goto case Fused.Begin;
                case Fused.SwapPopJump:
                    Duplicate(sp, (UInt256*)((byte*)sp - pc->Below));
                    sp--;
                    goto case Opcode.Jump;
                case Fused.Swap1Jump:
                    if (!sp[-1].IsUInt64 || sp[-1].U0 >= (ulong)f->CodeLength) goto badJump;
                    pc = f->Program + f->Targets[sp[-1].U0];
                    Duplicate(sp, sp - 1);
                    sp--;
                    goto case Fused.Begin;
                case Fused.BadJump:
                    goto badJump;

                // Jumps with a constant target
                case Fused.JumpTo:
                    pc = (Instruction*)((byte*)pc + pc->Offset);
                    goto case Fused.Begin;
                case Fused.JumpIf:
                    sp--;
                    if (!sp[1].IsZero) pc = (Instruction*)((byte*)pc + pc->Offset);
                    else pc++;
                    goto case Fused.Begin;
                case Fused.JumpIfZero:
                    sp--;
                    if (sp[1].IsZero) pc = (Instruction*)((byte*)pc + pc->Offset);
                    else pc++;
                    goto case Fused.Begin;
                case Fused.JumpIfLess:
                    sp -= 2;
                    if (UInt256.Less(sp[2], sp[1])) pc = (Instruction*)((byte*)pc + pc->Offset);
                    else pc++;
                    goto case Fused.Begin;
                case Fused.JumpIfNotLess:
                    sp -= 2;
                    if (!UInt256.Less(sp[2], sp[1])) pc = (Instruction*)((byte*)pc + pc->Offset);
                    else pc++;
                    goto case Fused.Begin;
                case Fused.JumpIfGreater:
                    sp -= 2;
                    if (UInt256.Less(sp[1], sp[2])) pc = (Instruction*)((byte*)pc + pc->Offset);
                    else pc++;
                    goto case Fused.Begin;
                case Fused.JumpIfNotGreater:
                    sp -= 2;
                    if (!UInt256.Less(sp[1], sp[2])) pc = (Instruction*)((byte*)pc + pc->Offset);
                    else pc++;
                    goto case Fused.Begin;
                case Fused.JumpIfSignedLess:
                    sp -= 2;
                    if (UInt256.SignedLess(sp[2], sp[1])) pc = (Instruction*)((byte*)pc + pc->Offset);
                    else pc++;
                    goto case Fused.Begin;
                case Fused.JumpIfNotSignedLess:
                    sp -= 2;
                    if (!UInt256.SignedLess(sp[2], sp[1])) pc = (Instruction*)((byte*)pc + pc->Offset);
                    else pc++;
                    goto case Fused.Begin;
                case Fused.JumpIfSignedGreater:
                    sp -= 2;
                    if (UInt256.SignedLess(sp[1], sp[2])) pc = (Instruction*)((byte*)pc + pc->Offset);
                    else pc++;
                    goto case Fused.Begin;
                case Fused.JumpIfNotSignedGreater:
                    sp -= 2;
                    if (!UInt256.SignedLess(sp[1], sp[2])) pc = (Instruction*)((byte*)pc + pc->Offset);
                    else pc++;
                    goto case Fused.Begin;
                case Fused.JumpIfEqual:
                    sp -= 2;
                    if (sp[2].Equals(sp[1])) pc = (Instruction*)((byte*)pc + pc->Offset);
                    else pc++;
                    goto case Fused.Begin;
                case Fused.JumpIfNotEqual:
                    sp -= 2;
                    if (!sp[2].Equals(sp[1])) pc = (Instruction*)((byte*)pc + pc->Offset);
                    else pc++;
                    goto case Fused.Begin;

                // A constant and an operation
                case Fused.AddConstant:
                    ConstantOperations.Add(pc->Argument, sp);
                    pc++; continue;
                case Fused.SubtractFromConstant:
                    ConstantOperations.SubtractFrom(pc->Argument, sp);
                    pc++; continue;
                case Fused.SubtractConstant:
                    ConstantOperations.Subtract(pc->Argument, sp);
                    pc++; continue;
                case Fused.MultiplyConstant:
                    ConstantOperations.Multiply(pc->Argument, sp);
                    pc++; continue;
                case Fused.DivideConstant:
                    ConstantOperations.Divide(pc->Argument, sp);
                    pc++; continue;
                case Fused.AndConstant:
                    *sp = new UInt256(sp->U0 & pc->Argument);
                    pc++; continue;
                case Fused.OrConstant:
                    sp->U0 |= pc->Argument;
                    pc++; continue;
                case Fused.EqualConstant:
                    *sp = new UInt256(((sp->U0 ^ pc->Argument) | sp->U1 | sp->U2 | sp->U3) == 0 ? 1UL : 0UL);
                    pc++; continue;
                case Fused.ConstantLess:
                    *sp = new UInt256(!sp->IsUInt64 || pc->Argument < sp->U0 ? 1UL : 0UL);
                    pc++; continue;
                case Fused.ConstantGreater:
                    *sp = new UInt256(sp->IsUInt64 && pc->Argument > sp->U0 ? 1UL : 0UL);
                    pc++; continue;
                case Fused.ShiftLeftConstant:
                    UInt256.ShiftLeft(*sp, (int)pc->Argument, out *sp);
                    pc++; continue;
                case Fused.ShiftRightConstant:
                    UInt256.ShiftRight(*sp, (int)pc->Argument, out *sp);
                    pc++; continue;
                case Fused.AndWide:
                    d = (UInt256*)(pc + 1);
                    sp->U0 &= d->U0; sp->U1 &= d->U1; sp->U2 &= d->U2; sp->U3 &= d->U3;
                    pc += 3; continue;
                case Fused.AddWide:
                    UInt256.Add(*(UInt256*)(pc + 1), *sp, out *sp);
                    pc += 3; continue;

                // A duplicate and an operation
                case Fused.DupAdd:
                    d = (UInt256*)((byte*)sp - pc->Below);
                    UInt256.Add(*d, *sp, out *sp);
                    pc++; continue;
                case Fused.DupSubtract:
                    d = (UInt256*)((byte*)sp - pc->Below);
                    UInt256.Subtract(*d, *sp, out *sp);
                    pc++; continue;
                case Fused.DupMultiply:
                    d = (UInt256*)((byte*)sp - pc->Below);
                    UInt256.Multiply(*d, *sp, out *sp);
                    pc++; continue;
                case Fused.DupLess:
                    d = (UInt256*)((byte*)sp - pc->Below);
                    *sp = new UInt256(UInt256.Less(*d, *sp) ? 1UL : 0UL);
                    pc++; continue;
                case Fused.DupGreater:
                    d = (UInt256*)((byte*)sp - pc->Below);
                    *sp = new UInt256(UInt256.Less(*sp, *d) ? 1UL : 0UL);
                    pc++; continue;
                case Fused.DupEqual:
                    d = (UInt256*)((byte*)sp - pc->Below);
                    *sp = new UInt256(d->Equals(*sp) ? 1UL : 0UL);
                    pc++; continue;
                case Fused.DupAnd:
                    d = (UInt256*)((byte*)sp - pc->Below);
                    sp->U0 &= d->U0; sp->U1 &= d->U1; sp->U2 &= d->U2; sp->U3 &= d->U3;
                    pc++; continue;
                case Fused.DupOr:
                    d = (UInt256*)((byte*)sp - pc->Below);
                    sp->U0 |= d->U0; sp->U1 |= d->U1; sp->U2 |= d->U2; sp->U3 |= d->U3;
                    pc++; continue;
                case Fused.DupXor:
                    d = (UInt256*)((byte*)sp - pc->Below);
                    sp->U0 ^= d->U0; sp->U1 ^= d->U1; sp->U2 ^= d->U2; sp->U3 ^= d->U3;
                    pc++; continue;
                case Fused.DupAddConstant:
                    d = (UInt256*)((byte*)sp - pc->Below);
                    ConstantOperations.Sum(d, pc->Argument, sp + 1);
                    sp++; pc++; continue;

                // Logs and calls
                case Opcode.Log0:
                    if ((gas = MemoryOperations.Log(this, f, sp, gas, 0)) < 0) goto failed;
                    sp -= 2; pc++; goto case Fused.Begin;
                case Opcode.Log1:
                    if ((gas = MemoryOperations.Log(this, f, sp, gas, 1)) < 0) goto failed;
                    sp -= 3; pc++; goto case Fused.Begin;
                case Opcode.Log2:
                    if ((gas = MemoryOperations.Log(this, f, sp, gas, 2)) < 0) goto failed;
                    sp -= 4; pc++; goto case Fused.Begin;
                case Opcode.Log3:
                    if ((gas = MemoryOperations.Log(this, f, sp, gas, 3)) < 0) goto failed;
                    sp -= 5; pc++; goto case Fused.Begin;
                case Opcode.Log4:
                    if ((gas = MemoryOperations.Log(this, f, sp, gas, 4)) < 0) goto failed;
                    sp -= 6; pc++; goto case Fused.Begin;
                case Opcode.Create:
                    f->Pc = (byte*)(pc + 1);
                    next = BeginCreation(f, CallKind.Create, sp, gas);
                    goto entered;
                case Opcode.Create2:
                    f->Pc = (byte*)(pc + 1);
                    next = BeginCreation(f, CallKind.Create2, sp, gas);
                    goto entered;
                case Opcode.Call:
                    f->Pc = (byte*)(pc + 1);
                    next = BeginCall(f, CallKind.Call, sp, gas);
                    goto entered;
                case Opcode.CallCode:
                    f->Pc = (byte*)(pc + 1);
                    next = BeginCall(f, CallKind.CallCode, sp, gas);
                    goto entered;
                case Opcode.DelegateCall:
                    f->Pc = (byte*)(pc + 1);
                    next = BeginCall(f, CallKind.DelegateCall, sp, gas);
                    goto entered;
                case Opcode.StaticCall:
                    f->Pc = (byte*)(pc + 1);
                    next = BeginCall(f, CallKind.StaticCall, sp, gas);
                    goto entered;
                case Opcode.Return:
                    if ((gas = ExpandRange(f, sp, sp - 1, gas)) < 0) goto outOfGas;
                    f = Leave(f, Halt.Return, gas, f->Memory + (sp[-1].U0 == 0 ? 0 : sp->U0), (int)sp[-1].U0);
                    goto resume;
                case Opcode.Revert:
                    if ((gas = ExpandRange(f, sp, sp - 1, gas)) < 0) goto outOfGas;
                    f = Leave(f, Halt.Revert, gas, f->Memory + (sp[-1].U0 == 0 ? 0 : sp->U0), (int)sp[-1].U0);
                    goto resume;
                case Opcode.SelfDestruct:
                    if ((gas = Destruct(f, sp, gas)) < 0) goto failed;
                    f = Leave(f, Halt.SelfDestruct, gas, null, 0);
                    goto resume;
                default:
                    Fail(Halt.InvalidOpcode);
                    goto failed;
                }
            }

        entered:
            if (next == null) goto failed;
            f = next;
            if (f->Engine != FrameEngine.Decoded) return f;
            pc = (Instruction*)f->Pc;
            sp = f->Sp;
            gas = f->Gas;
            goto run;

        resume:
            if (f == null || f->Engine != FrameEngine.Decoded) return f;
            pc = (Instruction*)f->Pc;
            sp = f->Sp;
            gas = f->Gas;
            goto run;

        exactly:
            // the block's gas is given back; the byte engine spends it up to the instruction that fails
            f->Engine = FrameEngine.Bytes;
            f->Pc = f->Code + pc->Offset;
            f->Sp = sp;
            f->Gas = gas + (uint)pc->Argument;
            return f;

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

    /// <summary>SWAP2 SWAP1: the top word goes below the two beneath it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rotate(UInt256* sp)
    {
        (sp->U0, sp[-1].U0, sp[-2].U0) = (sp[-1].U0, sp[-2].U0, sp->U0);
        (sp->U1, sp[-1].U1, sp[-2].U1) = (sp[-1].U1, sp[-2].U1, sp->U1);
        (sp->U2, sp[-1].U2, sp[-2].U2) = (sp[-1].U2, sp[-2].U2, sp->U2);
        (sp->U3, sp[-1].U3, sp[-2].U3) = (sp[-1].U3, sp[-2].U3, sp->U3);
    }
}
