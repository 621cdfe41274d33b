using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Cli.Batches;

/// <summary>Prints an inspection as one JSON document; docs/batch-decode.md describes it.</summary>
internal static class DecodeJson
{
    private static readonly JsonWriterOptions s_indented = new() { Indented = true };

    public static void Write(Inspection inspection, TextWriter output)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, s_indented))
        {
            json.WriteStartObject();
            WriteRollup(json, inspection.Rollup);
            json.WriteStartArray("transactions"u8);
            foreach (InboxTransaction transaction in inspection.Transactions) WriteTransaction(json, inspection, transaction);
            json.WriteEndArray();
            json.WriteStartArray("frames"u8);
            foreach (FrameView frame in inspection.Frames) WriteFrame(json, frame);
            json.WriteEndArray();
            json.WriteStartArray("channels"u8);
            foreach (ChannelView channel in inspection.Channels) WriteChannel(json, inspection.Rollup, channel);
            json.WriteEndArray();
            json.WriteStartArray("problems"u8);
            foreach (string problem in inspection.Problems) json.WriteStringValue(problem);
            json.WriteEndArray();
            WriteTotals(json, new DecodeTotals(inspection));
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    private static void WriteRollup(Utf8JsonWriter json, KnownRollup rollup)
    {
        json.WritePropertyName("rollup"u8);
        if (!rollup.IsKnown)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteNumber("l1_chain_id"u8, rollup.Config.L1ChainId);
        json.WriteNumber("l2_chain_id"u8, rollup.Config.L2ChainId);
        json.WriteAddress("batch_inbox_address"u8, rollup.Config.BatchInboxAddress);
        if (rollup.Batcher is { } batcher) json.WriteAddress("batcher"u8, batcher);
        json.WriteEndObject();
    }

    private static void WriteTransaction(Utf8JsonWriter json, Inspection inspection, InboxTransaction transaction)
    {
        json.WriteStartObject();
        WritePlace(json, transaction);
        if (transaction.Block is { } block)
        {
            json.WriteHash("l1_block_hash"u8, block.Hash);
            json.WriteNumber("l1_block_time"u8, block.Timestamp);
        }

        if (transaction.Index is { } index) json.WriteNumber("index"u8, index);
        if (transaction.Type is { } type) json.WriteNumber("type"u8, (byte)type);
        if (transaction.From is { } from) json.WriteAddress("from"u8, from);
        if (transaction.IsFromBatcher is { } valid) json.WriteBoolean("valid_sender"u8, valid);
        if (transaction.Ignored is not null) json.WriteString("ignored"u8, transaction.Ignored);
        json.WriteNumber("frames"u8, inspection.FrameCountOf(transaction));
        json.WriteStartArray("data"u8);
        foreach (DataPart part in transaction.Parts)
        {
            json.WriteStartObject();
            json.WriteString("carrier"u8, Lower(part.Carrier));
            if (part.Blob is { } blob) json.WriteHash("versioned_hash"u8, blob);
            json.WriteNumber("bytes"u8, part.CarriedBytes);
            if (part.Problem is not null) json.WriteString("problem"u8, part.Problem);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        if (transaction.Problem is not null) json.WriteString("problem"u8, transaction.Problem);
        json.WriteEndObject();
    }

    private static void WritePlace(Utf8JsonWriter json, InboxTransaction transaction)
    {
        if (transaction.File is not null) json.WriteString("file"u8, transaction.File);
        if (transaction.Hash is { } hash) json.WriteHash("transaction"u8, hash);
        if (transaction.Block is { } block) json.WriteNumber("l1_block"u8, block.Number);
    }

    private static void WriteFrame(Utf8JsonWriter json, FrameView view)
    {
        json.WriteStartObject();
        json.WriteString("channel"u8, view.Frame.Channel.ToString());
        json.WriteNumber("number"u8, view.Frame.Number);
        json.WriteNumber("bytes"u8, view.Frame.Data.Length);
        json.WriteBoolean("is_last"u8, view.Frame.IsLast);
        json.WriteBoolean("used"u8, view.IsUsed);
        if (view.Ignored is not null) json.WriteString("ignored"u8, view.Ignored);
        if (view.Dropped != FrameRule.None) json.WriteString("rule"u8, view.Dropped.ToString());
        WritePlace(json, view.Transaction);
        json.WriteEndObject();
    }

    private static void WriteChannel(Utf8JsonWriter json, KnownRollup rollup, ChannelView channel)
    {
        json.WriteStartObject();
        if (channel.Id is { } id) json.WriteString("id"u8, id.ToString());
        json.WriteString("state"u8, Lower(channel.State));
        json.WriteString("state_text"u8, channel.StateText);
        if (channel.Rule != ChannelRule.None) json.WriteString("rule"u8, channel.Rule.ToString());
        if (channel.Id is not null)
        {
            json.WriteNumber("frames"u8, channel.UsedFrames);
            if (channel.TotalFrames is { } total) json.WriteNumber("total_frames"u8, total);
            if (channel.State is ChannelState.Incomplete or ChannelState.Dropped) json.WriteNumber("first_missing_frame"u8, channel.FirstMissing);
        }

        if (channel.Compression != CompressionKind.None) json.WriteString("compression"u8, Lower(channel.Compression));
        json.WriteNumber("compressed_bytes"u8, channel.CompressedBytes);
        if (channel.ContentBytes > 0) json.WriteNumber("decompressed_bytes"u8, channel.ContentBytes);
        if (channel.Ratio is { } ratio) json.WriteNumber("ratio"u8, Math.Round(ratio, 4));
        if (channel.FirstL1Block is { } first) json.WriteNumber("first_l1_block"u8, first);
        if (channel.LastL1Block is { } last) json.WriteNumber("last_l1_block"u8, last);
        json.WriteNumber("blocks"u8, channel.BlockCount);
        json.WriteNumber("transactions"u8, channel.TransactionCount);
        json.WriteStartArray("batches"u8);
        foreach (BatchView batch in channel.Batches) WriteBatch(json, rollup, batch);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteBatch(Utf8JsonWriter json, KnownRollup rollup, BatchView batch)
    {
        json.WriteStartObject();
        json.WriteString("form"u8, batch.Kind == BatchKind.Span ? "span"u8 : "singular"u8);
        json.WriteNumber("bytes"u8, batch.Item.Size);
        if (batch.Item.Rule != BatchRule.None) json.WriteString("rule"u8, batch.Item.Rule.ToString());
        if (batch.Item.Singular is { } singular)
        {
            json.WriteHash("parent_hash"u8, singular.ParentHash);
            json.WriteHash("l1_origin_hash"u8, singular.EpochHash);
        }

        if (batch.Item.Span is { } span)
        {
            WriteCheck(json, "parent_check"u8, span.ParentCheck);
            WriteCheck(json, "l1_origin_check"u8, span.OriginCheck);
        }

        if (batch.HasBlocks)
        {
            WriteTime(json, rollup, batch.Kind, batch.FirstTimestamp);
            json.WriteNumber("first_l1_origin"u8, batch.FirstOrigin);
            json.WriteNumber("last_l1_origin"u8, batch.LastOrigin);
        }

        json.WriteNumber("transactions"u8, batch.TransactionCount);
        json.WriteStartArray("blocks"u8);
        foreach (BlockView block in batch.Blocks)
        {
            json.WriteStartObject();
            if (rollup.NumberAt(block.Timestamp) is { } number) json.WriteNumber("number"u8, number);
            if (rollup.IsKnown || batch.Kind == BatchKind.Singular) json.WriteNumber("timestamp"u8, block.Timestamp);
            json.WriteNumber("l1_origin"u8, block.Origin);
            json.WriteNumber("transaction_count"u8, block.Transactions.Count);
            if (rollup.KnowsTransactionsOf(batch.Kind))
            {
                json.WriteStartArray("transactions"u8);
                foreach (byte[] transaction in block.Transactions) json.WriteHashValue(Keccak256.Hash(transaction));
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    /// <summary>The first block's time; after L2's genesis where that is not known.</summary>
    private static void WriteTime(Utf8JsonWriter json, KnownRollup rollup, BatchKind kind, ulong first)
    {
        if (rollup.NumberAt(first) is { } number) json.WriteNumber("first_block"u8, number);
        bool isRelative = !rollup.IsKnown && kind == BatchKind.Span;
        json.WriteNumber(isRelative ? "relative_timestamp"u8 : "timestamp"u8, first);
    }

    private static void WriteCheck(Utf8JsonWriter json, ReadOnlySpan<byte> name, HashCheck check)
    {
        Span<byte> bytes = stackalloc byte[HashCheck.Size];
        check.CopyTo(bytes);
        json.WriteData(name, bytes);
    }

    private static void WriteTotals(Utf8JsonWriter json, DecodeTotals totals)
    {
        json.WriteStartObject("total"u8);
        json.WriteNumber("transactions"u8, totals.Transactions);
        json.WriteNumber("ignored_transactions"u8, totals.Ignored);
        json.WriteNumber("frames"u8, totals.Frames);
        json.WriteNumber("unused_frames"u8, totals.UnusedFrames);
        json.WriteNumber("channels"u8, totals.Channels);
        json.WriteNumber("complete_channels"u8, totals.CompleteChannels);
        json.WriteNumber("batches"u8, totals.Batches);
        json.WriteNumber("blocks"u8, totals.Blocks);
        json.WriteNumber("l2_transactions"u8, totals.L2Transactions);
        json.WriteNumber("compressed_bytes"u8, totals.CompressedBytes);
        json.WriteNumber("decompressed_bytes"u8, totals.ContentBytes);
        json.WriteEndObject();
    }

    private static string Lower(Enum value) => value.ToString().ToLower(CultureInfo.InvariantCulture);
}
