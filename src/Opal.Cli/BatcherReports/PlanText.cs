using Opal.Cli.Batches;
using Opal.Primitives;
using Opal.TxManager;

namespace Opal.Cli.BatcherReports;

/// <summary>Prints a plan for people.</summary>
/// <param name="plan">The plan.</param>
/// <param name="all">Whether to list every setting rather than the two tables that lead to the advice.</param>
/// <param name="output">Where to.</param>
internal sealed class PlanText(Plan plan, bool all, TextWriter output)
{
    private static readonly string[] s_columns =
        ["batches", "compression", "carrier", ">duration", ">channels/day", ">bytes/tx", ">fill", ">ETH/day", ">ETH/day p95", ">gwei/tx", ">safe lag", ">CPU s/day", "note"];

    public void Write()
    {
        Basis();
        if (all)
        {
            Table($"all settings ({plan.Rows.Count})", plan.Rows);
        }
        else
        {
            PlanSetting best = plan.Advised.Row.Setting;
            Table($"batches and compression, with {best.Carriage.Name} and a channel duration of {Blocks(best.Duration)}",
                plan.Rows.Where(row => row.Setting.Carriage == best.Carriage && row.Setting.Duration == best.Duration));
            Table($"carriers and channel durations, with {best.Encoding.BatchesName} batches and {best.Encoding.CompressionName}",
                plan.Rows.Where(row => row.Setting.Encoding == best.Encoding).OrderBy(static row => row.Setting.Duration).ThenBy(static row => row.Setting.Carriage.AsBlobs).ThenBy(static row => row.Setting.Carriage.Frames));
        }

        Advice();
    }

    private void Basis()
    {
        Sample sample = plan.Sample;
        ulong seconds = (ulong)sample.Blocks.Count * plan.Rollup.BlockTimeSeconds;
        string perBlock = Amounts.Number((double)sample.Transactions / sample.Blocks.Count, 2);
        output.WriteLine($"L2: blocks {sample.Blocks[0].Number}..{sample.Blocks[^1].Number} of chain {plan.Rollup.L2ChainId} ({Amounts.Count(sample.Blocks.Count)} blocks, {Amounts.Time(seconds)}): " +
            $"{Amounts.Count(sample.Transactions)} transactions ({perBlock} a block), {Amounts.Count(sample.TotalRawBytes)} bytes before compression");
        output.WriteLine($"L1: blocks {plan.Fees.From}..{plan.Fees.To} of chain {plan.Rollup.L1ChainId}, a block every {plan.Fees.BlockSeconds} s: " +
            $"gas price median {EtherText.Gwei(plan.Fees.Median.GasPrice)} gwei, p95 {EtherText.Gwei(plan.Fees.High.GasPrice)}; blob base fee {BlobPrices()}");
        if (plan.Pace > 1)
        {
            output.WriteLine($"Channels are open for at least {Blocks(plan.Pace)}: the batcher follows --max-pending-tx transactions at a time until they are --num-confirmations deep, and sends the next one then");
        }

        if (plan.Rows.Any(static row => row.IsExtrapolated))
        {
            output.WriteLine("~  a channel of this setting is longer than any that was encoded: its size is reckoned from the longest one's rate");
        }

        output.WriteLine();
    }

    private string BlobPrices() => plan.Fees.KnowsBlobs
        ? $"median {EtherText.Gwei(plan.Fees.Median.BlobBaseFee)} gwei, p95 {EtherText.Gwei(plan.Fees.High.BlobBaseFee)}"
        : "unknown: L1's eth_feeHistory does not tell it, so that blobs have no cost here";

    private void Table(string title, IEnumerable<PlanRow> rows)
    {
        var table = new AlignedTable(title, s_columns);
        foreach (IGrouping<object, PlanRow> same in rows.GroupBy(static row => (object)(row.Setting.Encoding, row.Setting.Duration, row.Setting.Carriage.AsBlobs, row.Blocks, row.Carriers, row.Transactions)))
        {
            // settings with the same channels are one line: more blobs than a channel fills change nothing
            PlanRow[] lines = same.Any(row => row == plan.Advised.Row) ? [plan.Advised.Row, .. same.Where(row => row != plan.Advised.Row)] : [.. same];
            Add(table, lines);
        }

        if (plan.Present is { } present) Row(table, present, present.Setting.Carriage.Name, Same(present, plan.Advised.Row) ? "present; as advised" : "present");
        table.Write(output);
    }

    private void Add(AlignedTable table, PlanRow[] lines)
    {
        int least = lines.Min(static row => row.Setting.Carriage.Frames), most = lines.Max(static row => row.Setting.Carriage.Frames);
        string carrier = least == most || !lines[0].Setting.Carriage.AsBlobs ? lines[0].Setting.Carriage.Name : $"{least}-{most} blobs";
        Row(table, lines[0], carrier, lines[0] == plan.Advised.Row ? "<- advised" : "");
    }

    private static void Row(AlignedTable table, PlanRow row, string carrier, string note) => table.Add(
        row.Setting.Encoding.BatchesName,
        row.Setting.Encoding.CompressionName,
        carrier,
        row.Setting.Duration == 0 ? "no limit" : $"{row.Setting.Duration}",
        $"{(row.IsExtrapolated ? "~" : "")}{Amounts.Number(row.ChannelsPerDay, row.ChannelsPerDay < 100 ? 1 : 0)}",
        row.BytesPerTransaction is { } bytes ? Amounts.Number(bytes, 1) : "-",
        $"{Amounts.Number(row.FillPercent, 1)} %",
        Ether(row.DayMedian),
        Ether(row.DayHigh),
        row.PerTransaction is { } each ? EtherText.Gwei(each) : "-",
        Amounts.Time(row.LagSeconds),
        Amounts.Number(row.CpuSecondsPerDay, row.CpuSecondsPerDay < 100 ? 1 : 0),
        note);

    private void Advice()
    {
        PlanRow row = plan.Advised.Row;
        output.WriteLine($"advised: {row.Setting.Flags}");
        output.WriteLine($"  {plan.Advised.Why}");
        output.WriteLine(row.Fills
            ? $"  Channels fill up after {Amounts.Time(row.ChannelSeconds)} ({Amounts.Count(row.Blocks)} L2 blocks), before their duration ends."
            : $"  Channels are closed by their duration, with {Amounts.Number(row.FillPercent, 1)} % of {Amounts.Count(row.Carriers)} {(row.Setting.Carriage.AsBlobs ? "blob" : "transaction")}{(row.Carriers == 1 ? "" : "s")} filled.");
        if (plan.Present is { DayMedian: { } now } && row.DayMedian is { } advised)
        {
            output.WriteLine(now > advised ? $"  The present setting costs {Ether(now - advised)} ETH a day more." : now < advised
                ? $"  The present setting costs {Ether(advised - now)} ETH a day less, and its safe head lags by {Amounts.Time(plan.Present.LagSeconds)}."
                : "  The present setting costs the same.");
        }

        output.WriteLine("  CPU: processor time of one compression of each channel, on this machine; the shadow compressor measures a channel a few times more while it fills.");
    }

    private static bool Same(PlanRow one, PlanRow other) => one.Setting == other.Setting;

    private static string Ether(UInt256? wei) => wei is { } known ? EtherText.Of(known) : "unknown";

    private static string Blocks(ulong count) => $"{count} L1 block{(count == 1 ? "" : "s")}";
}
