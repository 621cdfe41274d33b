using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Which parts a replay shows.</summary>
[Flags]
internal enum ReplayParts
{
    None = 0,
    Trace = 1,
    VmTrace = 2,
    StateDiff = 4,
}

/// <summary>What the <c>trace</c> namespace tells of one transaction.</summary>
internal sealed class ReplayTracer(ReplayParts parts, TraceBudget budget) : TransactionTracer
{
    private readonly CallTree _tree = new(onlyTop: false, withLogs: false, budget);
    private readonly VmTracer? _machine = (parts & ReplayParts.VmTrace) != 0 ? new VmTracer(budget) : null;
    private readonly StateDiffTracer? _diff = (parts & ReplayParts.StateDiff) != 0 ? new StateDiffTracer() : null;
    private Transaction? _transaction;
    private Address _sender;
    private byte[] _output = [];

    /// <summary>The calls, flat.</summary>
    public List<FlatTrace> Traces => _tree.Top is { } top ? FlatTraces.Of(top, includePrecompiles: false) : [];

    public override bool WantsSteps => _machine is not null || _diff is not null;

    public override bool NeedsStateBefore => WantsSteps;

    public override void Begin(Transaction transaction, in Address sender, in Address feeRecipient)
    {
        _transaction = transaction;
        _sender = sender;
        if (_diff is null) return;
        _diff.Crypto = Crypto;
        _diff.Begin(transaction, sender, feeRecipient);
    }

    public override void EnterFrame(in FrameEntry frame)
    {
        _tree.Enter(frame);
        _machine?.EnterFrame(frame);
        _diff?.EnterFrame(frame);
    }

    public override void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output)
    {
        _tree.Exit(halt, gasUsed, output);
        _machine?.ExitFrame(halt, gasUsed, output);
    }

    public override void Step(in TraceStep step)
    {
        _machine?.Step(step);
        _diff?.Step(step);
    }

    public override void StepEnd(long gasCost, Halt? halt) => _machine?.StepEnd(gasCost, halt);

    public override void End(in TransactionOutcome outcome, Journal journal)
    {
        _tree.End(_transaction!, _sender, outcome);
        _output = outcome.Output.ToArray();
        _diff?.End(outcome, journal);
    }

    public override void SeeBefore(Journal journal)
    {
        _machine?.SeeBefore(journal);
        _diff?.SeeBefore(journal);
    }

    public override void Write(Utf8JsonWriter json) => Write(json, null);

    /// <summary>Writes the replay; with the transaction's hash where it is one of a block's.</summary>
    public void Write(Utf8JsonWriter json, Hash256? transactionHash)
    {
        json.WriteStartObject();
        json.WriteData("output"u8, _output);
        json.WritePropertyName("stateDiff"u8);
        if (_diff is not null) _diff.Write(json);
        else json.WriteNullValue();
        json.WriteStartArray("trace"u8);
        if ((parts & ReplayParts.Trace) != 0)
        {
            foreach (FlatTrace trace in Traces) FlatTraces.Write(json, trace, null, parityErrors: true);
        }

        json.WriteEndArray();
        if (transactionHash is { } hash) json.WriteHash("transactionHash"u8, hash);
        json.WritePropertyName("vmTrace"u8);
        if (_machine is not null) _machine.Write(json);
        else json.WriteNullValue();
        json.WriteEndObject();
    }
}
