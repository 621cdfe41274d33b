using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The tree of calls.</summary>
internal sealed class CallTracer(TraceOptions options, TraceBudget budget) : TransactionTracer
{
    private sealed class Frame
    {
        public required CallKind Kind { get; init; }
        public required Address From { get; init; }
        public required Address? To { get; set; }
        public required UInt256 Value { get; init; }
        public required byte[] Input { get; init; }
        public required ulong Gas { get; set; }
        public ulong GasUsed { get; set; }
        public byte[] Output { get; set; } = [];
        public Halt Halt { get; set; }
        public List<Frame> Calls { get; } = [];
        public List<(LogEntry Log, int Position, int Index)> Logs { get; } = [];
    }

    private const int FrameBytes = 300;

    private readonly Stack<Frame> _open = new();
    private Frame? _top;
    private Transaction? _transaction;
    private Address _sender;
    private int _skipped;
    private int _logs;

    public override void Begin(Transaction transaction, in Address sender, in Address feeRecipient)
    {
        _transaction = transaction;
        _sender = sender;
    }

    public override void EnterFrame(in FrameEntry frame)
    {
        if ((options.OnlyTopCall || !budget.TryTake(FrameBytes + frame.Input.Length)) && frame.Depth > 0)
        {
            _skipped++;
            return;
        }

        var entered = new Frame { Kind = frame.Kind, From = frame.From, To = frame.To, Value = frame.Value, Input = frame.Input.ToArray(), Gas = (ulong)frame.Gas };
        if (_open.TryPeek(out Frame? parent)) parent.Calls.Add(entered);
        else _top = entered;
        _open.Push(entered);
    }

    public override void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output)
    {
        if (_skipped > 0)
        {
            _skipped--;
            return;
        }

        Frame frame = _open.Pop();
        frame.GasUsed = (ulong)gasUsed;
        frame.Halt = halt;
        if ((halt.IsSuccess() || halt == Halt.Revert) && budget.TryTake(output.Length)) frame.Output = output.ToArray();
        if (halt.IsSuccess()) return;
        Forget(frame); // what a failed frame logged never happened
        if (frame.Kind is CallKind.Create or CallKind.Create2) frame.To = null;
    }

    private static void Forget(Frame frame)
    {
        frame.Logs.Clear();
        foreach (Frame call in frame.Calls) Forget(call);
    }

    public override void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data)
    {
        if (!options.WithLog || (options.OnlyTopCall && _skipped > 0)) return;
        if (!budget.TryTake(FrameBytes + data.Length)) return;
        Frame frame = _open.Peek();
        frame.Logs.Add((new LogEntry(address, topics.ToArray(), data.ToArray()), frame.Calls.Count, _logs++));
    }

    public override void End(in TransactionOutcome outcome, Journal journal)
    {
        // a deposit that could not begin has no frame
        _top ??= new Frame
        {
            Kind = _transaction!.To is null ? CallKind.Create : CallKind.Call,
            From = _sender,
            To = _transaction.To,
            Value = _transaction.Value,
            Input = _transaction.Data.ToArray(),
            Gas = _transaction.GasLimit,
            Halt = outcome.Halt,
        };
        _top.Gas = _transaction!.GasLimit;
        _top.GasUsed = outcome.GasUsed;
    }

    public override void Write(Utf8JsonWriter json)
    {
        if (_top is null) json.WriteNullValue();
        else Write(json, _top);
    }

    private static void Write(Utf8JsonWriter json, Frame frame)
    {
        json.WriteStartObject();
        json.WriteAddress("from"u8, frame.From);
        json.WriteQuantity("gas"u8, frame.Gas);
        json.WriteQuantity("gasUsed"u8, frame.GasUsed);
        if (frame.To is { } to) json.WriteAddress("to"u8, to);
        json.WriteData("input"u8, frame.Input);
        if (frame.Output.Length > 0) json.WriteData("output"u8, frame.Output);
        if (!frame.Halt.IsSuccess())
        {
            json.WriteString("error"u8, HaltText.Of(frame.Halt));
            if (frame.Halt == Halt.Revert && RevertReason.Decode(frame.Output) is { } reason) json.WriteString("revertReason"u8, reason);
        }

        if (frame.Calls.Count > 0)
        {
            json.WriteStartArray("calls"u8);
            foreach (Frame call in frame.Calls) Write(json, call);
            json.WriteEndArray();
        }

        if (frame.Logs.Count > 0) WriteLogs(json, frame);
        if (frame.Kind != CallKind.StaticCall) json.WriteQuantity("value"u8, frame.Value);
        json.WriteString("type"u8, frame.Kind.ToString().ToUpperInvariant());
        json.WriteEndObject();
    }

    private static void WriteLogs(Utf8JsonWriter json, Frame frame)
    {
        json.WriteStartArray("logs"u8);
        foreach ((LogEntry log, int position, int index) in frame.Logs)
        {
            json.WriteStartObject();
            json.WriteAddress("address"u8, log.Address);
            json.WriteStartArray("topics"u8);
            foreach (Hash256 topic in log.Topics) json.WriteHashValue(topic);
            json.WriteEndArray();
            json.WriteData("data"u8, log.Data);
            json.WriteQuantity("index"u8, (ulong)index);
            json.WriteQuantity("position"u8, (ulong)position);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
