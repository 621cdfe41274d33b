using Opal.Batcher;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.BatcherReports;

/// <summary>Reckons what settings cost. Costs are whole wei; a division rounds once, at its end.</summary>
/// <param name="sample">The blocks.</param>
/// <param name="rollup">The rollup.</param>
/// <param name="fees">L1's prices.</param>
/// <param name="margin">L1 blocks before the end of the sequencing window at which a channel is closed whatever it was told (<c>sub-safety-margin</c>).</param>
/// <param name="pace">L1 blocks that a channel is open at least, because transactions before it are followed (<see cref="PlanFlags.PaceOf"/>).</param>
internal sealed class SettingCost(Sample sample, RollupConfig rollup, FeeWindow fees, ulong margin, ulong pace)
{
    /// <summary>Seconds of a day.</summary>
    public const ulong Day = 86_400;

    /// <summary>L1 blocks from a channel's closing to its inclusion: the one that is under way, and the next.</summary>
    private const ulong InclusionBlocks = 2;

    /// <summary>L2 blocks that a channel may hold by its duration: it is not closed before there is a transaction for it.</summary>
    public long BlocksOf(ulong duration)
    {
        ulong window = rollup.SequencingWindowSize > margin ? rollup.SequencingWindowSize - margin : 1;
        ulong l1Blocks = duration == 0 ? window : Math.Min(Math.Max(duration, pace), window);
        return (long)Math.Max(1, l1Blocks * fees.BlockSeconds / rollup.BlockTimeSeconds);
    }

    /// <summary>The longest duration in L1 blocks with which the safe head lags by no more than so many seconds, whatever L2's load; 0 when there is none.</summary>
    public ulong LongestDuration(ulong lagSeconds)
    {
        ulong l1Blocks = lagSeconds / fees.BlockSeconds;
        return l1Blocks > InclusionBlocks ? l1Blocks - InclusionBlocks : 0;
    }

    /// <summary>What a setting does.</summary>
    public PlanRow Reckon(CompressionCurve curve, PlanSetting setting)
    {
        Carriage carriage = setting.Carriage;
        long byDuration = BlocksOf(setting.Duration), bySize = curve.BlocksWithin(carriage.Capacity), blocks = Math.Min(byDuration, bySize);
        long bytes = curve.BytesOf(blocks), carriers = Math.Max(1, (bytes + carriage.FrameDataBytes - 1) / carriage.FrameDataBytes);
        long transactions = (carriers + carriage.FramesPerTransaction - 1) / carriage.FramesPerTransaction;
        ulong seconds = (ulong)blocks * rollup.BlockTimeSeconds;
        UInt256? median = ChannelCost(fees.Median, carriage, bytes);
        return new PlanRow(setting)
        {
            Blocks = blocks,
            Fills = bySize < byDuration,
            IsExtrapolated = blocks > curve.Longest,
            Bytes = bytes,
            Carriers = carriers,
            Transactions = transactions,
            ChannelSeconds = seconds,
            FillPercent = 100.0 * bytes / (carriers * carriage.FrameDataBytes),
            BytesPerTransaction = sample.Transactions == 0 ? null : (double)bytes / blocks * sample.Blocks.Count / sample.Transactions,
            DayMedian = median is { } each ? Amounts.Divide(each * Day, seconds) : null,
            DayHigh = ChannelCost(fees.High, carriage, bytes) is { } high ? Amounts.Divide(high * Day, seconds) : null,
            PerTransaction = median is { } cost && sample.Transactions > 0 ? Amounts.Divide(cost * (ulong)sample.Blocks.Count, (ulong)sample.Transactions * (ulong)blocks) : null,
            LagSeconds = seconds + (InclusionBlocks * fees.BlockSeconds),
            MostLagSeconds = ((ulong)byDuration * rollup.BlockTimeSeconds) + (InclusionBlocks * fees.BlockSeconds),
            CpuSecondsPerDay = curve.SecondsPerRawByte(blocks) * sample.TotalRawBytes / sample.Blocks.Count * Day / rollup.BlockTimeSeconds,
        };
    }

    /// <summary>Wei for one channel; null where the price is not known.</summary>
    private UInt256? ChannelCost(in L1Prices prices, in Carriage carriage, long bytes)
    {
        if (!carriage.AsBlobs) return CarrierCost.InCalldata(bytes, carriage.MaxTransactionBytes, prices);
        return fees.KnowsBlobs ? CarrierCost.InBlobs(bytes, carriage.FramesPerTransaction, prices) : null;
    }
}
