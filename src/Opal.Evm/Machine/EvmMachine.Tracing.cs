using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <content>Reporting steps.</content>
public sealed unsafe partial class EvmMachine
{
    private bool _stepOpen;    // a step was reported, its cost was not
    private long _stepGas;     // gas before that step

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReportStep(Frame* frame, byte* pc, UInt256* sp, long gas)
    {
        CloseStep(gas);
        _stepOpen = true;
        _stepGas = gas;
        Tracer!.Step(new TraceStep
        {
            Pc = (int)(pc - frame->Code),
            Op = *pc,
            Gas = gas,
            Depth = frame->Depth,
            Refund = Journal.Refund,
            Self = frame->Self,
            Stack = new ReadOnlySpan<UInt256>(frame->Stack, (int)(sp - frame->Stack) + 1),
            Memory = new ReadOnlySpan<byte>(frame->Memory, (int)frame->MemorySize),
            ReturnData = _returnData.Span[..frame->ReturnLength],
        });
    }

    /// <summary>Reports what the open step cost, if there is one.</summary>
    private void CloseStep(long gas)
    {
        if (_stepOpen) CloseOpenStep(gas, null);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void CloseOpenStep(long gas, Halt? failure)
    {
        _stepOpen = false;
        Tracer!.StepEnd(_stepGas - gas, failure);
    }

    /// <summary>Reports the frame that a frame's instruction enters. Apart from its callers, so that they need no room for the report.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ReportEntry(Frame* frame, CallKind kind, in Address to, in UInt256 value, long gas, ReadOnlySpan<byte> input, bool isPrecompile) =>
        Tracer!.EnterFrame(new FrameEntry
        {
            Kind = kind, Depth = frame->Depth + 1, From = frame->Self, To = to, Value = value, Gas = gas, Input = input, IsPrecompile = isPrecompile,
        });
}
