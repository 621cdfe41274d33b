using Opal.Primitives;

namespace Opal.Cli.BatcherReports;

/// <summary>The setting that is advised, and why.</summary>
/// <param name="Row">The setting.</param>
/// <param name="Why">In one or two sentences.</param>
internal sealed record Recommendation(PlanRow Row, string Why)
{
    /// <summary>Costs that differ by less, percent, count as equal.</summary>
    private const ulong EqualPercent = 2;

    /// <summary>A quarter of a core.</summary>
    private const double MostCpuSecondsPerDay = SettingCost.Day / 4.0;

    /// <summary>Chooses the cheapest within a lag that holds when L2 is quiet, too; of those that cost the same, the one with the least lag, then the least work.</summary>
    /// <param name="rows">What there is.</param>
    /// <param name="maxLagSeconds">The lag that is borne.</param>
    public static Recommendation Of(IReadOnlyList<PlanRow> rows, ulong maxLagSeconds)
    {
        PlanRow[] priced = [.. rows.Where(static row => row.DayMedian is not null)];
        PlanRow[] borne = [.. priced.Where(row => row.MostLagSeconds <= maxLagSeconds)];
        string limit = $"the cheapest whose safe head lags by at most {Amounts.Time(maxLagSeconds)} (--max-lag), however quiet L2 is";
        if (borne.Length == 0)
        {
            ulong least = priced.Min(static row => row.MostLagSeconds);
            borne = [.. priced.Where(row => row.MostLagSeconds == least)];
            limit = $"no setting keeps the lag within {Amounts.Time(maxLagSeconds)} (--max-lag); the cheapest of those with the least lag";
        }

        PlanRow[] quick = [.. borne.Where(static row => row.CpuSecondsPerDay <= MostCpuSecondsPerDay)];
        if (quick.Length > 0) borne = quick;
        UInt256 cheapest = borne.Min(static row => row.DayMedian!.Value);
        PlanRow[] equal = [.. borne.Where(row => row.DayMedian!.Value <= cheapest + (cheapest * EqualPercent / 100UL))];
        PlanRow best = equal.OrderBy(static row => row.LagSeconds).ThenBy(static row => row.Setting.Carriage.Frames).ThenBy(static row => row.CpuSecondsPerDay).ThenBy(static row => row.DayMedian!.Value).First();
        string ties = equal.Length == 1 ? "" : $"; of {equal.Length} that cost the same within {EqualPercent} %, the one with the least lag and work";
        return new Recommendation(best, $"{limit}{ties}.{OtherCarrier(priced, best)}");
    }

    /// <summary>Where the other carrier is cheaper at high prices, the batcher should choose by itself.</summary>
    private static string OtherCarrier(PlanRow[] rows, PlanRow best)
    {
        PlanRow? other = rows.Where(row => row.Setting.Carriage.AsBlobs != best.Setting.Carriage.AsBlobs && row.Setting.Encoding == best.Setting.Encoding && row.LagSeconds <= best.LagSeconds)
            .MinBy(static row => row.DayHigh!.Value);
        if (other is null || best.DayHigh is not { } high || other.DayHigh >= high) return "";
        return $" At the high prices {(other.Setting.Carriage.AsBlobs ? "blobs are" : "calldata is")} cheaper: --data-availability-type=auto changes over by itself.";
    }
}
