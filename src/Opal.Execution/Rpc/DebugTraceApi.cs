using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The part of the <c>debug</c> namespace that traces.</summary>
/// <param name="chain">The chain.</param>
/// <param name="blocks">Finds blocks.</param>
/// <param name="gasCap">Most gas of a traced call; 0 sets no limit.</param>
/// <param name="timeout">Most time for one transaction, unless the request says otherwise.</param>
public sealed class DebugTraceApi(Blockchain chain, BlockSelector blocks, ulong gasCap, TimeSpan timeout)
{
    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("debug_traceTransaction", TraceTransaction);
        registry.Register("debug_traceBlockByNumber", TraceBlockByNumber);
        registry.Register("debug_traceBlockByHash", TraceBlockByHash);
        registry.Register("debug_traceBlock", TraceEncodedBlock);
        registry.Register("debug_traceCall", TraceCall);
    }

    private static TraceOptions OptionsOf(RpcParams parameters, int index) => parameters.GetOrNull(index, TraceOptions.Read) ?? TraceOptions.Default;

    private RpcResult TraceTransaction(RpcParams parameters)
    {
        Hash256 hash = parameters.GetHash(0);
        if (!chain.TryFindTransaction(hash, out TransactionLocation location)) return RpcResult.Fail(RpcErrorCode.ServerError, "transaction not found");
        TransactionTracer tracer = Trace(location.Block.Block, OptionsOf(parameters, 1), location.Index)[location.Index]!;
        return RpcResult.Json(tracer.Write);
    }

    private TransactionTracer?[] Trace(Block block, TraceOptions options, int? only) =>
        BlockTracing.Trace(chain, block, budget => TransactionTracer.Create(options, budget), only, options.Timeout ?? timeout);

    /// <summary>A block that the caller gives; its parent must be known here.</summary>
    private RpcResult TraceEncodedBlock(RpcParams parameters)
    {
        if (!Block.TryDecode(parameters.GetData(0), out Block? block)) return RpcResult.Fail(RpcErrorCode.ServerError, "could not decode block: invalid RLP");
        return TraceBlock(block!, parameters);
    }

    private RpcResult TraceBlockByNumber(RpcParams parameters)
    {
        BlockParameter parameter = parameters.GetBlock(0);
        return TraceBlock((blocks.Find(parameter) ?? throw RpcException.Refused($"block #{parameter} not found")).Block, parameters);
    }

    private RpcResult TraceBlockByHash(RpcParams parameters)
    {
        Hash256 hash = parameters.GetHash(0);
        return TraceBlock((chain.Find(hash) ?? throw RpcException.Refused($"block {hash} not found")).Block, parameters);
    }

    private RpcResult TraceBlock(Block block, RpcParams parameters)
    {
        TransactionTracer?[] tracers = Trace(block, OptionsOf(parameters, 1), only: null);
        return RpcResult.Json(json => WriteTraces(json, block, tracers));
    }

    internal static void WriteTraces(Utf8JsonWriter json, Block block, TransactionTracer?[] tracers)
    {
        json.WriteStartArray();
        for (int i = 0; i < tracers.Length; i++)
        {
            json.WriteStartObject();
            json.WriteHash("txHash"u8, block.Transactions[i].Hash);
            json.WritePropertyName("result"u8);
            tracers[i]!.Write(json);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private RpcResult TraceCall(RpcParams parameters)
    {
        CallArguments arguments = parameters.Get(0, CallArguments.Read);
        ChainState state = blocks.GetState(parameters.GetBlockOrLatest(1));
        TraceOptions options = OptionsOf(parameters, 2);
        Rules rules = chain.Spec.At(state.Block.Header);
        CallOverrides? overrides = parameters.GetOrNull(2, v => CallOverridesJson.Read(Field(v, "stateOverrides"), Field(v, "blockOverrides"), rules.Evm.Precompiles) ?? new CallOverrides());
        var scene = new CallScene(state, rules, overrides);
        ulong gas = arguments.Gas ?? Math.Max(gasCap, scene.GasLimit);
        if (gasCap != 0) gas = Math.Min(gas, gasCap);

        var budget = new TraceBudget(options.Timeout ?? timeout);
        TransactionTracer tracer = TransactionTracer.Create(options, budget);
        tracer.Crypto = chain.Crypto;
        Transaction message = new CallSimulator(chain).ToTransaction(scene, arguments, gas);
        tracer.Begin(message, arguments.From, overrides?.Coinbase ?? scene.Header.Beneficiary);
        using ExecutorLease lease = chain.RentExecutor();
        overrides = CallSimulator.OverridesFor(scene, message);
        TransactionOutcome outcome = lease.Executor.Call(scene.Header, message, state, overrides, budget.Guard(tracer));
        if (outcome.Verdict != TransactionVerdict.Valid) return RpcResult.Fail(RpcErrorCode.ServerError, Descriptions.Of(outcome.Verdict));
        tracer.End(outcome, lease.Executor.Journal);
        if (tracer.NeedsStateBefore)
        {
            lease.Executor.BeginCalls(scene.Header, state, overrides);
            tracer.SeeBefore(lease.Executor.Journal);
        }

        budget.Check();

        return RpcResult.Json(tracer.Write);
    }

    private static JsonValue? Field(JsonValue value, string name) => value.TryGet(name, out JsonValue found) ? found : null;
}
