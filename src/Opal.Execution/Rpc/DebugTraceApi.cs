using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The part of the <c>debug</c> namespace that traces.</summary>
public sealed class DebugTraceApi(Blockchain chain, BlockSelector blocks, ulong gasCap)
{
    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("debug_traceTransaction", TraceTransaction);
        registry.Register("debug_traceBlockByNumber", TraceBlockByNumber);
        registry.Register("debug_traceBlockByHash", TraceBlockByHash);
        registry.Register("debug_traceCall", TraceCall);
    }

    private static TraceOptions OptionsOf(RpcParams parameters, int index) => parameters.GetOrNull(index, TraceOptions.Read) ?? TraceOptions.Default;

    private RpcResult TraceTransaction(RpcParams parameters)
    {
        Hash256 hash = parameters.GetHash(0);
        if (!chain.TryFindTransaction(hash, out TransactionLocation location)) return RpcResult.Fail(RpcErrorCode.ServerError, "transaction not found");
        TransactionTracer tracer = BlockTracing.Trace(chain, location.Block, OptionsOf(parameters, 1), location.Index)[location.Index]!;
        return RpcResult.Json(tracer.Write);
    }

    private RpcResult TraceBlockByNumber(RpcParams parameters)
    {
        BlockParameter parameter = parameters.GetBlock(0);
        return TraceBlock(blocks.Find(parameter) ?? throw RpcException.Refused($"block #{parameter} not found"), parameters);
    }

    private RpcResult TraceBlockByHash(RpcParams parameters)
    {
        Hash256 hash = parameters.GetHash(0);
        return TraceBlock(chain.Find(hash) ?? throw RpcException.Refused($"block {hash} not found"), parameters);
    }

    private static RpcResult GenesisNotTraceable() => RpcResult.Fail(RpcErrorCode.ServerError, "genesis is not traceable");

    private RpcResult TraceBlock(ExecutedBlock block, RpcParams parameters)
    {
        if (block.Number == chain.Genesis.Number) return GenesisNotTraceable();
        TransactionTracer?[] tracers = BlockTracing.Trace(chain, block, OptionsOf(parameters, 1), only: null);
        return RpcResult.Json(json =>
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
        });
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

        var budget = new TraceBudget();
        TransactionTracer tracer = TransactionTracer.Create(options, budget);
        Transaction message = new CallSimulator(chain).ToTransaction(scene, arguments, gas);
        tracer.Begin(message, arguments.From, overrides?.Coinbase ?? scene.Header.Beneficiary);
        using ExecutorLease lease = chain.RentExecutor();
        TransactionOutcome outcome = lease.Executor.Call(scene.Header, message, state, overrides, tracer);
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
