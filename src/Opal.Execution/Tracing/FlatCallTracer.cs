using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The calls as a flat list.</summary>
internal sealed class FlatCallTracer(TraceOptions options, TraceBudget budget) : TransactionTracer
{
    private readonly CallTree _tree = new(onlyTop: false, withLogs: false, budget);
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

    public override void End(in TransactionOutcome outcome, Journal journal)
    {
        _tree.End(_transaction!, _sender, outcome);
        _gasUsed = outcome.GasUsed;
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartArray();
        if (_tree.Top is { } top)
        {
            foreach (FlatTrace trace in FlatTraces.Of(top, options.IncludePrecompiles))
            {
                bool isTop = trace.Address.Length == 0;
                FlatTraces.Write(json, trace, Place, options.ConvertParityErrors, isTop ? _transaction!.GasLimit : null, isTop ? _gasUsed : null);
            }
        }

        json.WriteEndArray();
    }
}
