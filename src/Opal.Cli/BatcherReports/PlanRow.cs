using Opal.Primitives;

namespace Opal.Cli.BatcherReports;

/// <summary>What a setting does.</summary>
internal sealed record PlanRow(PlanSetting Setting)
{
    /// <summary>L2 blocks a channel.</summary>
    public required long Blocks { get; init; }

    /// <summary>Whether channels fill up before they are closed by their duration.</summary>
    public required bool Fills { get; init; }

    /// <summary>Whether channels are longer than any that was encoded, so that their size is reckoned.</summary>
    public required bool IsExtrapolated { get; init; }

    /// <summary>Bytes a channel.</summary>
    public required long Bytes { get; init; }

    /// <summary>Frames a channel: blobs, or calldata transactions.</summary>
    public required long Carriers { get; init; }

    /// <summary>L1 transactions a channel.</summary>
    public required long Transactions { get; init; }

    /// <summary>Seconds from a channel's first block to its last.</summary>
    public required ulong ChannelSeconds { get; init; }

    /// <summary>The share of its frames that a channel fills, percent.</summary>
    public required double FillPercent { get; init; }

    public double ChannelsPerDay => (double)SettingCost.Day / ChannelSeconds;

    /// <summary>Bytes of channels for each L2 transaction; null where there were none.</summary>
    public required double? BytesPerTransaction { get; init; }

    /// <summary>Wei a day at the window's median prices; null where L1 tells no blob price.</summary>
    public required UInt256? DayMedian { get; init; }

    /// <summary>Wei a day at the window's high prices.</summary>
    public required UInt256? DayHigh { get; init; }

    /// <summary>Wei for each L2 transaction at the median prices; null where there were none.</summary>
    public required UInt256? PerTransaction { get; init; }

    /// <summary>How old a block may be before it is safe, seconds: the channel's time and two L1 blocks until it is included.</summary>
    public required ulong LagSeconds { get; init; }

    /// <summary>The same when L2 is so quiet that channels are closed by their duration.</summary>
    public required ulong MostLagSeconds { get; init; }

    /// <summary>Processor seconds a day that compressing takes.</summary>
    public required double CpuSecondsPerDay { get; init; }
}
