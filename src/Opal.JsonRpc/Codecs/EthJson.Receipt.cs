using System.Globalization;
using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

public static partial class EthJson
{
    /// <summary>Writes a receipt as <c>eth_getTransactionReceipt</c> gives it.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="receipt">The receipt.</param>
    /// <param name="transaction">Its transaction.</param>
    /// <param name="crypto">Recovers the sender, unless it is known.</param>
    /// <param name="place">The transaction's place.</param>
    /// <param name="firstLogIndex">The index in the block of the receipt's first log.</param>
    public static void WriteReceipt(Utf8JsonWriter writer, Receipt receipt, Transaction transaction, ICrypto crypto, in TransactionPlace place, ulong firstLogIndex)
    {
        writer.WriteStartObject();
        writer.WriteHash("blockHash"u8, place.BlockHash);
        writer.WriteQuantity("blockNumber"u8, place.BlockNumber);
        writer.WriteHash("transactionHash"u8, transaction.Hash);
        writer.WriteQuantity("transactionIndex"u8, place.Index);
        writer.WriteAddress("from"u8, transaction.TryGetSender(crypto, out Address sender) ? sender : Address.Zero);
        writer.WriteAddress("to"u8, transaction.To);
        writer.WriteAddress("contractAddress"u8, receipt.ContractAddress);
        writer.WriteQuantity("gasUsed"u8, receipt.GasUsed);
        writer.WriteQuantity("cumulativeGasUsed"u8, receipt.CumulativeGasUsed);
        writer.WriteQuantity("effectiveGasPrice"u8, receipt.EffectiveGasPrice);
        writer.WriteQuantity("status"u8, (ulong)receipt.Status);
        writer.WriteQuantity("type"u8, (ulong)receipt.Type);
        writer.WriteStartArray("logs"u8);
        for (int i = 0; i < receipt.Logs.Length; i++)
        {
            var where = new LogPlace(place.BlockHash, place.BlockNumber, place.BlockTimestamp, transaction.Hash, place.Index, firstLogIndex + (ulong)i);
            WriteLog(writer, receipt.Logs[i], where);
        }

        writer.WriteEndArray();
        writer.WriteData("logsBloom"u8, receipt.Bloom.Bytes);
        if (receipt.BlobGasUsed is { } blobGas) writer.WriteQuantity("blobGasUsed"u8, blobGas);
        if (receipt.BlobGasPrice is { } blobPrice) writer.WriteQuantity("blobGasPrice"u8, blobPrice);
        if (receipt.DepositNonce is { } nonce) writer.WriteQuantity("depositNonce"u8, nonce);
        if (receipt.DepositReceiptVersion is { } version) writer.WriteQuantity("depositReceiptVersion"u8, version);
        if (receipt.L1Fee is { } fee) WriteL1Fee(writer, fee);
        writer.WriteEndObject();
    }

    private static void WriteL1Fee(Utf8JsonWriter writer, L1FeeInfo fee)
    {
        writer.WriteQuantity("l1GasPrice"u8, fee.BaseFee);
        writer.WriteQuantity("l1GasUsed"u8, fee.GasUsed);
        writer.WriteQuantity("l1Fee"u8, fee.Fee);
        if (fee.FeeScalar is { } scalar) writer.WriteString("l1FeeScalar"u8, FormatMillionths(scalar));
        if (fee.BlobBaseFee is { } blobBaseFee) writer.WriteQuantity("l1BlobBaseFee"u8, blobBaseFee);
        if (fee.BaseFeeScalar is { } baseFeeScalar) writer.WriteQuantity("l1BaseFeeScalar"u8, (ulong)baseFeeScalar);
        if (fee.BlobBaseFeeScalar is { } blobScalar) writer.WriteQuantity("l1BlobBaseFeeScalar"u8, (ulong)blobScalar);
        if (fee.OperatorFeeScalar is { } operatorScalar) writer.WriteQuantity("operatorFeeScalar"u8, (ulong)operatorScalar);
        if (fee.OperatorFeeConstant is { } operatorConstant) writer.WriteQuantity("operatorFeeConstant"u8, operatorConstant);
        if (fee.DAFootprintGasScalar is { } footprint) writer.WriteQuantity("daFootprintGasScalar"u8, (ulong)footprint);
    }

    /// <summary>The decimal text of a number of millionths: 684000 is "0.684".</summary>
    private static string FormatMillionths(in UInt256 millionths)
    {
        UInt256.DivRem(millionths, 1_000_000UL, out UInt256 whole, out UInt256 rest);
        string fraction = rest.U0.ToString("D6", CultureInfo.InvariantCulture).TrimEnd('0');
        return fraction.Length == 0 ? whole.ToString() : $"{whole}.{fraction}";
    }

    private static UInt256 ReadMillionths(JsonValue value)
    {
        string text = value.AsString();
        int dot = text.IndexOf('.', StringComparison.Ordinal);
        string fraction = dot < 0 ? "" : text[(dot + 1)..];
        string digits = (dot < 0 ? text : text[..dot]) + fraction.PadRight(6, '0');
        return fraction.Length <= 6 && UInt256.TryParse(digits, out UInt256 millionths) ? millionths : throw value.Fault("expected a decimal number with at most six places");
    }

    /// <summary>Writes a log.</summary>
    public static void WriteLog(Utf8JsonWriter writer, LogEntry log, in LogPlace place)
    {
        writer.WriteStartObject();
        writer.WriteAddress("address"u8, log.Address);
        writer.WriteStartArray("topics"u8);
        foreach (Hash256 topic in log.Topics) writer.WriteHashValue(topic);
        writer.WriteEndArray();
        writer.WriteData("data"u8, log.Data);
        writer.WriteQuantity("blockNumber"u8, place.BlockNumber);
        writer.WriteHash("transactionHash"u8, place.TransactionHash);
        writer.WriteQuantity("transactionIndex"u8, place.TransactionIndex);
        writer.WriteHash("blockHash"u8, place.BlockHash);
        writer.WriteQuantity("blockTimestamp"u8, place.BlockTimestamp);
        writer.WriteQuantity("logIndex"u8, place.LogIndex);
        writer.WriteBoolean("removed"u8, place.Removed);
        writer.WriteEndObject();
    }

    /// <summary>Reads a log's address, topics and data.</summary>
    public static LogEntry ReadLog(JsonValue value) =>
        new(value["address"].AsAddress(), value["topics"].AsArray(static topic => topic.AsHash()), value["data"].AsData());

    /// <summary>Reads a log's place.</summary>
    public static LogPlace ReadLogPlace(JsonValue value) => new(
        value["blockHash"].AsHash(),
        value["blockNumber"].AsQuantity(),
        value.OrNull("blockTimestamp", static v => v.AsQuantity()) ?? 0,
        value["transactionHash"].AsHash(),
        value["transactionIndex"].AsQuantity(),
        value["logIndex"].AsQuantity(),
        value.OrNull("removed", static v => v.AsBool()) ?? false);

    /// <summary>Reads a receipt with its place.</summary>
    public static TxReceiptInfo ReadReceipt(JsonValue value)
    {
        ulong type = TypeOf(value);
        if (type > byte.MaxValue) throw new JsonFormatException($"{value.Name}: transaction type 0x{type:x} is unknown");
        return new TxReceiptInfo
        {
            TransactionHash = value["transactionHash"].AsHash(),
            Block = new BlockId(value["blockHash"].AsHash(), value["blockNumber"].AsQuantity()),
            TransactionIndex = value["transactionIndex"].AsQuantity(),
            From = value.OrNull("from", static v => v.AsAddress()) ?? Address.Zero,
            To = value.OrNull("to", static v => v.AsAddress()),
            Receipt = new Receipt
            {
                Type = (TransactionType)type,
                Succeeded = value["status"].AsQuantity() == 1,
                CumulativeGasUsed = value["cumulativeGasUsed"].AsQuantity(),
                GasUsed = value.OrNull("gasUsed", static v => v.AsQuantity()) ?? 0,
                Logs = value["logs"].AsArray(ReadLog),
                ContractAddress = value.OrNull("contractAddress", static v => v.AsAddress()),
                EffectiveGasPrice = value.OrNull("effectiveGasPrice", static v => v.AsUInt256()) ?? UInt256.Zero,
                BlobGasUsed = value.OrNull("blobGasUsed", static v => v.AsQuantity()),
                BlobGasPrice = value.OrNull("blobGasPrice", static v => v.AsUInt256()),
                DepositNonce = value.OrNull("depositNonce", static v => v.AsQuantity()),
                DepositReceiptVersion = value.OrNull("depositReceiptVersion", static v => v.AsQuantity()),
                L1Fee = ReadL1Fee(value),
            },
        };
    }

    /// <summary>Reads a receipt; null when the type it is labelled with is unknown here and its fields are not the common ones.</summary>
    /// <exception cref="JsonFormatException">A field of a receipt of a known type is malformed.</exception>
    public static Receipt? ReadReceiptOrOpaque(JsonValue value)
    {
        if (IsKnown(TypeOf(value))) return ReadReceipt(value).Receipt;
        try
        {
            return ReadReceipt(value).Receipt;
        }
        catch (JsonFormatException)
        {
            return null; // the caller asks for its bytes
        }
    }

    private static L1FeeInfo? ReadL1Fee(JsonValue value)
    {
        if (!value.TryGet("l1Fee", out JsonValue fee)) return null;
        return new L1FeeInfo
        {
            Fee = fee.AsUInt256(),
            GasUsed = value.OrNull("l1GasUsed", static v => v.AsUInt256()) ?? UInt256.Zero,
            BaseFee = value.OrNull("l1GasPrice", static v => v.AsUInt256()) ?? UInt256.Zero,
            FeeScalar = value.OrNull("l1FeeScalar", ReadMillionths),
            BlobBaseFee = value.OrNull("l1BlobBaseFee", static v => v.AsUInt256()),
            BaseFeeScalar = value.OrNull("l1BaseFeeScalar", ReadUInt32),
            BlobBaseFeeScalar = value.OrNull("l1BlobBaseFeeScalar", ReadUInt32),
            OperatorFeeScalar = value.OrNull("operatorFeeScalar", ReadUInt32),
            OperatorFeeConstant = value.OrNull("operatorFeeConstant", static v => v.AsQuantity()),
            DAFootprintGasScalar = value.OrNull("daFootprintGasScalar", ReadUInt16),
        };
    }

    private static uint ReadUInt32(JsonValue value)
    {
        ulong number = value.AsQuantity();
        return number <= uint.MaxValue ? (uint)number : throw value.Fault("expected a number below 2^32");
    }

    private static ushort ReadUInt16(JsonValue value)
    {
        ulong number = value.AsQuantity();
        return number <= ushort.MaxValue ? (ushort)number : throw value.Fault("expected a number below 2^16");
    }
}
