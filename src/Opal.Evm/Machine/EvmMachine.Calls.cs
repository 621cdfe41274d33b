using Opal.Primitives;

namespace Opal.Evm;

/// <content>CALL, CALLCODE, DELEGATECALL, STATICCALL.</content>
public sealed unsafe partial class EvmMachine
{
    /// <summary>
    /// Carries out a call instruction up to the callee's first instruction, or to the end if there is none to run.
    /// The caller's Pc is saved already.
    /// </summary>
    /// <returns>The frame to continue with: the callee's, or the caller's own when the call is over. Null: the instruction failed.</returns>
    private Frame* BeginCall(Frame* frame, CallKind kind, UInt256* sp, long gas)
    {
        unchecked
        {
            // gas, to, [value], input offset, input length, output offset, output length
            bool namesValue = kind is CallKind.Call or CallKind.CallCode;
            UInt256* range = sp - (namesValue ? 3 : 2);
            bool transfers = namesValue && !sp[-2].IsZero;
            if (transfers && frame->IsStatic && kind == CallKind.Call)
            {
                Fail(Halt.WriteProtection);
                return null;
            }

            gas = ExpandRange(frame, range, range - 1, gas);
            if (gas < 0) return null;
            gas = ExpandRange(frame, range - 2, range - 3, gas);
            if (gas < 0) return null;

            Address to = Address.FromUInt256(sp[-1]);
            int toNumber = Journal.NumberOf(to);
            gas -= Journal.Warm(toNumber) ? GasCost.ColdAccount : GasCost.WarmAccess;
            if (gas < 0) return null;
            if (transfers)
            {
                gas -= GasCost.CallValue;
                if (kind == CallKind.Call && Journal.Load(toNumber).IsEmpty) gas -= GasCost.NewAccount;
                if (gas < 0) return null;
            }

            bool isPrecompile = Journal.IsPrecompile(toNumber);
            Bytecode? code = null;
            if (Rules.HasDelegation && !isPrecompile)
            {
                code = Journal.CodeOf(toNumber);
                if (code.Length == Delegation.Length && Delegation.TryParse(code.Span, out Address target))
                {
                    int targetNumber = Journal.NumberOf(target);
                    gas -= Journal.Warm(targetNumber) ? GasCost.ColdAccount : GasCost.WarmAccess;
                    if (gas < 0) return null;
                    code = Journal.IsPrecompile(targetNumber) ? Bytecode.Empty : Journal.CodeOf(targetNumber);
                }
            }

            long forwarded = gas - (gas >> 6);
            if (sp->IsUInt64 && sp->U0 < (ulong)forwarded) forwarded = (long)sp->U0;
            gas -= forwarded;
            CloseStep(gas);
            if (transfers) forwarded += GasCost.CallStipend;

            byte* input = frame->Memory + (range[-1].U0 == 0 ? 0 : range[0].U0);
            int inputLength = (int)range[-1].U0;
            ulong outputOffset = range[-2].U0, outputLength = range[-3].U0;
            UInt256 value = namesValue ? sp[-2] : kind == CallKind.DelegateCall ? frame->Value : default;
            frame->Sp = range - 3;
            frame->Gas = gas;
            frame->ReturnLength = 0;
            if (Tracer is not null) ReportEntry(frame, kind, to, value, forwarded, new ReadOnlySpan<byte>(input, inputLength), isPrecompile);

            if (frame->Depth >= MaxDepth) return EndCall(frame, Halt.CallDepth, forwarded, forwarded);
            if (transfers && UInt256.Less(Journal.Load(frame->SelfNumber).Balance, value))
            {
                return EndCall(frame, Halt.InsufficientBalance, forwarded, forwarded);
            }

            JournalCheckpoint checkpoint = Journal.Checkpoint();
            if (kind == CallKind.Call) Transfer(frame->SelfNumber, toNumber, value);
            else if (kind == CallKind.StaticCall) Journal.Touch(toNumber);

            if (isPrecompile)
            {
                long gasLeft = forwarded;
                Halt halt = RunPrecompile(Rules.Precompiles.Find(to)!, new ReadOnlySpan<byte>(input, inputLength), ref gasLeft);
                if (!halt.IsSuccess()) Journal.RevertTo(checkpoint);
                CopyOutput(frame, outputOffset, outputLength);
                frame->ReturnLength = _returnData.Length;
                return EndCall(frame, halt, forwarded, gasLeft);
            }

            code ??= Journal.CodeOf(toNumber);
            if (code.Length == 0) return EndCall(frame, Halt.Stop, forwarded, forwarded);

            Frame* callee = Push(code, frame->Sp + 1, frame->Memory + frame->MemorySize);
            callee->Input = input;
            callee->InputLength = inputLength;
            callee->OutputOffset = outputOffset;
            callee->OutputLength = outputLength;
            callee->Kind = kind;
            callee->Checkpoint = checkpoint;
            callee->Gas = forwarded;
            callee->GasAtEntry = forwarded;
            callee->Value = value;
            if (kind is CallKind.Call or CallKind.StaticCall)
            {
                callee->Self = to;
                callee->SelfNumber = toNumber;
                callee->Caller = frame->Self;
                callee->IsStatic = frame->IsStatic || kind == CallKind.StaticCall;
            }
            else
            {
                callee->Self = frame->Self;
                callee->SelfNumber = frame->SelfNumber;
                callee->Caller = kind == CallKind.DelegateCall ? frame->Caller : frame->Self;
                callee->IsStatic = frame->IsStatic;
            }

            return callee;
        }
    }

    /// <summary>A call that is over without a frame of its own: the caller gets the result and the gas left.</summary>
    private Frame* EndCall(Frame* frame, Halt halt, long gas, long gasLeft)
    {
        unchecked
        {
            Tracer?.ExitFrame(halt, gas - gasLeft, _returnData.Span[..frame->ReturnLength]);
            frame->Gas += gasLeft;
            *frame->Sp = halt.IsSuccess() ? UInt256.One : default;
            return frame;
        }
    }
}
