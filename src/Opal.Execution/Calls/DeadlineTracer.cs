using Opal.Evm;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Ends an execution whose time is up.</summary>
internal sealed class DeadlineTracer(CallDeadline deadline) : ITracer
{
    /// <inheritdoc/>
    public bool WantsSteps => deadline.NeedsSteps;

    /// <inheritdoc/>
    public void EnterFrame(in FrameEntry frame) => deadline.Check();

    /// <inheritdoc/>
    public void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output) { }

    /// <inheritdoc/>
    public void Step(in TraceStep step) => deadline.CheckSometimes();

    /// <inheritdoc/>
    public void StepEnd(long gasCost, Halt? halt) { }

    /// <inheritdoc/>
    public void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data) { }
}
