using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler.Tests;

/// <summary>Counts steps.</summary>
internal sealed class StepCounter : ITracer
{
    public int Steps { get; private set; }

    public bool WantsSteps => true;

    public void EnterFrame(in FrameEntry frame)
    {
    }

    public void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output)
    {
    }

    public void Step(in TraceStep step) => Steps++;

    public void StepEnd(long gasCost, Halt? halt)
    {
    }

    public void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data)
    {
    }
}
