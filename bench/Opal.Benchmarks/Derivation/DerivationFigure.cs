namespace Opal.Benchmarks;

/// <summary>A row of the report.</summary>
internal sealed record DerivationFigure
{
    /// <summary>decode, pipeline, engine, node.</summary>
    public required string Group { get; init; }

    public required string Name { get; init; }

    /// <summary>L2 blocks of a run.</summary>
    public ulong Blocks { get; init; }

    /// <summary>Their sequenced transactions.</summary>
    public long Transactions { get; init; }

    /// <summary>Bytes of channels.</summary>
    public long PostedBytes { get; init; }

    /// <summary>What they decompress to.</summary>
    public long ContentBytes { get; init; }

    /// <summary>The times; null when the result was wrong.</summary>
    public Samples? Times { get; init; }

    /// <summary>The median of the processor seconds of a run, all threads together.</summary>
    public double? CpuSeconds { get; init; }

    /// <summary>What was wrong.</summary>
    public string? Problem { get; init; }

    /// <summary>More figures, by name with their unit.</summary>
    public IReadOnlyList<(string Name, double Value)> More { get; init; } = [];

    public BenchRecord ToRecord() => new()
    {
        Name = Name,
        Group = Group,
        Times = Times,
        Work = (Blocks, "L2 blocks"),
        More = [("transactions", Transactions), ("cpu_s", CpuSeconds ?? 0), ("posted_bytes", PostedBytes), ("content_bytes", ContentBytes), .. More],
        Problem = Problem,
    };

    /// <summary>Prints figures as a table.</summary>
    public static void Write(IReadOnlyList<DerivationFigure> figures, BenchOutput output)
    {
        var table = new TextTable("derivation: median of the runs", "what", "form", "L2 blocks", "txs", "posted MB", "runs", "blocks/s", "best", "blocks/cpu s", "txs/s", "posted MB/s", "content MB/s", "note");
        foreach (DerivationFigure figure in figures)
        {
            string Rate(double amount) => Target.Text(amount / figure.Times?.Median);
            table.Add(
                figure.Group, figure.Name, figure.Blocks.ToString("N0", System.Globalization.CultureInfo.InvariantCulture), figure.Transactions.ToString("N0", System.Globalization.CultureInfo.InvariantCulture),
                Target.Text(figure.PostedBytes / 1e6), $"{figure.Times?.Runs ?? 0}", Rate(figure.Blocks), Target.Text(figure.Blocks / figure.Times?.Min), Target.Text(figure.Blocks / figure.CpuSeconds), Rate(figure.Transactions),
                Rate(figure.PostedBytes / 1e6), Rate(figure.ContentBytes / 1e6), figure.Problem ?? "");
        }

        table.Write(output);
    }
}
