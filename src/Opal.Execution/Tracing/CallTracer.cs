using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The tree of calls.</summary>
internal sealed class CallTracer(TraceOptions options, TraceBudget budget) : TransactionTracer
{
    private readonly CallTree _tree = new(options.OnlyTopCall, options.WithLog, budget);
    private Transaction? _transaction;
    private Address _sender;
    private ulong _gasUsed;

    public override void Begin(Transaction transaction, in Address sender, in Address feeRecipient)
    {
        _transaction = transaction;
        _sender = sender;
    }

    public override void EnterFrame(in FrameEntry frame) => _tree.Enter(frame);

    public override void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output) => _tree.Exit(halt, gasUsed, output);

    public override void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data) => _tree.Log(address, topics, data);

    public override void End(in TransactionOutcome outcome, Journal journal)
    {
        _tree.End(_transaction!, _sender, outcome);
        _gasUsed = outcome.GasUsed;
    }

    public override void Write(Utf8JsonWriter json)
    {
        if (_tree.Top is { } top) Write(json, top, _transaction!.GasLimit, _gasUsed); // the top call is shown with the transaction's own gas
        else json.WriteNullValue();
    }

    private static void Write(Utf8JsonWriter json, CallNode frame, ulong gas, ulong gasUsed)
    {
        json.WriteStartObject();
        json.WriteAddress("from"u8, frame.From);
        json.WriteQuantity("gas"u8, gas);
        json.WriteQuantity("gasUsed"u8, gasUsed);
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
            foreach (CallNode call in frame.Calls) Write(json, call, call.Gas, call.GasUsed);
            json.WriteEndArray();
        }

        if (frame.Logs.Count > 0) WriteLogs(json, frame);
        if (frame.Kind != CallKind.StaticCall) json.WriteQuantity("value"u8, frame.Value);
        json.WriteString("type"u8, frame.Kind.ToString().ToUpperInvariant());
        json.WriteEndObject();
    }

    private static void WriteLogs(Utf8JsonWriter json, CallNode frame)
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
