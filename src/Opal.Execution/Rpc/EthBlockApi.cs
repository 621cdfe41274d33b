using System.Buffers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>The part of the <c>eth</c> namespace that reads blocks.</summary>
public sealed class EthBlockApi(Blockchain chain, BlockSelector blocks)
{
    private readonly RpcJson _json = new(chain.Crypto);

    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        RpcResult chainId = RpcResult.Quantity(chain.Spec.ChainId);
        registry.Register("eth_chainId", _ => chainId);
        registry.Register("eth_blockNumber", _ => RpcResult.Quantity(chain.Head.Number));
        registry.Register("eth_syncing", static _ => RpcResult.False);
        registry.Register("eth_getBlockByNumber", p => ByNumber(p));
        registry.Register("eth_getBlockByHash", p => Block(chain.Find(p.GetHash(0)), p));
        registry.Register("eth_getHeaderByNumber", p => Header(blocks.Find(NumberOrTag(p))));
        registry.Register("eth_getHeaderByHash", p => Header(chain.Find(p.GetHash(0))));
        registry.Register("eth_getBlockReceipts", Receipts);
        registry.Register("eth_getBlockTransactionCountByNumber", p => TransactionCount(blocks.Find(NumberOrTag(p))));
        registry.Register("eth_getBlockTransactionCountByHash", p => TransactionCount(chain.Find(p.GetHash(0))));
        registry.Register("eth_getUncleCountByBlockNumber", p => UncleCount(blocks.Find(NumberOrTag(p))));
        registry.Register("eth_getUncleCountByBlockHash", p => UncleCount(chain.Find(p.GetHash(0))));
        registry.Register("eth_getUncleByBlockNumberAndIndex", static _ => RpcResult.Null);
        registry.Register("eth_getUncleByBlockHashAndIndex", static _ => RpcResult.Null);
    }

    private static BlockParameter NumberOrTag(RpcParams parameters) => parameters.GetBlock(0);

    private RpcResult ByNumber(RpcParams parameters)
    {
        BlockParameter named = NumberOrTag(parameters);
        ExecutedBlock? block = blocks.Find(named);
        if (block is null || !blocks.IsPendingBlock(named, block)) return Block(block, parameters);
        bool full = parameters.GetBoolOrNull(1) ?? false;
        return RpcResult.Json(json => WritePending(json, block, full));
    }

    /// <summary>As geth writes it: what is settled by sealing alone is null.</summary>
    private void WritePending(Utf8JsonWriter json, ExecutedBlock block, bool full)
    {
        var text = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(text)) _json.WriteBlock(writer, block, full);
        JsonObject fields = JsonNode.Parse(text.WrittenSpan)!.AsObject();
        foreach (string unsettled in (ReadOnlySpan<string>)["hash", "nonce", "miner"]) fields[unsettled] = null;
        fields.WriteTo(json);
    }

    private RpcResult Block(ExecutedBlock? block, RpcParams parameters)
    {
        bool full = parameters.GetBoolOrNull(1) ?? false;
        return block is null ? RpcResult.Null : RpcResult.Json(json => _json.WriteBlock(json, block, full));
    }

    private static RpcResult Header(ExecutedBlock? block) => block is null ? RpcResult.Null : RpcResult.Json(json => RpcJson.WriteHeader(json, block.Header));

    private RpcResult Receipts(RpcParams parameters)
    {
        if (blocks.Find(parameters.GetBlock(0)) is not { } block) return RpcResult.Null;
        return RpcResult.Json(json =>
        {
            json.WriteStartArray();
            int logIndex = 0;
            for (int i = 0; i < block.Receipts.Count; i++)
            {
                _json.WriteReceipt(json, new TransactionLocation(block, i), logIndex);
                logIndex += block.Receipts[i].Logs.Length;
            }

            json.WriteEndArray();
        });
    }

    private static RpcResult TransactionCount(ExecutedBlock? block) => block is null ? RpcResult.Null : RpcResult.Quantity((ulong)block.Transactions.Count);

    private static RpcResult UncleCount(ExecutedBlock? block) => block is null ? RpcResult.Null : RpcResult.Quantity((ulong)block.Block.Ommers.Length);
}
