using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Runs several tracers at once; the result has one field for each.</summary>
internal sealed class MuxTracer(TraceOptions options, TraceBudget budget) : TransactionTracer
{
    private readonly (string Name, TransactionTracer Tracer)[] _parts = [.. options.Mux.Select(part => (part.Name, Create(part.Options, budget)))];

    public override bool WantsSteps => Array.Exists(_parts, static part => part.Tracer.WantsSteps);

    public override bool NeedsStateBefore => Array.Exists(_parts, static part => part.Tracer.NeedsStateBefore);

    public override void EnterFrame(in FrameEntry frame)
    {
        foreach ((_, TransactionTracer tracer) in _parts) tracer.EnterFrame(frame);
    }

    public override void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output)
    {
        foreach ((_, TransactionTracer tracer) in _parts) tracer.ExitFrame(halt, gasUsed, output);
    }

    public override void Step(in TraceStep step)
    {
        foreach ((_, TransactionTracer tracer) in _parts)
        {
            if (tracer.WantsSteps) tracer.Step(step);
        }
    }

    public override void StepEnd(long gasCost, Halt? halt)
    {
        foreach ((_, TransactionTracer tracer) in _parts)
        {
            if (tracer.WantsSteps) tracer.StepEnd(gasCost, halt);
        }
    }

    public override void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data)
    {
        foreach ((_, TransactionTracer tracer) in _parts) tracer.Log(address, topics, data);
    }

    public override void Begin(Transaction transaction, in Address sender, in Address feeRecipient)
    {
        foreach ((_, TransactionTracer tracer) in _parts)
        {
            (tracer.Place, tracer.Crypto) = (Place, Crypto);
            tracer.Begin(transaction, sender, feeRecipient);
        }
    }

    public override void End(in TransactionOutcome outcome, Journal journal)
    {
        foreach ((_, TransactionTracer tracer) in _parts) tracer.End(outcome, journal);
    }

    public override void SeeBefore(Journal journal)
    {
        foreach ((_, TransactionTracer tracer) in _parts) tracer.SeeBefore(journal);
    }

    public override void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        foreach ((string name, TransactionTracer tracer) in _parts)
        {
            json.WritePropertyName(name);
            tracer.Write(json);
        }

        json.WriteEndObject();
    }
}
