using System.Globalization;

namespace Opal.Benchmarks;

/// <summary>A row of the speed of building.</summary>
internal sealed record BuildFigure
{
    public required string Load { get; init; }

    public required ChannelForm Form { get; init; }

    public required int Blocks { get; init; }

    public required int Channels { get; init; }

    /// <summary>Bytes of the blocks' transactions as they are signed.</summary>
    public required long TransactionBytes { get; init; }

    /// <summary>Bytes of the channels.</summary>
    public required long ChannelBytes { get; init; }

    /// <summary>Bytes of managed memory allocated for a block.</summary>
    public required double AllocatedPerBlock { get; init; }

    /// <summary>By how much the process grew at most, the blocks themselves included.</summary>
    public required double PeakMegabytes { get; init; }

    public Samples? Times { get; init; }

    public string? Problem { get; init; }

    public BenchRecord ToRecord() => new()
    {
        Group = "build", Name = $"{Load}, {Form}", Times = Times, Work = (TransactionBytes, "bytes"), Problem = Problem,
        More = [("blocks", Blocks), ("channels", Channels), ("transaction_bytes", TransactionBytes), ("channel_bytes", ChannelBytes), ("allocated_per_block", AllocatedPerBlock), ("peak_mb", PeakMegabytes)],
    };

    public static void Write(IReadOnlyList<BuildFigure> figures, BenchOutput output)
    {
        var table = new TextTable("build: blocks to frames, 3 blobs a channel", "load", "form", "blocks", "channels", "tx MB", "ratio", "MB/s", "best", "KB allocated/block", "peak MB", "note");
        foreach (BuildFigure figure in figures)
        {
            double megabytes = figure.TransactionBytes / 1e6;
            table.Add(
                figure.Load, figure.Form.ToString(), figure.Blocks.ToString("N0", CultureInfo.InvariantCulture), figure.Channels.ToString(CultureInfo.InvariantCulture), Target.Text(megabytes),
                Target.Text((double)figure.ChannelBytes / figure.TransactionBytes), Target.Text(megabytes / figure.Times?.Median), Target.Text(megabytes / figure.Times?.Min), Target.Text(figure.AllocatedPerBlock / 1000),
                Target.Text(figure.PeakMegabytes), figure.Problem ?? "");
        }

        table.Write(output);
    }
}
