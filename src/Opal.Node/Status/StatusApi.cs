using System.Text.Json;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>opal_status: the heads, and why each stands where it stands. A method of this program's own.</summary>
public sealed class StatusApi(Driver driver, RollupConfig config, DroppedItems dropped, TimeProvider time, string version)
{
    /// <summary>Adds the method.</summary>
    public void Register(RpcRegistry registry) => registry.Register("opal_status", async (parameters, _, cancellation) =>
    {
        parameters.RequireAtMost(0);
        NodeReport report = await driver.ReportAsync(dropped, cancellation);
        ulong now = (ulong)time.GetUtcNow().ToUnixTimeSeconds();
        return RpcResult.Json(writer => Write(writer, report, now));
    });

    private void Write(Utf8JsonWriter writer, NodeReport report, ulong now)
    {
        SyncStatus heads = report.Heads;
        writer.WriteStartObject();
        writer.WriteString("version"u8, version);
        writer.WriteNumber("l1_chain_id"u8, config.L1ChainId);
        writer.WriteNumber("l2_chain_id"u8, config.L2ChainId);
        writer.WriteNumber("time"u8, now);
        WriteText(writer, "halted"u8, report.Halted);
        writer.WriteStartObject("l1"u8);
        WriteL1(writer, "head"u8, heads.HeadL1, now);
        WriteL1(writer, "current"u8, heads.CurrentL1, now);
        WriteL1(writer, "safe"u8, heads.SafeL1, now);
        WriteL1(writer, "finalized"u8, heads.FinalizedL1, now);
        WriteText(writer, "trouble"u8, report.L1Trouble);
        writer.WriteEndObject();
        writer.WriteStartObject("l2"u8);
        WriteHead(writer, "unsafe"u8, heads.UnsafeL2, heads.UnsafeL2, now, report.UnsafeReason);
        WriteHead(writer, "safe"u8, heads.SafeL2, heads.UnsafeL2, now, report.SafeReason);
        WriteHead(writer, "finalized"u8, heads.FinalizedL2, heads.UnsafeL2, now, report.FinalizedReason);
        WriteText(writer, "engine_trouble"u8, report.EngineTrouble);
        writer.WriteEndObject();
        writer.WriteStartObject("sequencer"u8);
        writer.WriteBoolean("enabled"u8, report.SequencerEnabled);
        writer.WriteBoolean("active"u8, report.SequencerActive);
        writer.WriteBoolean("recover"u8, report.SequencerRecovers);
        WriteText(writer, "reason"u8, report.SequencerReason);
        writer.WriteEndObject();
        if (report.Following is { } following)
        {
            writer.WriteStartObject("following"u8);
            writer.WriteString("source"u8, following.Source);
            if (following.Head is { } number) writer.WriteNumber("head"u8, number);
            else writer.WriteNull("head"u8);
            WriteText(writer, "trouble"u8, following.Trouble);
            writer.WriteEndObject();
        }

        writer.WriteStartArray("channels"u8);
        foreach (ChannelProgress channel in report.Channels)
        {
            writer.WriteStartObject();
            writer.WriteString("id"u8, channel.Id.ToString());
            writer.WriteNumber("open_l1_block"u8, channel.OpenBlock);
            writer.WriteNumber("frames"u8, channel.Frames);
            if (channel.Total is { } total) writer.WriteNumber("total"u8, total);
            else writer.WriteNull("total"u8);
            writer.WriteNumber("first_missing"u8, channel.FirstMissing);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteStartArray("dropped"u8);
        foreach (DroppedItem item in report.Dropped)
        {
            writer.WriteStartObject();
            writer.WriteNumber("l1_block"u8, item.L1Block);
            writer.WriteString("what"u8, item.What);
            writer.WriteString("rule"u8, item.Rule);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteL1(Utf8JsonWriter writer, ReadOnlySpan<byte> name, L1BlockRef block, ulong now)
    {
        writer.WriteStartObject(name);
        writer.WriteHash("hash"u8, block.Hash);
        writer.WriteNumber("number"u8, block.Number);
        writer.WriteNumber("age"u8, Age(block.Timestamp, now));
        writer.WriteEndObject();
    }

    private static void WriteHead(Utf8JsonWriter writer, ReadOnlySpan<byte> name, L2BlockRef block, L2BlockRef tip, ulong now, string? reason)
    {
        writer.WriteStartObject(name);
        writer.WriteHash("hash"u8, block.Hash);
        writer.WriteNumber("number"u8, block.Number);
        writer.WriteNumber("l1_origin"u8, block.L1Origin.Number);
        writer.WriteNumber("age"u8, Age(block.Timestamp, now));
        writer.WriteNumber("lag"u8, tip.Number > block.Number ? tip.Number - block.Number : 0);
        WriteText(writer, "reason"u8, reason);
        writer.WriteEndObject();
    }

    private static ulong Age(ulong timestamp, ulong now) => timestamp == 0 || timestamp > now ? 0 : now - timestamp;

    private static void WriteText(Utf8JsonWriter writer, ReadOnlySpan<byte> name, string? text)
    {
        if (text is null) writer.WriteNull(name);
        else writer.WriteString(name, text);
    }
}
