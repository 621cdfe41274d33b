using System.Text.Json;
using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The <c>trace</c> namespace, as OpenEthereum made it and Erigon, Nethermind and reth answer it.</summary>
/// <param name="chain">The chain.</param>
/// <param name="blocks">Finds blocks.</param>
/// <param name="gasCap">Most gas of a call; 0 sets no limit.</param>
/// <param name="timeout">Most time for one transaction.</param>
public sealed class TraceApi(Blockchain chain, BlockSelector blocks, ulong gasCap, TimeSpan timeout)
{
    private const ulong MaxFilterBlocks = 1000;

    private readonly CallSimulator _simulator = new(chain);

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("trace_block", TraceBlock);
        registry.Register("trace_transaction", TraceTransaction);
        registry.Register("trace_get", Get);
        registry.Register("trace_filter", (parameters, _, cancellation) => ValueTask.FromResult(Filter(parameters, cancellation)));
        registry.Register("trace_replayTransaction", ReplayTransaction);
        registry.Register("trace_replayBlockTransactions", ReplayBlock);
        registry.Register("trace_call", Call);
        registry.Register("trace_callMany", CallMany);
        registry.Register("trace_rawTransaction", RawTransaction);
    }

    private ReplayTracer[] Replay(ExecutedBlock block, ReplayParts parts, int? only = null) =>
        [.. BlockTracing.Trace(chain, block.Block, budget => new ReplayTracer(parts, budget), only, timeout).OfType<ReplayTracer>()];

    private static ReplayParts ReadParts(JsonValue value)
    {
        ReplayParts parts = ReplayParts.None;
        foreach (string name in value.AsArray(static v => v.AsString()))
        {
            parts |= name switch
            {
                "trace" => ReplayParts.Trace,
                "vmTrace" => ReplayParts.VmTrace,
                "stateDiff" => ReplayParts.StateDiff,
                _ => throw value.Fault("expected trace, vmTrace or stateDiff"),
            };
        }

        return parts;
    }

    private static ReplayParts PartsOf(RpcParams parameters, int index)
    {
        ReplayParts parts = ReplayParts.None;
        parameters.Get(index, v => parts = ReadParts(v));
        return parts;
    }

    private RpcResult TraceBlock(RpcParams parameters)
    {
        if (blocks.Find(parameters.GetBlock(0)) is not { } block) return RpcResult.Null;
        return Flat(block.Number == chain.Genesis.Number ? [] : Replay(block, ReplayParts.Trace));
    }

    private RpcResult TraceTransaction(RpcParams parameters)
    {
        if (!chain.TryFindTransaction(parameters.GetHash(0), out TransactionLocation location)) return RpcResult.Null;
        return Flat(Replay(location.Block, ReplayParts.Trace, location.Index));
    }

    private static RpcResult Flat(IEnumerable<ReplayTracer> tracers) => RpcResult.Json(json =>
    {
        json.WriteStartArray();
        foreach (ReplayTracer tracer in tracers)
        {
            foreach (FlatTrace trace in tracer.Traces) FlatTraces.Write(json, trace, tracer.Place, parityErrors: true);
        }

        json.WriteEndArray();
    });

    /// <summary>The trace at a place in the tree of a transaction's calls; null when there is none.</summary>
    private RpcResult Get(RpcParams parameters)
    {
        Hash256 hash = parameters.GetHash(0);
        ulong[] path = parameters.Get(1, static v => v.AsArray(static index => index.AsNumber()));
        if (!chain.TryFindTransaction(hash, out TransactionLocation location)) return RpcResult.Null;
        ReplayTracer tracer = Replay(location.Block, ReplayParts.Trace, location.Index)[0];
        FlatTrace? found = tracer.Traces.Find(trace => trace.Address.Select(static i => (ulong)i).SequenceEqual(path));
        return found is null ? RpcResult.Null : RpcResult.Json(json => FlatTraces.Write(json, found, tracer.Place, parityErrors: true));
    }

    private RpcResult Filter(RpcParams parameters, CancellationToken cancellation)
    {
        TraceFilter filter = parameters.Get(0, TraceFilter.Read);
        ulong head = chain.Head.Number;
        ulong from = blocks.NumberOf(filter.From ?? BlockParameter.Latest), to = Math.Min(blocks.NumberOf(filter.To ?? BlockParameter.Latest), head);
        if (from > to) return RpcResult.Fail(RpcErrorCode.InvalidParams, "invalid block range params");
        if (to - from >= MaxFilterBlocks) return RpcResult.Fail(RpcErrorCode.InvalidParams, $"the range is too large: {to - from + 1} blocks, at most {MaxFilterBlocks} are traced at once");
        List<(FlatTrace Trace, FlatPlace Place)> found = [];
        ulong skip = filter.After;
        for (ulong number = Math.Max(from, chain.Genesis.Number + 1); number <= to && (ulong)found.Count < filter.Count; number++)
        {
            cancellation.ThrowIfCancellationRequested();
            ExecutedBlock block = chain.FindCanonical(number) ?? throw RpcException.Refused($"block {number} is not kept: this node keeps blocks {chain.OldestBlock} to {head}");
            foreach (ReplayTracer tracer in Replay(block, ReplayParts.Trace))
            {
                foreach (FlatTrace trace in tracer.Traces.Where(trace => filter.Matches(trace.Node)))
                {
                    if (skip > 0) skip--;
                    else if ((ulong)found.Count < filter.Count) found.Add((trace, tracer.Place!));
                }
            }
        }

        return RpcResult.Json(json =>
        {
            json.WriteStartArray();
            foreach ((FlatTrace trace, FlatPlace place) in found) FlatTraces.Write(json, trace, place, parityErrors: true);
            json.WriteEndArray();
        });
    }

    private RpcResult ReplayTransaction(RpcParams parameters)
    {
        ReplayParts parts = PartsOf(parameters, 1);
        Hash256 hash = parameters.GetHash(0);
        if (!chain.TryFindTransaction(hash, out TransactionLocation location)) return RpcResult.Fail(RpcErrorCode.ServerError, "transaction not found");
        ReplayTracer tracer = Replay(location.Block, parts, location.Index)[0];
        return RpcResult.Json(json => tracer.Write(json, hash));
    }

    private RpcResult ReplayBlock(RpcParams parameters)
    {
        ReplayParts parts = PartsOf(parameters, 1);
        if (blocks.Find(parameters.GetBlock(0)) is not { } block) return RpcResult.Null;
        ReplayTracer[] tracers = block.Number == chain.Genesis.Number ? [] : Replay(block, parts);
        return RpcResult.Json(json =>
        {
            json.WriteStartArray();
            foreach (ReplayTracer tracer in tracers) tracer.Write(json, tracer.Place!.TransactionHash);
            json.WriteEndArray();
        });
    }

    private RpcResult Call(RpcParams parameters)
    {
        CallArguments arguments = parameters.Get(0, CallArguments.Read);
        ReplayParts parts = PartsOf(parameters, 1);
        ChainState state = blocks.GetState(parameters.GetBlockOrLatest(2));
        Rules rules = chain.Spec.At(state.Block.Header);
        CallOverrides? overrides = parameters.Has(3) || parameters.Has(4)
            ? CallOverridesJson.Read(parameters.Has(3) ? parameters[3] : null, parameters.Has(4) ? parameters[4] : null, rules.Evm.Precompiles)
            : null;
        ReplayTracer tracer = Run(new CallScene(state, rules, overrides), [(arguments, parts)])[0];
        return RpcResult.Json(tracer.Write);
    }

    private RpcResult CallMany(RpcParams parameters)
    {
        (CallArguments, ReplayParts)[] calls = parameters.Get(0, static list => list.AsArray(static pair =>
        {
            if (pair.Count != 2) throw pair.Fault("expected a call and the parts to show");
            return (CallArguments.Read(new JsonValue(pair.Element[0], "call")), ReadParts(new JsonValue(pair.Element[1], "parts")));
        }));
        ChainState state = blocks.GetState(parameters.GetBlockOrLatest(1));
        ReplayTracer[] tracers = Run(new CallScene(state, chain.Spec.At(state.Block.Header), null), calls);
        return RpcResult.Json(json =>
        {
            json.WriteStartArray();
            foreach (ReplayTracer tracer in tracers) tracer.Write(json);
            json.WriteEndArray();
        });
    }

    private RpcResult RawTransaction(RpcParams parameters)
    {
        if (!Transaction.TryDecode(parameters.GetData(0), out Transaction? transaction, out TransactionError error)) return RpcResult.Fail(RpcErrorCode.ServerError, TransactionErrorText.Of(error));
        if (!transaction!.TryGetSender(chain.Crypto, out Address sender)) return RpcResult.Fail(RpcErrorCode.ServerError, "invalid sender");
        ReplayParts parts = PartsOf(parameters, 1);
        ChainState state = blocks.GetState(parameters.GetBlockOrLatest(2));
        ReplayTracer tracer = Run(new CallScene(state, chain.Spec.At(state.Block.Header), null), [(transaction, sender, parts)])[0];
        return RpcResult.Json(tracer.Write);
    }

    private ReplayTracer[] Run(CallScene scene, IReadOnlyList<(CallArguments Arguments, ReplayParts Parts)> calls)
    {
        ulong Gas(CallArguments call)
        {
            ulong gas = call.Gas ?? (gasCap == 0 ? Math.Max(scene.GasLimit, long.MaxValue / 2) : gasCap);
            return gasCap == 0 ? gas : Math.Min(gas, gasCap);
        }

        return Run(scene, [.. calls.Select(call => (_simulator.ToTransaction(scene, call.Arguments, Gas(call.Arguments)), call.Arguments.From, call.Parts))]);
    }

    /// <summary>Runs messages one after another, each on what those before it left.</summary>
    private ReplayTracer[] Run(CallScene scene, IReadOnlyList<(Transaction Message, Address Sender, ReplayParts Parts)> messages)
    {
        var budget = new TraceBudget(timeout);
        var tracers = new ReplayTracer[messages.Count];
        CallOverrides? overrides = messages.All(static m => m.Message.MaxFeePerGas.IsZero) ? CallSimulator.OverridesFor(scene, messages[0].Message) : scene.Overrides;
        using ExecutorLease lease = chain.RentExecutor();
        lease.Executor.BeginCalls(scene.Header, scene.State, overrides);
        for (int i = 0; i < tracers.Length; i++)
        {
            (Transaction message, Address sender, ReplayParts parts) = messages[i];
            tracers[i] = new ReplayTracer(parts, budget) { Crypto = chain.Crypto };
            tracers[i].Begin(message, sender, overrides?.Coinbase ?? scene.Header.Beneficiary);
            TransactionOutcome outcome = lease.Executor.NextCall(message, budget.Guard(tracers[i]));
            if (outcome.Verdict != TransactionVerdict.Valid)
            {
                UInt256 baseFee = overrides?.BaseFee ?? scene.Header.BaseFeePerGas ?? UInt256.Zero;
                Journal journal = lease.Executor.Journal;
                string reason = VerdictText.Of(outcome.Verdict, message, sender, scene.Rules, baseFee, journal.GetNonce(sender), journal.GetBalance(sender));
                throw RpcException.Refused($"err: {reason} (supplied gas {message.GasLimit})");
            }

            tracers[i].End(outcome, lease.Executor.Journal);
        }

        if (Array.Exists(tracers, static t => t.NeedsStateBefore))
        {
            lease.Executor.BeginCalls(scene.Header, scene.State, overrides);
            for (int i = 0; i < tracers.Length; i++)
            {
                tracers[i].SeeBefore(lease.Executor.Journal);
                lease.Executor.NextCall(messages[i].Message);
            }
        }

        budget.Check();
        return tracers;
    }
}
