using System.Globalization;

namespace Opal.Benchmarks;

/// <summary>A row of the fill of blobs.</summary>
internal sealed record FillFigure
{
    public required string Load { get; init; }

    /// <summary>Blobs a channel aims at.</summary>
    public required int Target { get; init; }

    /// <summary>Full channels.</summary>
    public required int Channels { get; init; }

    /// <summary>Their blobs.</summary>
    public required int Blobs { get; init; }

    public required double BlocksPerChannel { get; init; }

    /// <summary>The share of the blobs' bytes that is used; null when no channel was full.</summary>
    public required double? Fill { get; init; }

    public string? Problem { get; init; }

    public BenchRecord ToRecord() => new()
    {
        Group = "fill", Name = $"{Load}, {Target} blobs", Problem = Problem,
        More = [("channels", Channels), ("blobs", Blobs), ("blocks_per_channel", BlocksPerChannel), ("fill", Fill ?? double.NaN)],
    };

    public static void Write(IReadOnlyList<FillFigure> figures, BenchOutput output)
    {
        var table = new TextTable("fill: blobs of full channels", "load", "target", "channels", "blobs", "blobs/channel", "blocks/channel", "fill", "note");
        foreach (FillFigure figure in figures)
        {
            string fill = figure.Fill is { } value ? (100 * value).ToString("F2", CultureInfo.InvariantCulture) + " %" : "-";
            table.Add(
                figure.Load, figure.Target.ToString(CultureInfo.InvariantCulture), figure.Channels.ToString(CultureInfo.InvariantCulture), figure.Blobs.ToString(CultureInfo.InvariantCulture),
                Benchmarks.Target.Text(figure.Channels == 0 ? null : (double)figure.Blobs / figure.Channels), Benchmarks.Target.Text(figure.BlocksPerChannel), fill, figure.Problem ?? "");
        }

        table.Write(output);
    }
}
