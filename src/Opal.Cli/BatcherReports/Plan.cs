using Opal.Batcher;
using Opal.Protocol;

namespace Opal.Cli.BatcherReports;

/// <summary>What settings cost and how far the safe head lags with them.</summary>
internal sealed class Plan
{
    /// <summary>The durations that are tried, L1 blocks; and the longest one that keeps the lag that is borne.</summary>
    private static readonly ulong[] s_durations = [1, 5, 25, 100, 1500];

    private Plan(RollupConfig rollup, Sample sample, FeeWindow fees, ulong pace, IReadOnlyList<PlanRow> rows, PlanRow? present, Recommendation advised) =>
        (Rollup, Sample, Fees, Pace, Rows, Present, Advised) = (rollup, sample, fees, pace, rows, present, advised);

    public RollupConfig Rollup { get; }

    public Sample Sample { get; }

    public FeeWindow Fees { get; }

    /// <summary>L1 blocks that a channel is open at least, because transactions before it are followed.</summary>
    public ulong Pace { get; }

    /// <summary>Every setting that was tried.</summary>
    public IReadOnlyList<PlanRow> Rows { get; }

    /// <summary>The setting of the flags given; null when none were.</summary>
    public PlanRow? Present { get; }

    public Recommendation Advised { get; }

    /// <summary>Tries every setting on a sample.</summary>
    /// <param name="rollup">The rollup.</param>
    /// <param name="sample">The blocks.</param>
    /// <param name="fees">L1's prices.</param>
    /// <param name="options">What else the batcher is told.</param>
    /// <param name="pace">L1 blocks that a channel is open at least (<see cref="PlanFlags.PaceOf"/>).</param>
    /// <param name="present">How it is set now; null when that is not known.</param>
    /// <param name="maxLagSeconds">The lag that is borne.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="ReportException">The blocks are not a rollup's.</exception>
    public static Plan Make(RollupConfig rollup, Sample sample, FeeWindow fees, BatcherOptions options, ulong pace, PlanSetting? present, ulong maxLagSeconds, CancellationToken cancellation)
    {
        var at = new L2Time(sample.Blocks[^1].Header.Timestamp);
        IReadOnlyList<ChannelEncoding> encodings = ChannelEncoding.All(rollup.IsActive(OptimismFork.Delta, at), rollup.IsActive(OptimismFork.Fjord, at));
        if (present is { } set && !encodings.Contains(set.Encoding)) encodings = [.. encodings, set.Encoding];
        var cost = new SettingCost(sample, rollup, fees, options.SubSafetyMarginBlocks, pace);
        ulong[] durations = [.. s_durations.Append(cost.LongestDuration(maxLagSeconds)).Where(static duration => duration > 0).Distinct().Order()];
        long[] lengths = [.. durations.Select(cost.BlocksOf), sample.Blocks.Count];
        var measurement = new CurveMeasurement(rollup, options, sample);
        var curves = new CompressionCurve[encodings.Count];
        try
        {
            // the slowest first, so that they do not run alone at the end
            Parallel.ForEach(Enumerable.Range(0, encodings.Count).OrderByDescending(i => encodings[i].Quality), new ParallelOptions { CancellationToken = cancellation, MaxDegreeOfParallelism = Environment.ProcessorCount },
                i => curves[i] = measurement.Measure(encodings[i], lengths, cancellation));
        }
        catch (AggregateException error) when (error.InnerExceptions.OfType<InvalidDataException>().FirstOrDefault() is { } foreign)
        {
            throw new ReportException($"{foreign.Message}: is --l2-eth-rpc the rollup's execution client?", foreign);
        }

        Carriage[] carriages = [new(false, 1, options.MaxL1TransactionBytes), .. Enumerable.Range(1, ChannelManager.MaxBlobsPerTransaction).Select(blobs => new Carriage(true, blobs, options.MaxL1TransactionBytes))];
        PlanRow[] rows =
        [
            .. from curve in curves
               from carriage in carriages
               from duration in durations
               select cost.Reckon(curve, new PlanSetting(curve.Encoding, carriage, duration)),
        ];
        PlanRow? now = present is { } setting ? cost.Reckon(curves.First(curve => curve.Encoding == setting.Encoding), setting) : null;
        return new Plan(rollup, sample, fees, pace, rows, now, Recommendation.Of(rows, maxLagSeconds));
    }
}
