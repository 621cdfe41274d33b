using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The <c>engine</c> namespace.</summary>
public sealed class EngineRpc(EngineApi engine, Blockchain chain, string clientName)
{
    private const string ClientCode = "OP";

    /// <summary>Served, but not named as capabilities: the list itself does not name itself, and no fork here has the others' payloads.</summary>
    private static readonly HashSet<string> NotOffered = ["engine_exchangeCapabilities", "engine_forkchoiceUpdatedV4", "engine_newPayloadV5"];

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        for (int v = 1; v <= 4; v++)
        {
            int version = v;
            registry.Register($"engine_forkchoiceUpdatedV{version}", parameters => ForkchoiceUpdated(parameters, version));
        }

        for (int v = 1; v <= 5; v++)
        {
            int version = v;
            registry.Register($"engine_newPayloadV{version}", parameters => NewPayload(parameters, version));
        }

        for (int v = 1; v <= 5; v++)
        {
            int version = v;
            registry.Register($"engine_getPayloadV{version}", parameters => GetPayload(parameters, version));
        }

        registry.Register("engine_getPayloadBodiesByHashV1", parameters => Bodies(engine.GetBodiesByHash(parameters.Get(0, static v => v.AsArray(static h => h.AsHash())))));
        registry.Register("engine_getPayloadBodiesByRangeV1", parameters => Bodies(engine.GetBodiesByRange(parameters.GetQuantity(0), parameters.GetQuantity(1))));
        registry.Register("engine_getClientVersionV1", _ => RpcResult.Json(WriteClientVersion));
        registry.Register("engine_signalSuperchainV1", SignalSuperchain);
        registry.Register("engine_exchangeCapabilities", _ => RpcResult.Json(json =>
        {
            json.WriteStartArray();
            foreach (string method in registry.Methods)
            {
                if (RpcRegistry.NamespaceOf(method) == "engine" && !NotOffered.Contains(method)) json.WriteStringValue(method);
            }

            json.WriteEndArray();
        }));
    }

    private RpcResult ForkchoiceUpdated(RpcParams parameters, int version)
    {
        ForkchoiceState state = parameters.Get(0, EngineJson.ReadForkchoiceState);
        PayloadAttributes? attributes = parameters.GetOrNull(1, EngineJson.ReadAttributes);
        ForkchoiceResult result = engine.ForkchoiceUpdated(state, attributes, version);
        return RpcResult.Json(json => EngineJson.WriteForkchoiceResult(json, result));
    }

    private RpcResult NewPayload(RpcParams parameters, int version)
    {
        ExecutionPayload payload = parameters.Get(0, EngineJson.ReadPayload);
        Hash256[]? hashes = version >= 3 ? parameters.GetOrNull(1, static v => v.AsArray(static h => h.AsHash())) : null;
        Hash256? beaconRoot = version >= 3 ? parameters.GetHashOrNull(2) : null;
        byte[][]? requests = version >= 4 ? parameters.GetOrNull(3, static v => v.AsArray(static r => r.AsData())) : null;
        PayloadStatus status = engine.NewPayload(payload, hashes, beaconRoot, requests, version);
        return RpcResult.Json(json => EngineJson.WriteStatus(json, status));
    }

    private RpcResult GetPayload(RpcParams parameters, int version)
    {
        BuiltPayload built = engine.GetPayload(parameters.Get(0, PayloadId.Read), version);
        PayloadEnvelope envelope = EnvelopeOf(built);
        return RpcResult.Json(json => EngineJson.WriteEnvelope(json, envelope, version));
    }

    /// <summary>The payload of a built block with what travels beside it.</summary>
    public PayloadEnvelope EnvelopeOf(BuiltPayload built)
    {
        BlockHeader header = built.Block.Header;
        Rules rules = chain.Spec.At(header);
        IReadOnlyList<BlobSidecar> sidecars = built.Sidecars;
        return new PayloadEnvelope
        {
            Payload = ExecutionPayload.FromBlock(built.Block, rules.Withdrawals == WithdrawalsRule.MessagePasser),
            BlockValue = built.Built.PriorityFees,
            Blobs = sidecars.Count == 0 ? null : new BlobSidecar
            {
                WrapperVersion = sidecars[0].WrapperVersion,
                Blobs = [.. sidecars.SelectMany(static s => s.Blobs)],
                Commitments = [.. sidecars.SelectMany(static s => s.Commitments)],
                Proofs = [.. sidecars.SelectMany(static s => s.Proofs)],
            },
            ParentBeaconBlockRoot = rules.IsOptimism ? header.ParentBeaconBlockRoot : null,
            ExecutionRequests = built.Built.Requests,
        };
    }

    private static RpcResult Bodies(IReadOnlyList<ExecutedBlock?> blocks) => RpcResult.Json(json =>
    {
        json.WriteStartArray();
        foreach (ExecutedBlock? block in blocks)
        {
            if (block is null) json.WriteNullValue();
            else WriteBody(json, block);
        }

        json.WriteEndArray();
    });

    private static void WriteBody(Utf8JsonWriter json, ExecutedBlock block)
    {
        json.WriteStartObject();
        json.WriteStartArray("transactions"u8);
        foreach (Transaction transaction in block.Transactions) json.WriteDataValue(transaction.Encoded);
        json.WriteEndArray();
        if (block.Block.Withdrawals is { } withdrawals)
        {
            json.WriteStartArray("withdrawals"u8);
            foreach (Withdrawal withdrawal in withdrawals) EthJson.WriteWithdrawal(json, withdrawal);
            json.WriteEndArray();
        }
        else
        {
            json.WriteNull("withdrawals"u8);
        }

        json.WriteEndObject();
    }

    private void WriteClientVersion(Utf8JsonWriter json)
    {
        string version = typeof(EngineRpc).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
        json.WriteStartArray();
        json.WriteStartObject();
        json.WriteString("code"u8, ClientCode);
        json.WriteString("name"u8, clientName);
        json.WriteString("version"u8, version);
        json.WriteString("commit"u8, "0x00000000");
        json.WriteEndObject();
        json.WriteEndArray();
    }

    /// <summary>The node tells which protocol version is recommended and required; the answer is the version this client has.</summary>
    private RpcResult SignalSuperchain(RpcParams parameters)
    {
        if (!parameters.Has(0)) return RpcResult.Hash(ProtocolVersion.Supported.Encode());
        (Hash256 recommended, Hash256 required) = parameters.Get(0, static v => (v["recommended"].AsHash(), v["required"].AsHash()));
        return RpcResult.Hash(engine.SignalSuperchain(recommended, required));
    }
}
