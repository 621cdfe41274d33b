using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.EvmTool.Transition;

/// <summary>The result of a transition with geth's fields.</summary>
internal static class TransitionJson
{
    /// <summary>The hash that geth's tool gives every block, for it knows no header.</summary>
    private const string BlockHash = "0x1337000000000000000000000000000000000000000000000000000000000000";

    public static void Write(Utf8JsonWriter writer, TransitionResult result)
    {
        BlockHeader header = result.Block.Block.Header;
        writer.WriteStartObject();
        writer.WriteString("stateRoot", header.StateRoot.ToString());
        writer.WriteString("txRoot", header.TransactionsRoot.ToString());
        writer.WriteString("receiptsRoot", header.ReceiptsRoot.ToString());
        writer.WriteString("logsHash", HashOfLogs(result.Block.Receipts.SelectMany(r => r.Logs).ToArray()).ToString());
        writer.WriteString("logsBloom", Hex.Encode(header.LogsBloom.Bytes));
        WriteReceipts(writer, result);
        WriteRejected(writer, result.Rejected);
        if (result.Env.Difficulty is { } difficulty) writer.WriteString("currentDifficulty", difficulty.ToQuantity());
        else writer.WriteNull("currentDifficulty");
        writer.WriteString("gasUsed", Hex.Quantity(header.GasUsed));
        writer.WriteString("currentBaseFee", result.Env.BaseFee!.Value.ToQuantity());
        if (result.Env.Withdrawals is { } withdrawals) writer.WriteString("withdrawalsRoot", BodyRoots.OfWithdrawals(withdrawals).ToString());
        if (result.HasBlobs)
        {
            writer.WriteString("currentExcessBlobGas", Hex.Quantity(header.ExcessBlobGas!.Value));
            writer.WriteString("blobGasUsed", Hex.Quantity(header.BlobGasUsed!.Value));
        }

        if (result.HasRequests)
        {
            writer.WriteString("requestsHash", header.RequestsHash!.Value.ToString());
            writer.WriteStartArray("requests");
            foreach (byte[] request in result.Block.Requests) writer.WriteStringValue(Hex.Encode(request));
            writer.WriteEndArray();
        }
        else
        {
            writer.WriteNull("requests");
        }

        writer.WriteEndObject();
    }

    private static void WriteRejected(Utf8JsonWriter writer, List<(int Index, string Reason)> rejected)
    {
        if (rejected.Count == 0) return;
        writer.WriteStartArray("rejected");
        foreach ((int index, string reason) in rejected)
        {
            writer.WriteStartObject();
            writer.WriteNumber("index", index);
            writer.WriteString("error", reason);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteReceipts(Utf8JsonWriter writer, TransitionResult result)
    {
        writer.WriteStartArray("receipts");
        ulong logIndex = 0;
        for (int i = 0; i < result.Block.Receipts.Length; i++)
        {
            Receipt receipt = result.Block.Receipts[i];
            string hash = result.Block.Block.Transactions[i].Hash.ToString();
            writer.WriteStartObject();
            if (receipt.Type != TransactionType.Legacy) writer.WriteString("type", Hex.Quantity((ulong)receipt.Type));
            writer.WriteString("root", "0x");
            writer.WriteString("status", Hex.Quantity(receipt.Status));
            writer.WriteString("cumulativeGasUsed", Hex.Quantity(receipt.CumulativeGasUsed));
            writer.WriteString("logsBloom", Hex.Encode(receipt.Bloom.Bytes));
            writer.WriteStartArray("logs");
            foreach (LogEntry log in receipt.Logs) WriteLog(writer, log, result.Env, hash, i, logIndex++);
            writer.WriteEndArray();
            writer.WriteString("transactionHash", hash);
            writer.WriteString("contractAddress", (receipt.ContractAddress ?? Address.Zero).ToString());
            writer.WriteString("gasUsed", Hex.Quantity(receipt.GasUsed));
            writer.WriteNull("effectiveGasPrice");
            if (receipt.BlobGasUsed is { } blobGas and > 0) writer.WriteString("blobGasUsed", Hex.Quantity(blobGas));
            if (receipt.BlobGasPrice is { } price) writer.WriteString("blobGasPrice", price.ToQuantity());
            writer.WriteString("blockHash", BlockHash);
            writer.WriteString("blockNumber", Hex.Quantity(result.Env.Number));
            writer.WriteString("transactionIndex", Hex.Quantity((ulong)i));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void WriteLog(Utf8JsonWriter writer, LogEntry log, TransitionEnv env, string transactionHash, int transactionIndex, ulong logIndex)
    {
        writer.WriteStartObject();
        writer.WriteString("address", log.Address.ToString());
        writer.WriteStartArray("topics");
        foreach (Hash256 topic in log.Topics) writer.WriteStringValue(topic.ToString());
        writer.WriteEndArray();
        writer.WriteString("data", Hex.Encode(log.Data));
        writer.WriteString("blockNumber", Hex.Quantity(env.Number));
        writer.WriteString("transactionHash", transactionHash);
        writer.WriteString("transactionIndex", Hex.Quantity((ulong)transactionIndex));
        writer.WriteString("blockHash", BlockHash);
        writer.WriteString("blockTimestamp", Hex.Quantity(env.Timestamp));
        writer.WriteString("logIndex", Hex.Quantity(logIndex));
        writer.WriteBoolean("removed", false);
        writer.WriteEndObject();
    }

    /// <summary>keccak256 of the RLP list of logs.</summary>
    public static Hash256 HashOfLogs(ReadOnlySpan<LogEntry> logs)
    {
        var writer = new RlpWriter();
        Receipt.WriteLogs(writer, logs);
        return Keccak256.Hash(writer.Written);
    }
}
