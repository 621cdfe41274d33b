using System.Text.Json;
using Opal.Batcher;
using Opal.Primitives;

namespace Opal.Cli.BatcherReports;

/// <summary>A plan for programs: every setting, amounts in wei as decimal text.</summary>
internal static class PlanJson
{
    public static void Write(Plan plan, Stream output)
    {
        using var json = new Utf8JsonWriter(output, new JsonWriterOptions { Indented = true });
        json.WriteStartObject();
        json.WriteStartObject("l2"u8);
        json.WriteNumber("from"u8, plan.Sample.Blocks[0].Number);
        json.WriteNumber("to"u8, plan.Sample.Blocks[^1].Number);
        json.WriteNumber("block_seconds"u8, plan.Rollup.BlockTimeSeconds);
        json.WriteNumber("transactions"u8, plan.Sample.Transactions);
        json.WriteNumber("raw_bytes"u8, plan.Sample.TotalRawBytes);
        json.WriteEndObject();
        json.WriteStartObject("l1"u8);
        json.WriteNumber("from"u8, plan.Fees.From);
        json.WriteNumber("to"u8, plan.Fees.To);
        json.WriteNumber("block_seconds"u8, plan.Fees.BlockSeconds);
        Prices(json, "median"u8, plan.Fees.Median, plan.Fees.KnowsBlobs);
        Prices(json, "p95"u8, plan.Fees.High, plan.Fees.KnowsBlobs);
        json.WriteEndObject();
        json.WriteNumber("least_l1_blocks_per_channel"u8, plan.Pace);
        json.WriteStartArray("settings"u8);
        foreach (PlanRow row in plan.Rows) Row(json, row, row == plan.Advised.Row);
        json.WriteEndArray();
        json.WritePropertyName("advised"u8);
        Row(json, plan.Advised.Row, true);
        json.WriteString("why"u8, plan.Advised.Why);
        if (plan.Present is { } present)
        {
            json.WritePropertyName("present"u8);
            Row(json, present, present.Setting == plan.Advised.Row.Setting);
        }

        json.WriteEndObject();
    }

    private static void Prices(Utf8JsonWriter json, ReadOnlySpan<byte> name, in L1Prices prices, bool knowsBlobs)
    {
        json.WriteStartObject(name);
        json.WriteString("gas_price_wei"u8, prices.GasPrice.ToString());
        Amount(json, "blob_base_fee_wei"u8, knowsBlobs ? prices.BlobBaseFee : null);
        json.WriteEndObject();
    }

    private static void Row(Utf8JsonWriter json, PlanRow row, bool isAdvised)
    {
        json.WriteStartObject();
        json.WriteString("batch_type"u8, row.Setting.Encoding.BatchesName);
        json.WriteString("compression"u8, row.Setting.Encoding.CompressionName);
        json.WriteString("carrier"u8, row.Setting.Carriage.AsBlobs ? "blobs"u8 : "calldata"u8);
        json.WriteNumber("target_num_frames"u8, row.Setting.Carriage.Frames);
        json.WriteNumber("max_channel_duration"u8, row.Setting.Duration);
        json.WriteNumber("channels_per_day"u8, row.ChannelsPerDay);
        json.WriteNumber("l2_blocks_per_channel"u8, row.Blocks);
        json.WriteNumber("bytes_per_channel"u8, row.Bytes);
        json.WriteNumber("frames_per_channel"u8, row.Carriers);
        json.WriteBoolean("fills"u8, row.Fills);
        json.WriteBoolean("extrapolated"u8, row.IsExtrapolated);
        if (row.BytesPerTransaction is { } bytes) json.WriteNumber("bytes_per_transaction"u8, bytes);
        else json.WriteNull("bytes_per_transaction"u8);
        json.WriteNumber("fill_percent"u8, row.FillPercent);
        Amount(json, "wei_per_day_median"u8, row.DayMedian);
        Amount(json, "wei_per_day_p95"u8, row.DayHigh);
        Amount(json, "wei_per_transaction"u8, row.PerTransaction);
        json.WriteNumber("safe_lag_seconds"u8, row.LagSeconds);
        json.WriteNumber("most_safe_lag_seconds"u8, row.MostLagSeconds);
        json.WriteNumber("cpu_seconds_per_day"u8, row.CpuSecondsPerDay);
        json.WriteBoolean("advised"u8, isAdvised);
        json.WriteString("flags"u8, row.Setting.Flags);
        json.WriteEndObject();
    }

    private static void Amount(Utf8JsonWriter json, ReadOnlySpan<byte> name, UInt256? wei)
    {
        if (wei is { } known) json.WriteString(name, known.ToString());
        else json.WriteNull(name);
    }
}
