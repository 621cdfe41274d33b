using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Writes this project's objects with the shared codecs.</summary>
internal sealed class RpcJson(ICrypto crypto)
{
    public void WriteBlock(Utf8JsonWriter json, ExecutedBlock block, bool full) => EthJson.WriteBlock(json, block.Block, full, crypto, block.Receipts);

    public static void WriteHeader(Utf8JsonWriter json, BlockHeader header) => EthJson.WriteHeader(json, header);

    public void WriteTransaction(Utf8JsonWriter json, TransactionLocation location) =>
        EthJson.WriteTransaction(json, location.Transaction, crypto, PlaceOf(location), location.Receipt);

    public RpcResult TransactionResult(TransactionLocation location) => RpcResult.Json(json => WriteTransaction(json, location));

    public void WritePending(Utf8JsonWriter json, PoolTransaction pooled) => EthJson.WriteTransaction(json, pooled.Transaction, crypto, null, null);

    public void WriteReceipt(Utf8JsonWriter json, TransactionLocation location, int firstLogIndex) =>
        EthJson.WriteReceipt(json, location.Receipt, location.Transaction, crypto, PlaceOf(location), (ulong)firstLogIndex);

    public void WriteReceipt(Utf8JsonWriter json, TransactionLocation location)
    {
        int firstLogIndex = 0;
        for (int i = 0; i < location.Index; i++) firstLogIndex += location.Block.Receipts[i].Logs.Length;
        WriteReceipt(json, location, firstLogIndex);
    }

    public static void WriteLog(Utf8JsonWriter json, FoundLog found)
    {
        BlockHeader header = found.Block.Header;
        var place = new LogPlace(
            found.Block.Hash, header.Number, header.Timestamp, found.Block.Transactions[found.TransactionIndex].Hash, (ulong)found.TransactionIndex, (ulong)found.LogIndex, found.Removed);
        EthJson.WriteLog(json, found.Log, place);
    }

    private static TransactionPlace PlaceOf(TransactionLocation location)
    {
        BlockHeader header = location.Block.Header;
        return new TransactionPlace(location.Block.Hash, header.Number, header.Timestamp, (ulong)location.Index, header.BaseFeePerGas);
    }
}
