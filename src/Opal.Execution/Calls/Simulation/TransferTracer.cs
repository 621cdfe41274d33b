using Opal.Evm;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Numbers the logs of a simulated block; those that a failed frame made keep their numbers.</summary>
internal sealed class LogCounter
{
    public ulong Next { get; set; }
}

/// <summary>Collects the logs of a simulated transaction, and where asked for a log for each move of ether, in order; what a failed frame logged is dropped.</summary>
internal sealed class TransferTracer(bool traceTransfers, CallDeadline deadline, LogCounter counter) : ITracer
{
    private static readonly Address Source = Address.Parse("0xeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeeee");
    private static readonly Hash256 Topic = Hash256.Parse("0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef");

    private readonly Stack<int> _open = new();

    /// <summary>The logs so far.</summary>
    public List<(LogEntry Log, ulong Index)> Logs { get; } = [];

    /// <inheritdoc/>
    public bool WantsSteps => deadline.NeedsSteps;

    /// <inheritdoc/>
    public void EnterFrame(in FrameEntry frame)
    {
        deadline.Check();
        _open.Push(Logs.Count);
        if (!traceTransfers || frame.Kind == CallKind.DelegateCall || frame.Value.IsZero) return;
        Logs.Add((new LogEntry(Source, [Topic, Word(frame.From), Word(frame.To)], frame.Value.ToBigEndianArray()), counter.Next++));
    }

    private static Hash256 Word(in Address address)
    {
        Span<byte> word = stackalloc byte[32];
        word.Clear();
        address.CopyTo(word[12..]);
        return new Hash256(word);
    }

    /// <inheritdoc/>
    public void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output)
    {
        int before = _open.Pop();
        if (!halt.IsSuccess()) Logs.RemoveRange(before, Logs.Count - before);
    }

    /// <inheritdoc/>
    public void Step(in TraceStep step) => deadline.CheckSometimes();

    /// <inheritdoc/>
    public void StepEnd(long gasCost, Halt? halt) { }

    /// <inheritdoc/>
    public void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data) => Logs.Add((new LogEntry(address, topics.ToArray(), data.ToArray()), counter.Next++));
}
