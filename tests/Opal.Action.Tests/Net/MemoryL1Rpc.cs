using System.Text.Json;
using Opal.Crypto;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Node.Tests;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>The in-memory L1 behind JSON-RPC, in this process.</summary>
internal sealed class MemoryL1Rpc(MemoryL1 l1, string name = "l1") : ScriptedRpc(name)
{
    protected override string? Answer(string method, JsonElement parameters) => method switch
    {
        "eth_getBlockByNumber" or "eth_getBlockByHash" => Find(parameters[0].GetString()!) is { } block ? Whole(block, parameters[1].GetBoolean()) : "null",
        "eth_getBlockReceipts" => Find(parameters[0].GetString()!) is { } block ? Receipts(block) : "null",
        "eth_getRawTransactionByBlockHashAndIndex" => Find(parameters[0].GetString()!) is { } block
            ? $"\"{Hex.Encode(block.Transactions[Convert.ToInt32(parameters[1].GetString(), 16)]!.Encoded)}\"" : "null",
        _ => null,
    };

    private L1Block? Find(string name)
    {
        BlockHeader? header = name switch
        {
            "latest" => l1.Head,
            "safe" => Now(l1.HeaderByLabelAsync(L1Label.Safe, default)),
            "finalized" => Now(l1.HeaderByLabelAsync(L1Label.Finalized, default)),
            { Length: 66 } => Now(l1.HeaderByHashAsync(Hash256.Parse(name), default)),
            _ => Now(l1.HeaderByNumberAsync(Convert.ToUInt64(name, 16), default)),
        };
        return header is null ? null : l1.BlockByHash(header.Hash);
    }

    private string Whole(L1Block block, bool full) => Json(writer => EthJson.WriteBlock(
        writer, new Block { Header = block.Header, Transactions = [.. block.Transactions.Select(transaction => transaction!)], Withdrawals = [] }, full, NativeCrypto.Instance));

    private string Receipts(L1Block block) => Json(writer =>
    {
        IReadOnlyList<Receipt?> receipts = Now(l1.ReceiptsAsync(block.Header, default))!.Receipts;
        ulong log = 0;
        writer.WriteStartArray();
        for (int i = 0; i < receipts.Count; i++)
        {
            var place = new TransactionPlace(block.Hash, block.Header.Number, block.Header.Timestamp, (ulong)i, block.Header.BaseFeePerGas);
            EthJson.WriteReceipt(writer, receipts[i]!, block.Transactions[i]!, NativeCrypto.Instance, place, log);
            log += (ulong)receipts[i]!.Logs.Length;
        }

        writer.WriteEndArray();
    });

    /// <summary>The in-memory L1 answers at once.</summary>
    private static T? Now<T>(Task<T?> answer) => answer.IsCompleted ? answer.Result : throw new InvalidOperationException("the in-memory L1 answers at once");
}
