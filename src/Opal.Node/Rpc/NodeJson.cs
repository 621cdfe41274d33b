using System.Text.Json;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>The JSON of the rollup node's answers. Numbers are plain JSON numbers, as op-node writes them.</summary>
internal static class NodeJson
{
    public static void Write(Utf8JsonWriter writer, SyncStatus status)
    {
        writer.WriteStartObject();
        WriteL1(writer, "current_l1"u8, status.CurrentL1);
        WriteL1(writer, "current_l1_finalized"u8, status.CurrentL1Finalized);
        WriteL1(writer, "head_l1"u8, status.HeadL1);
        WriteL1(writer, "safe_l1"u8, status.SafeL1);
        WriteL1(writer, "finalized_l1"u8, status.FinalizedL1);
        WriteL2(writer, "unsafe_l2"u8, status.UnsafeL2);
        WriteL2(writer, "safe_l2"u8, status.SafeL2);
        WriteL2(writer, "finalized_l2"u8, status.FinalizedL2);
        WriteL2(writer, "pending_safe_l2"u8, status.PendingSafeL2);
        // Without interop, cross-unsafe is unsafe and local-safe is safe.
        WriteL2(writer, "cross_unsafe_l2"u8, status.UnsafeL2);
        WriteL2(writer, "local_safe_l2"u8, status.SafeL2);
        writer.WriteEndObject();
    }

    public static void WriteOutput(Utf8JsonWriter writer, Hash256 output, L2BlockRef block, Hash256 withdrawalStorageRoot, Hash256 stateRoot, SyncStatus status)
    {
        writer.WriteStartObject();
        writer.WriteHash("version"u8, Hash256.Zero);
        writer.WriteHash("outputRoot"u8, output);
        WriteL2(writer, "blockRef"u8, block);
        writer.WriteHash("withdrawalStorageRoot"u8, withdrawalStorageRoot);
        writer.WriteHash("stateRoot"u8, stateRoot);
        writer.WritePropertyName("syncStatus"u8);
        Write(writer, status);
        writer.WriteEndObject();
    }

    public static void WriteId(Utf8JsonWriter writer, ReadOnlySpan<byte> name, BlockId id)
    {
        writer.WriteStartObject(name);
        writer.WriteHash("hash"u8, id.Hash);
        writer.WriteNumber("number"u8, id.Number);
        writer.WriteEndObject();
    }

    private static void WriteL1(Utf8JsonWriter writer, ReadOnlySpan<byte> name, L1BlockRef block)
    {
        writer.WriteStartObject(name);
        writer.WriteHash("hash"u8, block.Hash);
        writer.WriteNumber("number"u8, block.Number);
        writer.WriteHash("parentHash"u8, block.ParentHash);
        writer.WriteNumber("timestamp"u8, block.Timestamp);
        writer.WriteEndObject();
    }

    private static void WriteL2(Utf8JsonWriter writer, ReadOnlySpan<byte> name, L2BlockRef block)
    {
        writer.WriteStartObject(name);
        writer.WriteHash("hash"u8, block.Hash);
        writer.WriteNumber("number"u8, block.Number);
        writer.WriteHash("parentHash"u8, block.ParentHash);
        writer.WriteNumber("timestamp"u8, block.Timestamp);
        WriteId(writer, "l1origin"u8, block.L1Origin);
        writer.WriteNumber("sequenceNumber"u8, block.SequenceNumber);
        writer.WriteEndObject();
    }
}
