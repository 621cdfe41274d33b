using Opal.Primitives;

namespace Opal.Evm;

/// <content>CREATE, CREATE2 and SELFDESTRUCT.</content>
public sealed unsafe partial class EvmMachine
{
    /// <summary>Carries out CREATE or CREATE2 up to the first instruction of the init code; the base gas is charged already.</summary>
    /// <returns>As <see cref="BeginCall"/>.</returns>
    private Frame* BeginCreation(Frame* frame, CallKind kind, UInt256* sp, long gas)
    {
        unchecked
        {
            // value, offset, length, [salt]
            if (frame->IsStatic)
            {
                Fail(Halt.WriteProtection);
                return null;
            }

            gas = ExpandRange(frame, sp - 1, sp - 2, gas);
            if (gas < 0) return null;
            ulong length = sp[-2].U0;
            if (length > (ulong)Rules.MaxInitCodeSize)
            {
                Fail(Halt.InitCodeTooLarge);
                return null;
            }

            long wordGas = Rules.InitCodeWordGas + (kind == CallKind.Create2 ? GasCost.KeccakWord : 0);
            gas -= wordGas * (long)((length + 31) >> 5);
            if (gas < 0) return null;

            long forwarded = gas - (gas >> 6);
            gas -= forwarded;
            CloseStep(gas);
            UInt256 value = *sp;
            var initCode = new ReadOnlySpan<byte>(frame->Memory + (length == 0 ? 0 : sp[-1].U0), (int)length);
            UInt256 salt = kind == CallKind.Create2 ? sp[-3] : default;
            frame->Sp = sp - (kind == CallKind.Create2 ? 3 : 2);
            frame->Gas = gas;
            frame->ReturnLength = 0;

            int self = frame->SelfNumber;
            ulong nonce = Journal.Load(self).Nonce;
            Address address = kind == CallKind.Create2
                ? ContractAddress.OfCreate2(frame->Self, salt, initCode)
                : ContractAddress.OfCreate(frame->Self, nonce);
            if (Tracer is not null) ReportEntry(frame, kind, address, value, forwarded, initCode, isPrecompile: false);

            if (frame->Depth >= MaxDepth) return EndCreation(frame, Halt.CallDepth, forwarded, forwarded);
            if (UInt256.Less(Journal.Load(self).Balance, value)) return EndCreation(frame, Halt.InsufficientBalance, forwarded, forwarded);
            if (nonce == ulong.MaxValue) return EndCreation(frame, Halt.NonceOverflow, forwarded, forwarded);
            Journal.SetNonce(self, nonce + 1);
            int number = Journal.NumberOf(address);
            Journal.Warm(number);
            if (!Journal.IsFree(number)) return EndCreation(frame, Halt.CreateCollision, forwarded, 0);

            JournalCheckpoint checkpoint = Journal.Checkpoint();
            Journal.MarkCreated(number);
            Journal.SetNonce(number, 1);
            Transfer(self, number, value);
            Frame* created = Push(InitCode(frame->Depth + 1, initCode), frame->Sp + 1, frame->Memory + frame->MemorySize);
            created->Input = created->Memory;
            created->Self = address;
            created->SelfNumber = number;
            created->Caller = frame->Self;
            created->Value = value;
            created->Kind = kind;
            created->IsStatic = false;
            created->Checkpoint = checkpoint;
            created->Gas = forwarded;
            created->GasAtEntry = forwarded;
            return created;
        }
    }

    private Frame* EndCreation(Frame* frame, Halt halt, long gas, long gasLeft)
    {
        Tracer?.ExitFrame(halt, unchecked(gas - gasLeft), default);
        frame->Gas = unchecked(frame->Gas + gasLeft);
        *frame->Sp = default;
        return frame;
    }

    /// <summary>SELFDESTRUCT with the base gas charged already.</summary>
    /// <returns>Gas left, negative when it fails.</returns>
    private long Destruct(Frame* frame, UInt256* sp, long gas)
    {
        if (frame->IsStatic) return Fail(Halt.WriteProtection);
        Address beneficiary = Address.FromUInt256(*sp);
        int to = Journal.NumberOf(beneficiary), self = frame->SelfNumber;
        if (Journal.Warm(to)) gas -= GasCost.ColdAccount;
        if (gas < 0) return gas;
        UInt256 balance = Journal.Load(self).Balance;
        if (!balance.IsZero && Journal.Load(to).IsEmpty) gas -= GasCost.NewAccount;
        if (gas < 0) return gas;
        CloseStep(gas);
        if (Tracer is not null)
        {
            ReportEntry(frame, CallKind.SelfDestruct, beneficiary, balance, 0, default, isPrecompile: false);
            Tracer.ExitFrame(Halt.Stop, 0, default);
        }

        Journal.SubBalance(self, balance);
        Journal.AddBalance(to, balance);
        if (Rules.DestroysOnlyNewContracts && !Journal.IsCreatedHere(self)) return gas;
        if (to == self) Journal.SubBalance(self, balance);
        Journal.MarkDestructed(self);
        return gas;
    }
}
