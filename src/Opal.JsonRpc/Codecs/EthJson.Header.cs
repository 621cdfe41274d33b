using System.Buffers.Binary;
using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>The <c>eth</c> namespace's JSON of headers, blocks, transactions, receipts, logs and proofs, both ways, with the OP Stack's fields.</summary>
/// <remarks>Readers throw <see cref="JsonFormatException"/>. They take what the fields say; whether it matches the stated hash is checked by <see cref="EthClient"/>.</remarks>
public static partial class EthJson
{
    /// <summary>Writes a header as an object (<c>eth_getHeaderByNumber</c>, <c>newHeads</c>).</summary>
    public static void WriteHeader(Utf8JsonWriter writer, BlockHeader header)
    {
        writer.WriteStartObject();
        WriteHeaderFields(writer, header);
        writer.WriteEndObject();
    }

    /// <summary>Writes a header's fields into the object that is open.</summary>
    public static void WriteHeaderFields(Utf8JsonWriter writer, BlockHeader header)
    {
        Span<byte> nonce = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64BigEndian(nonce, header.Nonce);
        writer.WriteQuantity("number"u8, header.Number);
        writer.WriteHash("hash"u8, header.Hash);
        writer.WriteHash("parentHash"u8, header.ParentHash);
        writer.WriteData("nonce"u8, nonce);
        writer.WriteHash("mixHash"u8, header.MixHash);
        writer.WriteHash("sha3Uncles"u8, header.OmmersHash);
        writer.WriteData("logsBloom"u8, header.LogsBloom.Bytes);
        writer.WriteHash("stateRoot"u8, header.StateRoot);
        writer.WriteAddress("miner"u8, header.Beneficiary);
        writer.WriteQuantity("difficulty"u8, header.Difficulty);
        writer.WriteData("extraData"u8, header.ExtraData);
        writer.WriteQuantity("gasLimit"u8, header.GasLimit);
        writer.WriteQuantity("gasUsed"u8, header.GasUsed);
        writer.WriteQuantity("timestamp"u8, header.Timestamp);
        writer.WriteHash("transactionsRoot"u8, header.TransactionsRoot);
        writer.WriteHash("receiptsRoot"u8, header.ReceiptsRoot);
        if (header.BaseFeePerGas is { } baseFee) writer.WriteQuantity("baseFeePerGas"u8, baseFee);
        if (header.WithdrawalsRoot is { } withdrawals) writer.WriteHash("withdrawalsRoot"u8, withdrawals);
        if (header.BlobGasUsed is { } blobGas) writer.WriteQuantity("blobGasUsed"u8, blobGas);
        if (header.ExcessBlobGas is { } excess) writer.WriteQuantity("excessBlobGas"u8, excess);
        if (header.ParentBeaconBlockRoot is { } beacon) writer.WriteHash("parentBeaconBlockRoot"u8, beacon);
        if (header.RequestsHash is { } requests) writer.WriteHash("requestsHash"u8, requests);
    }

    /// <summary>Reads a header from a header or block object.</summary>
    public static BlockHeader ReadHeader(JsonValue value) => new()
    {
        ParentHash = value["parentHash"].AsHash(),
        OmmersHash = value["sha3Uncles"].AsHash(),
        Beneficiary = value["miner"].AsAddress(),
        StateRoot = value["stateRoot"].AsHash(),
        TransactionsRoot = value["transactionsRoot"].AsHash(),
        ReceiptsRoot = value["receiptsRoot"].AsHash(),
        LogsBloom = Bloom.FromBytes(value["logsBloom"].AsData(Bloom.Size)),
        Difficulty = value.OrNull("difficulty", static v => v.AsUInt256()) ?? UInt256.Zero,
        Number = value["number"].AsQuantity(),
        GasLimit = value["gasLimit"].AsQuantity(),
        GasUsed = value["gasUsed"].AsQuantity(),
        Timestamp = value["timestamp"].AsQuantity(),
        ExtraData = value["extraData"].AsData(),
        MixHash = value.OrNull("mixHash", static v => v.AsHash()) ?? Hash256.Zero,
        Nonce = BinaryPrimitives.ReadUInt64BigEndian(value["nonce"].AsData(8)),
        BaseFeePerGas = value.OrNull("baseFeePerGas", static v => v.AsUInt256()),
        WithdrawalsRoot = value.OrNull("withdrawalsRoot", static v => v.AsHash()),
        BlobGasUsed = value.OrNull("blobGasUsed", static v => v.AsQuantity()),
        ExcessBlobGas = value.OrNull("excessBlobGas", static v => v.AsQuantity()),
        ParentBeaconBlockRoot = value.OrNull("parentBeaconBlockRoot", static v => v.AsHash()),
        RequestsHash = value.OrNull("requestsHash", static v => v.AsHash()),
    };
}
