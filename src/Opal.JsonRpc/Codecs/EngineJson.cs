using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>The Engine API's JSON, both ways, with the OP Stack's fields.</summary>
/// <remarks>Which fields must be there is a matter of the method's version and checked by its handler; here an absent field is read as null.</remarks>
public static class EngineJson
{
    /// <summary>Writes payload attributes; fields that the fork does not have are left out.</summary>
    /// <remarks><c>minBaseFee</c> is written as a plain number, which every execution client takes, and read in both forms.</remarks>
    public static void WriteAttributes(Utf8JsonWriter writer, PayloadAttributes attributes, bool isOptimism = true)
    {
        writer.WriteStartObject();
        writer.WriteQuantity("timestamp"u8, attributes.Timestamp);
        writer.WriteHash("prevRandao"u8, attributes.PrevRandao);
        writer.WriteAddress("suggestedFeeRecipient"u8, attributes.SuggestedFeeRecipient);
        if (attributes.Withdrawals is { } withdrawals) WriteWithdrawals(writer, withdrawals);
        if (attributes.ParentBeaconBlockRoot is { } beacon) writer.WriteHash("parentBeaconBlockRoot"u8, beacon);
        if (isOptimism)
        {
            WriteTransactions(writer, attributes.Transactions);
            writer.WriteBoolean("noTxPool"u8, attributes.NoTxPool);
            if (attributes.GasLimit is { } gasLimit) writer.WriteQuantity("gasLimit"u8, gasLimit);
            if (attributes.Eip1559Params is { } parameters) writer.WriteData("eip1559Params"u8, parameters);
            if (attributes.MinBaseFee is { } minBaseFee) writer.WriteNumber("minBaseFee"u8, minBaseFee);
        }

        writer.WriteEndObject();
    }

    /// <summary>Reads payload attributes.</summary>
    public static PayloadAttributes ReadAttributes(JsonValue value) => new()
    {
        Timestamp = value["timestamp"].AsQuantity(),
        PrevRandao = value["prevRandao"].AsHash(),
        SuggestedFeeRecipient = value["suggestedFeeRecipient"].AsAddress(),
        Withdrawals = value.OrNone("withdrawals", static list => list.AsArray(EthJson.ReadWithdrawal)),
        ParentBeaconBlockRoot = value.OrNull("parentBeaconBlockRoot", static v => v.AsHash()),
        Transactions = value.OrNone("transactions", static list => list.AsArray(static v => v.AsData())) ?? [],
        NoTxPool = value.OrNull("noTxPool", static v => v.AsBool()) ?? false,
        GasLimit = value.OrNull("gasLimit", static v => v.AsQuantity()),
        Eip1559Params = value.OrNone("eip1559Params", static v => v.AsData(8)),
        MinBaseFee = value.OrNull("minBaseFee", static v => v.AsNumber()),
    };

    private static void WriteWithdrawals(Utf8JsonWriter writer, IReadOnlyList<Withdrawal> withdrawals)
    {
        writer.WriteStartArray("withdrawals"u8);
        foreach (Withdrawal withdrawal in withdrawals) EthJson.WriteWithdrawal(writer, withdrawal);
        writer.WriteEndArray();
    }

    private static void WriteTransactions(Utf8JsonWriter writer, IReadOnlyList<byte[]> transactions)
    {
        writer.WriteStartArray("transactions"u8);
        foreach (byte[] transaction in transactions) writer.WriteDataValue(transaction);
        writer.WriteEndArray();
    }

    /// <summary>Writes a payload of any version: the fields it has.</summary>
    public static void WritePayload(Utf8JsonWriter writer, ExecutionPayload payload)
    {
        writer.WriteStartObject();
        writer.WriteHash("parentHash"u8, payload.ParentHash);
        writer.WriteAddress("feeRecipient"u8, payload.FeeRecipient);
        writer.WriteHash("stateRoot"u8, payload.StateRoot);
        writer.WriteHash("receiptsRoot"u8, payload.ReceiptsRoot);
        writer.WriteData("logsBloom"u8, payload.LogsBloom.Bytes);
        writer.WriteHash("prevRandao"u8, payload.PrevRandao);
        writer.WriteQuantity("blockNumber"u8, payload.BlockNumber);
        writer.WriteQuantity("gasLimit"u8, payload.GasLimit);
        writer.WriteQuantity("gasUsed"u8, payload.GasUsed);
        writer.WriteQuantity("timestamp"u8, payload.Timestamp);
        writer.WriteData("extraData"u8, payload.ExtraData);
        writer.WriteQuantity("baseFeePerGas"u8, payload.BaseFeePerGas);
        writer.WriteHash("blockHash"u8, payload.BlockHash);
        WriteTransactions(writer, payload.Transactions);
        if (payload.Withdrawals is { } withdrawals) WriteWithdrawals(writer, withdrawals);
        if (payload.BlobGasUsed is { } blobGas) writer.WriteQuantity("blobGasUsed"u8, blobGas);
        if (payload.ExcessBlobGas is { } excess) writer.WriteQuantity("excessBlobGas"u8, excess);
        if (payload.WithdrawalsRoot is { } root) writer.WriteHash("withdrawalsRoot"u8, root);
        writer.WriteEndObject();
    }

    /// <summary>Reads a payload of any version.</summary>
    public static ExecutionPayload ReadPayload(JsonValue value)
    {
        byte[] extraData = value["extraData"].AsData();
        if (extraData.Length > 32) throw value["extraData"].Fault("expected at most 32 bytes");
        return new ExecutionPayload
        {
            ParentHash = value["parentHash"].AsHash(),
            FeeRecipient = value["feeRecipient"].AsAddress(),
            StateRoot = value["stateRoot"].AsHash(),
            ReceiptsRoot = value["receiptsRoot"].AsHash(),
            LogsBloom = Bloom.FromBytes(value["logsBloom"].AsData(Bloom.Size)),
            PrevRandao = value["prevRandao"].AsHash(),
            BlockNumber = value["blockNumber"].AsQuantity(),
            GasLimit = value["gasLimit"].AsQuantity(),
            GasUsed = value["gasUsed"].AsQuantity(),
            Timestamp = value["timestamp"].AsQuantity(),
            ExtraData = extraData,
            BaseFeePerGas = value["baseFeePerGas"].AsUInt256(),
            BlockHash = value["blockHash"].AsHash(),
            Transactions = value["transactions"].AsArray(static v => v.AsData()),
            Withdrawals = value.OrNone("withdrawals", static list => list.AsArray(EthJson.ReadWithdrawal)),
            BlobGasUsed = value.OrNull("blobGasUsed", static v => v.AsQuantity()),
            ExcessBlobGas = value.OrNull("excessBlobGas", static v => v.AsQuantity()),
            WithdrawalsRoot = value.OrNull("withdrawalsRoot", static v => v.AsHash()),
        };
    }

    /// <summary>Writes the answer of <c>engine_getPayload</c>.</summary>
    /// <param name="writer">Where to write.</param>
    /// <param name="envelope">The payload and what goes with it.</param>
    /// <param name="version">The method's version, 1 to 5.</param>
    public static void WriteEnvelope(Utf8JsonWriter writer, PayloadEnvelope envelope, int version)
    {
        if (version == 1)
        {
            WritePayload(writer, envelope.Payload);
            return;
        }

        writer.WriteStartObject();
        writer.WritePropertyName("executionPayload"u8);
        WritePayload(writer, envelope.Payload);
        writer.WriteQuantity("blockValue"u8, envelope.BlockValue);
        if (version >= 3)
        {
            writer.WriteStartObject("blobsBundle"u8);
            WriteItems(writer, "commitments"u8, envelope.Blobs?.Commitments ?? []);
            WriteItems(writer, "proofs"u8, envelope.Blobs?.Proofs ?? []);
            WriteItems(writer, "blobs"u8, envelope.Blobs?.Blobs ?? []);
            writer.WriteEndObject();
            writer.WriteBoolean("shouldOverrideBuilder"u8, false);
            if (envelope.ParentBeaconBlockRoot is { } beacon) writer.WriteHash("parentBeaconBlockRoot"u8, beacon);
        }

        if (version >= 4) WriteItems(writer, "executionRequests"u8, envelope.ExecutionRequests);
        writer.WriteEndObject();
    }

    private static void WriteItems(Utf8JsonWriter writer, ReadOnlySpan<byte> name, IReadOnlyList<byte[]> items)
    {
        writer.WriteStartArray(name);
        foreach (byte[] item in items) writer.WriteDataValue(item);
        writer.WriteEndArray();
    }

    /// <summary>Reads the answer of <c>engine_getPayload</c>.</summary>
    /// <param name="value">The answer.</param>
    /// <param name="version">The method's version, 1 to 5.</param>
    public static PayloadEnvelope ReadEnvelope(JsonValue value, int version)
    {
        if (version == 1) return new PayloadEnvelope { Payload = ReadPayload(value) };
        return new PayloadEnvelope
        {
            Payload = ReadPayload(value["executionPayload"]),
            BlockValue = value.OrNull("blockValue", static v => v.AsUInt256()) ?? UInt256.Zero,
            Blobs = value.TryGet("blobsBundle", out JsonValue bundle) ? ReadBlobs(bundle, version) : null,
            ParentBeaconBlockRoot = value.OrNull("parentBeaconBlockRoot", static v => v.AsHash()),
            ExecutionRequests = value.OrNone("executionRequests", static list => list.AsArray(static v => v.AsData())) ?? [],
        };
    }

    private static BlobSidecar? ReadBlobs(JsonValue bundle, int version)
    {
        byte[][] blobs = bundle["blobs"].AsArray(static v => v.AsData(BlobSidecar.BlobSize));
        if (blobs.Length == 0) return null;
        return new BlobSidecar
        {
            WrapperVersion = version >= 5 ? (byte)1 : (byte)0,
            Blobs = blobs,
            Commitments = bundle["commitments"].AsArray(static v => v.AsData(BlobSidecar.CommitmentSize)),
            Proofs = bundle["proofs"].AsArray(static v => v.AsData(BlobSidecar.CommitmentSize)),
        };
    }

    /// <summary>Writes a payload status.</summary>
    public static void WriteStatus(Utf8JsonWriter writer, PayloadStatus status)
    {
        writer.WriteStartObject();
        writer.WriteString("status"u8, status.Verdict switch
        {
            PayloadVerdict.Valid => "VALID"u8,
            PayloadVerdict.Invalid => "INVALID"u8,
            PayloadVerdict.Syncing => "SYNCING"u8,
            PayloadVerdict.Accepted => "ACCEPTED"u8,
            _ => "INVALID_BLOCK_HASH"u8,
        });
        if (status.LatestValidHash is { } latest) writer.WriteHash("latestValidHash"u8, latest);
        else writer.WriteNull("latestValidHash"u8);
        if (status.ValidationError is { } error) writer.WriteString("validationError"u8, error);
        else writer.WriteNull("validationError"u8);
        writer.WriteEndObject();
    }

    /// <summary>Reads a payload status.</summary>
    public static PayloadStatus ReadStatus(JsonValue value)
    {
        JsonValue status = value["status"];
        PayloadVerdict verdict = status.AsString() switch
        {
            "VALID" => PayloadVerdict.Valid,
            "INVALID" => PayloadVerdict.Invalid,
            "SYNCING" => PayloadVerdict.Syncing,
            "ACCEPTED" => PayloadVerdict.Accepted,
            "INVALID_BLOCK_HASH" => PayloadVerdict.InvalidBlockHash,
            _ => throw status.Fault("expected VALID, INVALID, SYNCING or ACCEPTED"),
        };
        return new PayloadStatus(verdict, value.OrNull("latestValidHash", static v => v.AsHash()), value.OrNone("validationError", static v => v.AsString()));
    }

    /// <summary>Writes the answer to a forkchoice update.</summary>
    public static void WriteForkchoiceResult(Utf8JsonWriter writer, ForkchoiceResult result)
    {
        writer.WriteStartObject();
        writer.WritePropertyName("payloadStatus"u8);
        WriteStatus(writer, result.Status);
        if (result.PayloadId is { } id) writer.WriteString("payloadId"u8, id.ToString());
        else writer.WriteNull("payloadId"u8);
        writer.WriteEndObject();
    }

    /// <summary>Reads the answer to a forkchoice update.</summary>
    public static ForkchoiceResult ReadForkchoiceResult(JsonValue value) => new(ReadStatus(value["payloadStatus"]), value.OrNull("payloadId", PayloadId.Read));

    /// <summary>Writes a forkchoice state.</summary>
    public static void WriteForkchoiceState(Utf8JsonWriter writer, in ForkchoiceState state)
    {
        writer.WriteStartObject();
        writer.WriteHash("headBlockHash"u8, state.Head);
        writer.WriteHash("safeBlockHash"u8, state.Safe);
        writer.WriteHash("finalizedBlockHash"u8, state.Finalized);
        writer.WriteEndObject();
    }

    /// <summary>Reads a forkchoice state.</summary>
    public static ForkchoiceState ReadForkchoiceState(JsonValue value) =>
        new(value["headBlockHash"].AsHash(), value["safeBlockHash"].AsHash(), value["finalizedBlockHash"].AsHash());
}
