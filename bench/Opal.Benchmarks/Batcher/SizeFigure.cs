using System.Globalization;

namespace Opal.Benchmarks;

/// <summary>A row of sizes.</summary>
internal sealed record SizeFigure
{
    public required string Data { get; init; }

    public required ChannelForm Form { get; init; }

    /// <summary>The channel that was posted.</summary>
    public required int Posted { get; init; }

    /// <summary>Ours.</summary>
    public required int Bytes { get; init; }

    /// <summary>What ours decompresses to.</summary>
    public required int ContentBytes { get; init; }

    public required int Transactions { get; init; }

    /// <summary>Encoding and compressing once; null when the result was wrong.</summary>
    public Samples? Times { get; init; }

    public string? Problem { get; init; }

    public BenchRecord ToRecord() => new()
    {
        Group = "size", Name = $"{Data}, {Form}", Times = Times, Work = (ContentBytes, "bytes"), Problem = Problem,
        More = [("posted_bytes", Posted), ("channel_bytes", Bytes), ("content_bytes", ContentBytes), ("bytes_per_transaction", (double)Bytes / Transactions), ("of_posted", (double)Bytes / Posted)],
    };

    public static void Write(IReadOnlyList<SizeFigure> figures, BenchOutput output)
    {
        var table = new TextTable("size: real batches encoded again", "data", "form", "txs", "posted", "ours", "of posted", "content", "ratio", "bytes/tx", "MB/s", "note");
        foreach (SizeFigure figure in figures)
        {
            string Number(double value, string format) => value.ToString(format, CultureInfo.InvariantCulture);
            table.Add(
                figure.Data, figure.Form.ToString(), Number(figure.Transactions, "N0"), Number(figure.Posted, "N0"), Number(figure.Bytes, "N0"), Number(100.0 * figure.Bytes / figure.Posted, "F2") + " %",
                Number(figure.ContentBytes, "N0"), Number((double)figure.Bytes / figure.ContentBytes, "F3"), Number((double)figure.Bytes / figure.Transactions, "F1"), Target.Text(figure.ContentBytes / 1e6 / figure.Times?.Median),
                figure.Problem ?? "");
        }

        table.Write(output);
    }
}
