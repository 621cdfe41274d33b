using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Watches one transaction and writes what it saw.</summary>
internal abstract class TransactionTracer : ITracer
{
    /// <summary>Where the transaction is; null for a call that is in no block.</summary>
    public FlatPlace? Place { get; set; }

    /// <summary>Recovers who signed authorizations; set before <see cref="Begin"/>.</summary>
    public ICrypto? Crypto { get; set; }

    /// <inheritdoc/>
    public virtual bool WantsSteps => false;

    /// <summary>Whether <see cref="SeeBefore"/> must be called, in a second run, with the state before the transaction.</summary>
    public virtual bool NeedsStateBefore => false;

    /// <inheritdoc/>
    public virtual void EnterFrame(in FrameEntry frame) { }

    /// <inheritdoc/>
    public virtual void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output) { }

    /// <inheritdoc/>
    public virtual void Step(in TraceStep step) { }

    /// <inheritdoc/>
    public virtual void StepEnd(long gasCost, Halt? halt) { }

    /// <inheritdoc/>
    public virtual void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data) { }

    /// <summary>The transaction begins.</summary>
    public virtual void Begin(Transaction transaction, in Address sender, in Address feeRecipient) { }

    /// <summary>The transaction ended; the journal has the state after it.</summary>
    public virtual void End(in TransactionOutcome outcome, Journal journal) { }

    /// <summary>The state before the transaction, once it is known what was touched.</summary>
    public virtual void SeeBefore(Journal journal) { }

    /// <summary>Writes the result: one JSON value.</summary>
    public abstract void Write(Utf8JsonWriter json);

    /// <summary>A tracer by the name a request gives; what it keeps is taken from the budget.</summary>
    /// <exception cref="RpcException">There is none of that name.</exception>
    public static TransactionTracer Create(TraceOptions options, TraceBudget budget) => options.Tracer switch
    {
        null or "" or "structLogger" => new StructLogTracer(options, budget),
        "callTracer" => new CallTracer(options, budget),
        "flatCallTracer" => new FlatCallTracer(options, budget),
        "prestateTracer" => new PrestateTracer(options),
        "4byteTracer" => new FourByteTracer(),
        "noopTracer" => new NoopTracer(),
        "muxTracer" => new MuxTracer(options, budget),
        _ => throw RpcException.Refused($"tracer {options.Tracer} is not known; there are callTracer, flatCallTracer, prestateTracer, 4byteTracer, noopTracer and muxTracer"),
    };
}
