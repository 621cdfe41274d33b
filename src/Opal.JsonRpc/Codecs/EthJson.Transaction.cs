using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

public static partial class EthJson
{
    /// <summary>Writes a transaction, included in a block or pending.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="transaction">The transaction.</param>
    /// <param name="crypto">Recovers the sender, unless it is known.</param>
    /// <param name="place">Where it is included; null while pending.</param>
    /// <param name="receipt">Its receipt, which gives a deposit its nonce; null where it is not known.</param>
    public static void WriteTransaction(Utf8JsonWriter writer, Transaction transaction, ICrypto crypto, TransactionPlace? place = null, Receipt? receipt = null)
    {
        writer.WriteStartObject();
        WritePlace(writer, place);
        writer.WriteAddress("from"u8, transaction.TryGetSender(crypto, out Address sender) ? sender : Address.Zero);
        writer.WriteQuantity("gas"u8, transaction.GasLimit);
        WriteFees(writer, transaction, place);
        writer.WriteHash("hash"u8, transaction.Hash);
        writer.WriteData("input"u8, transaction.Data.Span);
        writer.WriteQuantity("nonce"u8, transaction.IsDeposit ? receipt?.DepositNonce ?? 0 : transaction.Nonce);
        writer.WriteAddress("to"u8, transaction.To);
        writer.WriteQuantity("value"u8, transaction.Value);
        writer.WriteQuantity("type"u8, (ulong)transaction.Type);
        if (transaction.IsDeposit) WriteDepositFields(writer, transaction, receipt);
        else WriteListsAndChain(writer, transaction);
        writer.WriteQuantity("v"u8, transaction.V);
        writer.WriteQuantity("r"u8, transaction.R);
        writer.WriteQuantity("s"u8, transaction.S);
        if (transaction.Type is not (TransactionType.Legacy or TransactionType.Deposit)) writer.WriteQuantity("yParity"u8, (ulong)transaction.YParity);
        writer.WriteEndObject();
    }

    private static void WritePlace(Utf8JsonWriter writer, TransactionPlace? place)
    {
        if (place is { } known)
        {
            writer.WriteHash("blockHash"u8, known.BlockHash);
            writer.WriteQuantity("blockNumber"u8, known.BlockNumber);
            writer.WriteQuantity("blockTimestamp"u8, known.BlockTimestamp);
            writer.WriteQuantity("transactionIndex"u8, known.Index);
            return;
        }

        writer.WriteNull("blockHash"u8);
        writer.WriteNull("blockNumber"u8);
        writer.WriteNull("blockTimestamp"u8);
        writer.WriteNull("transactionIndex"u8);
    }

    private static void WriteFees(Utf8JsonWriter writer, Transaction transaction, TransactionPlace? place)
    {
        if (transaction.IsDeposit)
        {
            writer.WriteQuantity("gasPrice"u8, 0UL);
            return;
        }

        writer.WriteQuantity("gasPrice"u8, place?.BaseFee is { } baseFee ? transaction.EffectiveGasPrice(baseFee) : transaction.MaxFeePerGas);
        if (transaction.Type is TransactionType.Legacy or TransactionType.AccessList) return;
        writer.WriteQuantity("maxFeePerGas"u8, transaction.MaxFeePerGas);
        writer.WriteQuantity("maxPriorityFeePerGas"u8, transaction.MaxPriorityFeePerGas);
        if (transaction.Type == TransactionType.Blob) writer.WriteQuantity("maxFeePerBlobGas"u8, transaction.MaxFeePerBlobGas);
    }

    private static void WriteDepositFields(Utf8JsonWriter writer, Transaction transaction, Receipt? receipt)
    {
        writer.WriteHash("sourceHash"u8, transaction.SourceHash);
        if (transaction.Mint is { IsZero: false } mint) writer.WriteQuantity("mint"u8, mint);
        if (transaction.IsSystemTransaction) writer.WriteBoolean("isSystemTx"u8, true);
        if (receipt?.DepositReceiptVersion is { } version) writer.WriteQuantity("depositReceiptVersion"u8, version);
    }

    private static void WriteListsAndChain(Utf8JsonWriter writer, Transaction transaction)
    {
        if (transaction.Type != TransactionType.Legacy)
        {
            writer.WritePropertyName("accessList"u8);
            WriteAccessList(writer, transaction.AccessList);
        }

        if (transaction.ChainId is { } chainId) writer.WriteQuantity("chainId"u8, chainId);
        if (transaction.Type == TransactionType.Blob)
        {
            writer.WriteStartArray("blobVersionedHashes"u8);
            foreach (Hash256 hash in transaction.BlobVersionedHashes) writer.WriteHashValue(hash);
            writer.WriteEndArray();
        }

        if (transaction.Type != TransactionType.SetCode) return;
        writer.WriteStartArray("authorizationList"u8);
        foreach (Authorization authorization in transaction.AuthorizationList)
        {
            writer.WriteStartObject();
            writer.WriteQuantity("chainId"u8, authorization.ChainId);
            writer.WriteAddress("address"u8, authorization.Address);
            writer.WriteQuantity("nonce"u8, authorization.Nonce);
            writer.WriteQuantity("yParity"u8, (ulong)authorization.YParity);
            writer.WriteQuantity("r"u8, authorization.R);
            writer.WriteQuantity("s"u8, authorization.S);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Writes an access list as an array.</summary>
    public static void WriteAccessList(Utf8JsonWriter writer, IReadOnlyList<AccessListItem> accessList)
    {
        writer.WriteStartArray();
        foreach (AccessListItem item in accessList)
        {
            writer.WriteStartObject();
            writer.WriteAddress("address"u8, item.Address);
            writer.WriteStartArray("storageKeys"u8);
            foreach (Hash256 key in item.StorageKeys) writer.WriteHashValue(key);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    /// <summary>Reads an access list.</summary>
    public static AccessListItem[] ReadAccessList(JsonValue value) => value.AsArray(static item =>
        new AccessListItem(item["address"].AsAddress(), item.OrNone("storageKeys", static keys => keys.AsArray(static key => key.AsHash())) ?? []));

    /// <summary>Reads an authorization.</summary>
    public static Authorization ReadAuthorization(JsonValue value) => new(
        value["chainId"].AsUInt256(), value["address"].AsAddress(), value["nonce"].AsQuantity(), ReadByte(value["yParity"]), value["r"].AsUInt256(), value["s"].AsUInt256());

    private static byte ReadByte(JsonValue value)
    {
        ulong number = value.AsQuantity();
        return number <= byte.MaxValue ? (byte)number : throw value.Fault("expected a number below 256");
    }

    /// <summary>Reads a signed transaction or a deposit.</summary>
    public static Transaction ReadTransaction(JsonValue value) =>
        ReadTransactionOrOpaque(value) ?? throw new JsonFormatException($"{value.Name}: transaction type {value["type"].AsString()} is unknown");

    /// <summary>Reads a signed transaction or a deposit; null when the type it is labelled with is unknown here.</summary>
    /// <exception cref="JsonFormatException">A field of a known type is malformed.</exception>
    public static Transaction? ReadTransactionOrOpaque(JsonValue value) => TypeOf(value) switch
    {
        (ulong)TransactionType.Deposit => ReadDeposit(value),
        ulong known when IsKnown(known) => ReadSigned(value, (TransactionType)known),
        _ => null,
    };

    private static ulong TypeOf(JsonValue value) => value.OrNull("type", static v => v.AsQuantity()) ?? 0;

    private static bool IsKnown(ulong type) => type is <= (ulong)TransactionType.SetCode or (ulong)TransactionType.Deposit;

    private static Transaction ReadDeposit(JsonValue value)
    {
        UInt256? mint = value.OrNull("mint", static v => v.AsUInt256());
        return new Transaction
        {
            Type = TransactionType.Deposit,
            SourceHash = value["sourceHash"].AsHash(),
            From = value["from"].AsAddress(),
            To = value.OrNull("to", static v => v.AsAddress()),
            Mint = mint is { IsZero: true } ? null : mint,
            Value = value["value"].AsUInt256(),
            GasLimit = value["gas"].AsQuantity(),
            IsSystemTransaction = value.OrNull("isSystemTx", static v => v.AsBool()) ?? false,
            Data = value["input"].AsData(),
        };
    }

    private static Transaction ReadSigned(JsonValue value, TransactionType type)
    {
        bool hasGasPriceOnly = type is TransactionType.Legacy or TransactionType.AccessList;
        (ulong? chainId, byte parity) = type == TransactionType.Legacy ? ReadLegacySignature(value) : (value["chainId"].AsQuantity(), ReadParity(value));
        UInt256 maxFee = value[hasGasPriceOnly ? "gasPrice" : "maxFeePerGas"].AsUInt256();
        return new Transaction
        {
            Type = type,
            ChainId = chainId,
            Nonce = value["nonce"].AsQuantity(),
            MaxFeePerGas = maxFee,
            MaxPriorityFeePerGas = hasGasPriceOnly ? maxFee : value["maxPriorityFeePerGas"].AsUInt256(),
            GasLimit = value["gas"].AsQuantity(),
            To = value.OrNull("to", static v => v.AsAddress()),
            Value = value["value"].AsUInt256(),
            Data = value["input"].AsData(),
            AccessList = value.OrNone("accessList", ReadAccessList) ?? [],
            MaxFeePerBlobGas = type == TransactionType.Blob ? value["maxFeePerBlobGas"].AsUInt256() : UInt256.Zero,
            BlobVersionedHashes = type == TransactionType.Blob ? value["blobVersionedHashes"].AsArray(static v => v.AsHash()) : [],
            AuthorizationList = type == TransactionType.SetCode ? value["authorizationList"].AsArray(ReadAuthorization) : [],
            YParity = parity,
            R = value["r"].AsUInt256(),
            S = value["s"].AsUInt256(),
        };
    }

    private static byte ReadParity(JsonValue value)
    {
        JsonValue parity = value.TryGet("yParity", out JsonValue named) ? named : value["v"];
        byte read = ReadByte(parity);
        return read <= 1 ? read : throw parity.Fault("expected a y parity of 0 or 1");
    }

    private static (ulong? ChainId, byte Parity) ReadLegacySignature(JsonValue value)
    {
        JsonValue field = value["v"];
        UInt256 v = field.AsUInt256();
        if (v == 27 || v == 28) return (null, (byte)(v.U0 - 27));
        if (v < 35) throw field.Fault("expected 27, 28, or EIP-155's 35 and more");
        UInt256 chainId = (v - 35) >> 1;
        return chainId.IsUInt64 ? (chainId.U0, (byte)((v.U0 - 35) & 1)) : throw field.Fault("the chain id does not fit 64 bits");
    }
}
