using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Bounds the memory that the tracers of one request may fill together, and the time that each transaction may take.</summary>
/// <param name="timeout">The most time; zero sets no limit.</param>
/// <param name="maxBytes">The most memory.</param>
internal sealed class TraceBudget(TimeSpan timeout = default, long maxBytes = TraceBudget.DefaultBytes)
{
    /// <summary>Half a gigabyte: some hundred thousand instructions with their stacks.</summary>
    public const long DefaultBytes = 512L * 1024 * 1024;

    private long _left = maxBytes;

    /// <summary>Whether a tracer asked for more than there was. Its result is then incomplete.</summary>
    public bool IsExhausted => _left < 0;

    /// <summary>Takes some; false when there is not enough.</summary>
    public bool TryTake(long bytes)
    {
        if (_left >= 0) _left -= bytes;
        return _left >= 0;
    }

    /// <summary>A tracer that ends the execution when its time is up or the memory full, and else does what <paramref name="tracer"/> does.</summary>
    public ITracer Guard(TransactionTracer tracer) => new Guarded(this, tracer, new CallDeadline(timeout, ulong.MaxValue));

    private sealed class Guarded(TraceBudget budget, TransactionTracer tracer, CallDeadline deadline) : ITracer
    {
        private readonly bool _wantsSteps = tracer.WantsSteps;

        public bool WantsSteps => _wantsSteps;

        public void EnterFrame(in FrameEntry frame)
        {
            deadline.Check();
            budget.Check();
            tracer.EnterFrame(frame);
        }

        public void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output) => tracer.ExitFrame(halt, gasUsed, output);

        public void Step(in TraceStep step)
        {
            deadline.CheckSometimes();
            budget.Check();
            tracer.Step(step);
        }

        public void StepEnd(long gasCost, Halt? halt) => tracer.StepEnd(gasCost, halt);

        public void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data) => tracer.Log(address, topics, data);
    }

    /// <exception cref="RpcException">The budget was not enough.</exception>
    public void Check()
    {
        if (IsExhausted) throw RpcException.Refused("the trace is too large: ask for one transaction, leave out memory, stack or storage, set a limit, or use callTracer");
    }
}
