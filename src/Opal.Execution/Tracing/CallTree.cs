using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>A frame that was seen, with those it called.</summary>
internal sealed class CallNode
{
    public required CallKind Kind { get; init; }
    public required Address From { get; init; }
    /// <summary>Null for a creation that failed.</summary>
    public required Address? To { get; set; }
    public required UInt256 Value { get; init; }
    public required byte[] Input { get; init; }
    /// <summary>Given to the frame; of the top one, what intrinsic gas left of the transaction's.</summary>
    public required ulong Gas { get; init; }
    public bool IsPrecompile { get; init; }
    public ulong GasUsed { get; set; }
    public byte[] Output { get; set; } = [];
    public Halt Halt { get; set; }
    public List<CallNode> Calls { get; } = [];
    public List<(LogEntry Log, int Position, int Index)> Logs { get; } = [];

    public bool IsCreation => Kind is CallKind.Create or CallKind.Create2;
}

/// <summary>Collects the tree of calls of one transaction.</summary>
/// <param name="onlyTop">Whether inner calls are left out.</param>
/// <param name="withLogs">Whether logs are kept.</param>
/// <param name="budget">Bounds what is kept.</param>
internal sealed class CallTree(bool onlyTop, bool withLogs, TraceBudget budget)
{
    private const int NodeBytes = 300;

    private readonly Stack<CallNode> _open = new();
    private int _skipped;
    private int _logs;

    /// <summary>The transaction's own call; null before it began.</summary>
    public CallNode? Top { get; private set; }

    public void Enter(in FrameEntry frame)
    {
        if ((onlyTop || !budget.TryTake(NodeBytes + frame.Input.Length)) && frame.Depth > 0)
        {
            _skipped++;
            return;
        }

        var entered = new CallNode
        {
            Kind = frame.Kind, From = frame.From, To = frame.To, Value = frame.Value, Input = frame.Input.ToArray(), Gas = (ulong)frame.Gas, IsPrecompile = frame.IsPrecompile,
        };
        if (_open.TryPeek(out CallNode? parent)) parent.Calls.Add(entered);
        else Top = entered;
        _open.Push(entered);
    }

    public void Exit(Halt halt, long gasUsed, ReadOnlySpan<byte> output)
    {
        if (_skipped > 0)
        {
            _skipped--;
            return;
        }

        CallNode frame = _open.Pop();
        frame.GasUsed = (ulong)gasUsed;
        frame.Halt = halt;
        if ((halt.IsSuccess() || halt == Halt.Revert) && budget.TryTake(output.Length)) frame.Output = output.ToArray();
        if (halt.IsSuccess()) return;
        Forget(frame); // what a failed frame logged never happened
        if (frame.IsCreation) frame.To = null;
    }

    private static void Forget(CallNode frame)
    {
        frame.Logs.Clear();
        foreach (CallNode call in frame.Calls) Forget(call);
    }

    public void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data)
    {
        if (!withLogs || (onlyTop && _skipped > 0) || !budget.TryTake(NodeBytes + data.Length)) return;
        CallNode frame = _open.Peek();
        frame.Logs.Add((new LogEntry(address, topics.ToArray(), data.ToArray()), frame.Calls.Count, _logs++));
    }

    /// <summary>The transaction ended; one that could not begin, as a deposit can be, gets a frame all the same.</summary>
    public CallNode End(Transaction transaction, in Address sender, in TransactionOutcome outcome) => Top ??= new CallNode
    {
        Kind = transaction.To is null ? CallKind.Create : CallKind.Call,
        From = sender,
        To = transaction.To,
        Value = transaction.Value,
        Input = transaction.Data.ToArray(),
        Gas = transaction.GasLimit,
        GasUsed = outcome.GasUsed,
        Halt = outcome.Halt,
    };
}
