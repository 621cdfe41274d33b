namespace Opal.Benchmarks;

/// <summary>What came of one workload.</summary>
internal sealed record EvmFigure
{
    public required EvmWorkload Workload { get; init; }

    /// <summary>Our times; null when a result was wrong.</summary>
    public Samples? Times { get; init; }

    /// <summary>The first run in a new machine, in seconds.</summary>
    public double First { get; init; }

    /// <summary>Gas of a run.</summary>
    public long GasUsed { get; init; }

    public byte[] Output { get; init; } = [];

    /// <summary>Managed bytes that a run allocates once it is warm.</summary>
    public long Allocated { get; init; }

    public PeerTimes? Peer { get; init; }

    /// <summary>What was wrong; null when nothing was.</summary>
    public string? Problem { get; init; }

    /// <summary>Whether the first run is worth a figure of its own.</summary>
    public bool ShowsFirst => Times is { } times && First > 2 * times.Median;

    /// <summary>Whether both we and the peer have times that can be compared.</summary>
    public bool IsCompared => Times is not null && Peer is { Times: not null, IsUnsure: false };

    /// <summary>Our speed over the peer's, best run against best run.</summary>
    public double? BestRatio => IsCompared ? Peer!.Times!.Min / Times!.Min : null;

    /// <summary>Our speed over the peer's, median against median.</summary>
    public double? MedianRatio => IsCompared ? Peer!.Times!.Median / Times!.Median : null;

    /// <summary>Mgas/s at a time in seconds.</summary>
    public double Mgas(double seconds) => GasUsed / seconds / 1e6;

    public BenchRecord ToRecord() => new()
    {
        Name = Workload.Name,
        Group = Workload.Group,
        GasUsed = GasUsed,
        Output = Times is null ? null : Opal.Primitives.Hex.Encode(Output),
        Times = Times,
        First = Times is null ? null : First,
        Peer = Peer,
        More = Times is null ? [] : [("allocated_bytes", Allocated)],
        Problem = Problem,
    };
}
