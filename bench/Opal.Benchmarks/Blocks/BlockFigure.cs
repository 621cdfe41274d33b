using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>What is done with the blocks of a list.</summary>
internal enum BlockVariant
{
    /// <summary>A: transactions decoded, senders known, state in flat tables; no root.</summary>
    Exec,

    /// <summary>B: A on the node's state, with the state root of each block.</summary>
    ExecRoot,

    /// <summary>C: from raw bytes: decode, recover senders, execute, check receipts root, bloom and state root, keep the state.</summary>
    Import,

    /// <summary>D: through the block builder, from transactions whose senders a pool knows.</summary>
    Build,
}

/// <summary>The times of one block.</summary>
/// <param name="Seconds">All that the variant does.</param>
/// <param name="RootSeconds">The state root's part.</param>
/// <param name="PrepareSeconds">Decoding and sender recovery.</param>
internal readonly record struct BlockTime(double Seconds, double RootSeconds = 0, double PrepareSeconds = 0);

/// <summary>What came of one list, variant and state.</summary>
internal sealed record BlockFigure
{
    /// <summary>What the peer's rows are called.</summary>
    public const string PeerVariant = "R-anvil";

    public required string List { get; init; }

    /// <summary>The variant's letter and name, or the peer's.</summary>
    public required string Variant { get; init; }

    /// <summary>L1 or OP.</summary>
    public required string Mode { get; init; }

    public required int Fillers { get; init; }

    public required int TransactionsPerBlock { get; init; }

    /// <summary>The mean gas of a block.</summary>
    public required double GasPerBlock { get; init; }

    /// <summary>Every block of every run.</summary>
    public required IReadOnlyList<BlockTime> Times { get; init; }

    /// <summary>The state root after the last block; null where there is none.</summary>
    public Hash256? LastRoot { get; init; }

    /// <summary>The most memory the process held, in MiB.</summary>
    public double PeakMegabytes { get; init; }

    public string? Problem { get; init; }

    public Samples? Seconds => Times.Count == 0 || Problem is not null ? null : new Samples(Times.Select(t => t.Seconds));

    /// <summary>Whether it is the peer's: its mistakes are told, but are not ours.</summary>
    public bool IsPeer => Variant == PeerVariant;

    /// <summary>Null where the variant computes no root.</summary>
    public Samples? RootSeconds => Seconds is null || Times.All(t => t.RootSeconds == 0) ? null : new Samples(Times.Select(t => t.RootSeconds));

    /// <summary>Null where the variant neither decodes nor recovers.</summary>
    public Samples? PrepareSeconds => Seconds is null || Times.All(t => t.PrepareSeconds == 0) ? null : new Samples(Times.Select(t => t.PrepareSeconds));

    /// <summary>Variant, mode and fillers: the group that `--filter` sees before the list's name.</summary>
    public string Group => $"{Variant}{(Mode == "L1" ? "" : "-" + Mode)}-{Fillers}";

    /// <summary>One run is one block.</summary>
    public BenchRecord ToRecord() => new()
    {
        Name = List,
        Group = Group,
        GasUsed = (long)GasPerBlock,
        Output = LastRoot?.ToString(),
        Times = Seconds,
        Work = (TransactionsPerBlock, "transactions"),
        More = More(),
        Problem = Problem,
    };

    private List<(string, double)> More()
    {
        var more = new List<(string, double)> { ("peak_mb", PeakMegabytes) };
        if (RootSeconds is { } root) more.AddRange([("root_min_s", root.Min), ("root_median_s", root.Median), ("root_max_s", root.Max)]);
        if (PrepareSeconds is { } prepare) more.AddRange([("decode_recover_min_s", prepare.Min), ("decode_recover_median_s", prepare.Median)]);
        return more;
    }
}
