using System.Text.Json;
using System.Text.Json.Nodes;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>
/// Sends requests about blocks before the chain's first one here on to a client that has them, on a chain that began before Bedrock (<c>rollup.historicalrpc</c>).
/// Hashes that are not known here are asked there as well: this client has not even the headers of those blocks.
/// </summary>
internal sealed class HistoricalCalls(Blockchain chain, TransactionPool pool, IRpcClient? client)
{
    private const int NoHistoricalFallback = -32801; // the code that op-geth answers with

    // methods that name a block, by the index of the parameter that does
    private static readonly (int Index, string[] Methods)[] ByBlock =
    [
        (0,
        [
            "eth_getBlockByNumber", "eth_getBlockByHash", "eth_getHeaderByNumber", "eth_getHeaderByHash", "eth_getBlockReceipts",
            "eth_getBlockTransactionCountByNumber", "eth_getBlockTransactionCountByHash", "eth_getUncleCountByBlockNumber", "eth_getUncleCountByBlockHash",
            "eth_getTransactionByBlockNumberAndIndex", "eth_getTransactionByBlockHashAndIndex", "eth_getRawTransactionByBlockNumberAndIndex", "eth_getRawTransactionByBlockHashAndIndex",
            "debug_traceBlockByNumber", "debug_traceBlockByHash", "trace_block", "trace_replayBlockTransactions",
        ]),
        (1, ["eth_getBalance", "eth_getCode", "eth_getTransactionCount", "eth_call", "eth_estimateGas", "eth_createAccessList", "debug_traceCall"]),
        (2, ["eth_getStorageAt", "eth_getProof", "trace_call"]),
    ];

    private static readonly string[] ByTransaction =
        ["eth_getTransactionByHash", "eth_getTransactionReceipt", "eth_getRawTransactionByHash", "debug_traceTransaction", "trace_transaction", "trace_replayTransaction"];

    /// <summary>Puts itself before the methods concerned.</summary>
    public void Cover(RpcRegistry registry)
    {
        foreach ((int index, string[] methods) in ByBlock)
        {
            foreach (string method in methods) registry.Cover(method, local => (parameters, context, cancellation) => IsHistorical(parameters, index) ? ForwardAsync(method, parameters, cancellation) : local(parameters, context, cancellation));
        }

        foreach (string method in ByTransaction)
        {
            registry.Cover(method, local => (parameters, context, cancellation) => IsUnknownTransaction(parameters) ? ForwardAsync(method, parameters, cancellation) : local(parameters, context, cancellation));
        }

        registry.Cover("eth_getLogs", local => (parameters, context, cancellation) => LogsAsync(local, parameters, context, cancellation));
    }

    private bool IsHistorical(RpcParams parameters, int index) => parameters.Has(index) && IsHistorical(parameters.GetBlock(index));

    private bool IsHistorical(BlockParameter block) => block.Kind switch
    {
        BlockParameterKind.Number => block.Number < chain.Genesis.Number,
        BlockParameterKind.Earliest => client is not null, // block 0 is there
        BlockParameterKind.Hash => client is not null && chain.FindHeader(block.Hash) is null,
        _ => false,
    };

    private bool IsUnknownTransaction(RpcParams parameters)
    {
        if (client is null) return false;
        Hash256 hash = parameters.GetHash(0);
        return !chain.TryFindTransaction(hash, out _) && pool.Find(hash) is null;
    }

    private async ValueTask<RpcResult> ForwardAsync(string method, RpcParams parameters, CancellationToken cancellation)
    {
        RpcReply reply = await SendAsync(method, json =>
        {
            for (int i = 0; i < parameters.Count; i++)
            {
                if (parameters.Has(i)) parameters[i].Element.WriteTo(json);
                else json.WriteNullValue();
            }
        }, cancellation);
        return reply.Error is { } error ? RpcResult.Fail(error) : RpcResult.Json(reply.Result.WriteTo);
    }

    private async Task<RpcReply> SendAsync(string method, Action<Utf8JsonWriter> parameters, CancellationToken cancellation)
    {
        if (client is null) return new RpcReply(default, new RpcError(NoHistoricalFallback, $"no historical RPC is available for this historical (pre-bedrock) execution request: blocks before {chain.Genesis.Number} are not here, and --rollup.historicalrpc is not set"));
        try
        {
            return (await client.SendAsync([new RpcRequest(method, parameters)], cancellation))[0];
        }
        catch (RpcTransportException error)
        {
            return new RpcReply(default, new RpcError(RpcErrorCode.ServerError, $"the historical RPC could not be reached: {error.Message}"));
        }
    }

    /// <summary>A range that begins before the first block here is answered by both sides, the older part first; either side's failure is the answer's.</summary>
    private async ValueTask<RpcResult> LogsAsync(RpcHandler local, RpcParams parameters, RpcContext context, CancellationToken cancellation)
    {
        LogRequest request = parameters.Get(0, LogRequest.Read);
        if (request.BlockHash is { } hash) return await (IsHistorical(BlockParameter.At(hash)) ? ForwardAsync("eth_getLogs", parameters, cancellation) : local(parameters, context, cancellation));
        if (request.From is not { } from || !IsHistorical(from)) return await local(parameters, context, cancellation);
        if (request.To is { } to && IsHistorical(to)) return await ForwardAsync("eth_getLogs", parameters, cancellation);

        ulong first = chain.Genesis.Number;
        using JsonDocument newer = JsonDocument.Parse($"[{Bounded(parameters, "fromBlock", first).ToJsonString()}]");
        RpcResult here = await local(RpcParams.From(newer.RootElement.Clone()), context, cancellation);
        if (here.Error is not null) return here;
        JsonObject older = Bounded(parameters, "toBlock", first - 1);
        RpcReply there = await SendAsync("eth_getLogs", json => older.WriteTo(json), cancellation);
        if (there.Error is { } error) return RpcResult.Fail(error);
        return RpcResult.Json(json =>
        {
            using var text = new MemoryStream();
            using (var writer = new Utf8JsonWriter(text)) here.WriteTo(writer);
            using JsonDocument logs = JsonDocument.Parse(text.ToArray());
            json.WriteStartArray();
            foreach (JsonElement log in there.Result.EnumerateArray()) log.WriteTo(json);
            foreach (JsonElement log in logs.RootElement.EnumerateArray()) log.WriteTo(json);
            json.WriteEndArray();
        });
    }

    private static JsonObject Bounded(RpcParams parameters, string bound, ulong number)
    {
        JsonObject filter = JsonObject.Create(parameters[0].Element.Clone())!;
        filter[bound] = Hex.Quantity(number);
        return filter;
    }
}
