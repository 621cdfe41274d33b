using Opal.Primitives;

namespace Opal.Evm;

/// <summary>Observes execution, synchronously. With no tracer attached the engine runs code that does not know of tracing.</summary>
/// <remarks>Spans and views are valid during the call only. A tracer must not touch the machine.</remarks>
public interface ITracer
{
    /// <summary>Whether <see cref="Step"/> and <see cref="StepEnd"/> are wanted.</summary>
    bool WantsSteps { get; }

    /// <summary>A frame begins: the top-level message (depth 0), a call, a creation, a call of a precompile or of an account without code; also a
    /// SELFDESTRUCT, which shows as a frame of kind <see cref="CallKind.SelfDestruct"/> that moves the balance and ends at once.</summary>
    void EnterFrame(in FrameEntry frame);

    /// <summary>The innermost frame ends. <paramref name="gasUsed"/> includes what an exceptional halt consumed.</summary>
    void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output);

    /// <summary>An instruction is about to be executed; nothing is charged yet.</summary>
    void Step(in TraceStep step);

    /// <summary>The last instruction's cost: gas forwarded to a callee counts, its stipend does not. A call reports it before the callee's frame is entered.
    /// <paramref name="halt"/> is null unless the instruction ended the frame by failing.</summary>
    void StepEnd(long gasCost, Halt? halt);

    /// <summary>A LOG instruction was executed; undone with its frame like any change.</summary>
    void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data);
}
