using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>The part of the <c>eth</c> namespace that finds logs and polls filters.</summary>
public sealed class EthFilterApi(Blockchain chain, BlockSelector blocks, FilterManager filters)
{
    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("eth_getLogs", (parameters, _, cancellation) => ValueTask.FromResult(GetLogs(parameters, cancellation)));
        registry.Register("eth_newFilter", NewFilter);
        registry.Register("eth_newBlockFilter", _ => Created(filters.AddBlockFilter()));
        registry.Register("eth_newPendingTransactionFilter", _ => Created(filters.AddPendingTransactionFilter()));
        registry.Register("eth_getFilterChanges", GetFilterChanges);
        registry.Register("eth_getFilterLogs", (parameters, _, cancellation) => ValueTask.FromResult(GetFilterLogs(parameters, cancellation)));
        registry.Register("eth_uninstallFilter", parameters => RpcResult.Bool(filters.Remove(parameters.GetUInt256(0))));
    }

    private static RpcResult Created(UInt256? id) =>
        id is { } value ? RpcResult.Quantity(value) : RpcResult.Fail(RpcErrorCode.ServerError, "too many filters are open");

    private RpcResult GetLogs(RpcParams parameters, CancellationToken cancellation)
    {
        LogRequest request = parameters.Get(0, LogRequest.Read);
        if (request.BlockHash is { } hash)
        {
            if (chain.Find(hash) is not { } block) return RpcResult.Fail(RpcErrorCode.ServerError, "unknown block");
            List<FoundLog> found = [];
            LogSearch.InBlock(block, request.Criteria, removed: false, found);
            return Logs(found);
        }

        ulong from = blocks.NumberOf(request.From ?? BlockParameter.Latest), to = blocks.NumberOf(request.To ?? BlockParameter.Latest);
        if (from <= to && to > chain.Head.Number && request.To is { Kind: BlockParameterKind.Number })
        {
            return RpcResult.Fail(RpcErrorCode.InvalidParams, "block range extends beyond current head block");
        }

        return Search(from, to, request.Criteria, cancellation);
    }

    private RpcResult Search(ulong from, ulong to, LogCriteria criteria, CancellationToken cancellation)
    {
        if (from > to) return RpcResult.Fail(RpcErrorCode.InvalidParams, "invalid block range params");
        return Logs(LogSearch.InRange(chain, from, Math.Min(to, chain.Head.Number), criteria, cancellation));
    }

    private static RpcResult Logs(List<FoundLog> logs) => RpcResult.Json(json =>
    {
        json.WriteStartArray();
        foreach (FoundLog log in logs) RpcJson.WriteLog(json, log);
        json.WriteEndArray();
    });

    private RpcResult NewFilter(RpcParams parameters)
    {
        LogRequest request = parameters.Get(0, LogRequest.Read);
        if (request.BlockHash is not null) return RpcResult.Fail(RpcErrorCode.InvalidParams, "a filter follows new blocks and cannot name a block hash");
        ulong? from = Bound(request.From), to = Bound(request.To);
        return from > to ? RpcResult.Fail(RpcErrorCode.InvalidParams, "invalid block range params") : Created(filters.AddLogFilter(request.Criteria, from, to));
    }

    /// <summary>A moving head is no bound for what comes.</summary>
    private static ulong? Bound(BlockParameter? parameter) => parameter switch
    {
        { Kind: BlockParameterKind.Number } number => number.Number,
        { Kind: BlockParameterKind.Earliest } => 0,
        _ => null,
    };

    private RpcResult GetFilterChanges(RpcParams parameters)
    {
        if (!filters.TryTakeChanges(parameters.GetUInt256(0), out FilterChanges changes)) return RpcResult.Fail(RpcErrorCode.ServerError, "filter not found");
        if (changes.Logs is { } logs) return Logs(logs);
        IEnumerable<Hash256> hashes = changes.BlockHashes ?? changes.Transactions!.Select(static t => t.Hash);
        return RpcResult.Json(json =>
        {
            json.WriteStartArray();
            foreach (Hash256 hash in hashes) json.WriteHashValue(hash);
            json.WriteEndArray();
        });
    }

    private RpcResult GetFilterLogs(RpcParams parameters, CancellationToken cancellation)
    {
        if (!filters.TryGetLogFilter(parameters.GetUInt256(0), out LogCriteria criteria, out ulong? from, out ulong? to))
        {
            return RpcResult.Fail(RpcErrorCode.ServerError, "filter not found");
        }

        ulong head = chain.Head.Number;
        return from > head ? RpcResult.Raw("[]"u8.ToArray()) : Search(from ?? head, Math.Max(from ?? head, to ?? head), criteria, cancellation);
    }
}
