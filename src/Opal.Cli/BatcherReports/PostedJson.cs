using System.Text.Json;
using Opal.Cli.Batches;
using Opal.Primitives;

namespace Opal.Cli.BatcherReports;

/// <summary>What was posted for programs; amounts in wei as decimal text, null for what is not known.</summary>
internal static class PostedJson
{
    public static void Write(PostedRange range, Stream output)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteNumber("from"u8, range.From);
        json.WriteNumber("to"u8, range.To);
        json.WriteNumber("seconds"u8, range.Seconds);
        json.WriteString("batcher"u8, range.Inspection.Rollup.Batcher!.Value.ToString());
        json.WriteString("inbox"u8, range.Inspection.Rollup.Config.BatchInboxAddress.ToString());
        json.WriteStartArray("transactions"u8);
        foreach (PostedTransaction transaction in range.Transactions) One(json, transaction);
        json.WriteEndArray();
        Total(json, range);
        json.WriteStartArray("lost_channels"u8);
        foreach ((ChannelView channel, string reason) in range.LostChannels)
        {
            json.WriteStartObject();
            json.WriteString("channel"u8, $"{channel.Id}");
            json.WriteString("reason"u8, reason);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("problems"u8);
        foreach (string problem in range.Inspection.Problems) json.WriteStringValue(problem);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void One(Utf8JsonWriter json, PostedTransaction transaction)
    {
        json.WriteStartObject();
        json.WriteNumber("l1_block"u8, transaction.Source.Block!.Value.Number);
        json.WriteString("transaction"u8, $"{transaction.Source.Hash}");
        json.WriteNumber("blobs"u8, transaction.Blobs);
        Number(json, "bytes"u8, transaction.Bytes);
        Number(json, "fill_percent"u8, transaction.FillPercent);
        json.WriteNumber("gas"u8, transaction.Gas);
        Amount(json, "execution_fee_wei"u8, transaction.ExecutionFee);
        Amount(json, "blob_fee_wei"u8, transaction.BlobFee);
        json.WriteEndObject();
    }

    private static void Total(Utf8JsonWriter json, PostedRange range)
    {
        (long compressed, long content) = range.Compression;
        json.WriteStartObject("total"u8);
        json.WriteNumber("transactions"u8, range.Transactions.Count);
        json.WriteNumber("others_transactions"u8, range.Strangers);
        json.WriteNumber("blobs"u8, range.Blobs);
        Number(json, "fill_percent"u8, range.FillPercent);
        Number(json, "bytes"u8, range.Bytes);
        json.WriteNumber("compressed_bytes"u8, compressed);
        json.WriteNumber("content_bytes"u8, content);
        json.WriteNumber("gas"u8, range.Gas);
        Amount(json, "execution_fee_wei"u8, range.ExecutionFee);
        Amount(json, "blob_fee_wei"u8, range.BlobFee);
        Amount(json, "fee_per_day_wei"u8, range.FeePerDay);
        Amount(json, "fee_per_megabyte_wei"u8, range.FeePerMegabyte);
        Amount(json, "fee_per_l2_block_wei"u8, range.FeePerBlock);
        Amount(json, "fee_per_l2_transaction_wei"u8, range.FeePerTransaction);
        json.WriteNumber("l2_blocks"u8, range.Carried.Blocks);
        json.WriteNumber("l2_transactions"u8, range.Carried.Transactions);
        Number(json, "average_delay_seconds"u8, range.Carried.AverageDelay);
        json.WriteNumber("most_delay_seconds"u8, range.Carried.MostDelay);
        json.WriteNumber("complete_channels"u8, range.CompleteChannels);
        json.WriteNumber("open_channels"u8, range.OpenChannels);
        json.WriteNumber("lost_channels"u8, range.LostChannels.Count);
        json.WriteNumber("duplicate_channels"u8, range.Carried.DuplicateChannels);
        json.WriteNumber("duplicate_l2_blocks"u8, range.Carried.DuplicateBlocks);
        json.WriteEndObject();
    }

    private static void Amount(Utf8JsonWriter json, ReadOnlySpan<byte> name, UInt256? wei)
    {
        if (wei is { } known) json.WriteString(name, known.ToString());
        else json.WriteNull(name);
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, double? number)
    {
        if (number is { } known) json.WriteNumber(name, known);
        else json.WriteNull(name);
    }

    private static void Number(Utf8JsonWriter json, ReadOnlySpan<byte> name, long? number)
    {
        if (number is { } known) json.WriteNumber(name, known);
        else json.WriteNull(name);
    }
}
