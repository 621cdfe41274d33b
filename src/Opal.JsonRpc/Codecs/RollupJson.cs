using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.JsonRpc;

/// <summary>The <c>optimism</c> namespace's JSON, both ways. Numbers are plain JSON numbers here, not quantities.</summary>
public static class RollupJson
{
    /// <summary>Writes hash and number.</summary>
    public static void WriteBlockId(Utf8JsonWriter writer, BlockId id)
    {
        writer.WriteStartObject();
        writer.WriteHash("hash"u8, id.Hash);
        writer.WriteNumber("number"u8, id.Number);
        writer.WriteEndObject();
    }

    /// <summary>Reads hash and number.</summary>
    public static BlockId ReadBlockId(JsonValue value) => new(value["hash"].AsHash(), value["number"].AsNumber());

    /// <summary>Writes an L1 block reference.</summary>
    public static void WriteL1Block(Utf8JsonWriter writer, L1BlockRef block)
    {
        writer.WriteStartObject();
        writer.WriteHash("hash"u8, block.Hash);
        writer.WriteNumber("number"u8, block.Number);
        writer.WriteHash("parentHash"u8, block.ParentHash);
        writer.WriteNumber("timestamp"u8, block.Timestamp);
        writer.WriteEndObject();
    }

    /// <summary>Reads an L1 block reference.</summary>
    public static L1BlockRef ReadL1Block(JsonValue value) =>
        new(value["hash"].AsHash(), value["number"].AsNumber(), value["parentHash"].AsHash(), value["timestamp"].AsNumber());

    /// <summary>Writes an L2 block reference.</summary>
    public static void WriteL2Block(Utf8JsonWriter writer, L2BlockRef block)
    {
        writer.WriteStartObject();
        writer.WriteHash("hash"u8, block.Hash);
        writer.WriteNumber("number"u8, block.Number);
        writer.WriteHash("parentHash"u8, block.ParentHash);
        writer.WriteNumber("timestamp"u8, block.Timestamp);
        writer.WritePropertyName("l1origin"u8);
        WriteBlockId(writer, block.L1Origin);
        writer.WriteNumber("sequenceNumber"u8, block.SequenceNumber);
        writer.WriteEndObject();
    }

    /// <summary>Reads an L2 block reference.</summary>
    public static L2BlockRef ReadL2Block(JsonValue value) => new(
        value["hash"].AsHash(), value["number"].AsNumber(), value["parentHash"].AsHash(), value["timestamp"].AsNumber(),
        ReadBlockId(value["l1origin"]), value["sequenceNumber"].AsNumber());

    /// <summary>Writes a status, with the fields that older readers ask for (<c>current_l1_finalized</c>, <c>cross_unsafe_l2</c>, <c>local_safe_l2</c>).</summary>
    public static void WriteSyncStatus(Utf8JsonWriter writer, SyncStatus status)
    {
        writer.WriteStartObject();
        L1("current_l1"u8, status.CurrentL1);
        L1("current_l1_finalized"u8, status.FinalizedL1);
        L1("head_l1"u8, status.HeadL1);
        L1("safe_l1"u8, status.SafeL1);
        L1("finalized_l1"u8, status.FinalizedL1);
        L2("unsafe_l2"u8, status.UnsafeL2);
        L2("safe_l2"u8, status.SafeL2);
        L2("finalized_l2"u8, status.FinalizedL2);
        L2("pending_safe_l2"u8, status.PendingSafeL2);
        L2("cross_unsafe_l2"u8, status.UnsafeL2);
        L2("local_safe_l2"u8, status.SafeL2);
        writer.WriteEndObject();

        void L1(ReadOnlySpan<byte> name, L1BlockRef block)
        {
            writer.WritePropertyName(name);
            WriteL1Block(writer, block);
        }

        void L2(ReadOnlySpan<byte> name, L2BlockRef block)
        {
            writer.WritePropertyName(name);
            WriteL2Block(writer, block);
        }
    }

    /// <summary>Reads a status.</summary>
    public static SyncStatus ReadSyncStatus(JsonValue value)
    {
        L2BlockRef safe = ReadL2Block(value["safe_l2"]);
        return new SyncStatus
        {
            CurrentL1 = ReadL1Block(value["current_l1"]),
            HeadL1 = ReadL1Block(value["head_l1"]),
            SafeL1 = value.OrNull("safe_l1", ReadL1Block) ?? default,
            FinalizedL1 = value.OrNull("finalized_l1", ReadL1Block) ?? default,
            UnsafeL2 = ReadL2Block(value["unsafe_l2"]),
            SafeL2 = safe,
            FinalizedL2 = ReadL2Block(value["finalized_l2"]),
            PendingSafeL2 = value.OrNull("pending_safe_l2", ReadL2Block) ?? safe,
        };
    }

    /// <summary>Writes an output.</summary>
    public static void WriteOutput(Utf8JsonWriter writer, OutputAtBlock output)
    {
        writer.WriteStartObject();
        writer.WriteHash("version"u8, output.Version);
        writer.WriteHash("outputRoot"u8, output.OutputRoot);
        writer.WritePropertyName("blockRef"u8);
        WriteL2Block(writer, output.Block);
        writer.WriteHash("withdrawalStorageRoot"u8, output.WithdrawalStorageRoot);
        writer.WriteHash("stateRoot"u8, output.StateRoot);
        writer.WritePropertyName("syncStatus"u8);
        WriteSyncStatus(writer, output.Status);
        writer.WriteEndObject();
    }

    /// <summary>Reads an output.</summary>
    public static OutputAtBlock ReadOutput(JsonValue value) => new()
    {
        Version = value["version"].AsHash(),
        OutputRoot = value["outputRoot"].AsHash(),
        Block = ReadL2Block(value["blockRef"]),
        WithdrawalStorageRoot = value["withdrawalStorageRoot"].AsHash(),
        StateRoot = value["stateRoot"].AsHash(),
        Status = ReadSyncStatus(value["syncStatus"]),
    };
}
