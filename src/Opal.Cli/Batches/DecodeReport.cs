using System.Globalization;
using Opal.Derivation;
using Opal.Primitives;

namespace Opal.Cli.Batches;

/// <summary>Prints an inspection as tables.</summary>
internal sealed class DecodeReport(Inspection inspection, ReportLevels levels, TextWriter output)
{
    private const ulong LastDate = 253_402_300_799; // the end of the year 9999

    public void Write()
    {
        if (levels.Transactions) WriteTransactions();
        if (levels.Frames) WriteFrames();
        if (levels.Channels) WriteChannels();
        if (levels.Batches) WriteBatches();
        if (levels.Blocks) WriteBlocks();
        if (inspection.Problems.Count > 0)
        {
            output.WriteLine("not decoded");
            foreach (string problem in inspection.Problems) output.WriteLine($"  {problem}");
            output.WriteLine();
        }

        new DecodeTotals(inspection).Write(output);
    }

    private void WriteTransactions()
    {
        var table = new AlignedTable($"transactions ({inspection.Transactions.Count})", ">L1 block", "transaction", "from", "batcher", "carrier", ">bytes", ">frames", "note");
        foreach (InboxTransaction transaction in inspection.Transactions)
        {
            string note = transaction.Ignored ?? (transaction.Problem is not null || transaction.Parts.Any(static part => part.Problem is not null) ? "not all decoded, see below" : "");
            table.Add(
                transaction.Block is { } block ? $"{block.Number}" : "",
                NameOf(transaction),
                transaction.From is { } from ? Short(from.ToString()) : "",
                transaction.IsFromBatcher switch { true => "yes", false => "NO", _ => "" },
                CarrierOf(transaction),
                Count(transaction.Parts.Sum(static part => (long)part.CarriedBytes)),
                Count(inspection.FrameCountOf(transaction)),
                note);
        }

        table.Write(output);
    }

    private void WriteFrames()
    {
        var table = new AlignedTable($"frames ({inspection.Frames.Count})", "channel", ">frame", ">bytes", "last", ">L1 block", "transaction", "note");
        foreach (FrameView view in inspection.Frames)
        {
            Frame frame = view.Frame;
            string note = view.Ignored is not null ? $"not used: {view.Ignored}" : view.Dropped != FrameRule.None ? $"not used: {RuleNames.Of(view.Dropped)}" : "";
            table.Add($"{frame.Channel}", $"{frame.Number}", Count(frame.Data.Length), frame.IsLast ? "last" : "", view.Transaction.Block is { } block ? $"{block.Number}" : "", NameOf(view.Transaction), note);
        }

        table.Write(output);
    }

    private void WriteChannels()
    {
        var table = new AlignedTable(
            $"channels ({inspection.Channels.Count})", "channel", "state", ">frames", "compression", ">bytes", ">content", ">ratio", ">batches", ">blocks", ">txs", "L2 blocks", "L1 blocks");
        foreach (ChannelView channel in inspection.Channels)
        {
            BatchView[] known = [.. channel.Batches.Where(static batch => batch.HasBlocks)];
            string l2 = known.Length == 0 ? "" : Span(known.Min(static batch => batch.FirstTimestamp), known.Max(static batch => batch.LastTimestamp), known[0].Kind);
            table.Add(
                NameOf(channel),
                channel.StateText,
                channel.Id is null ? "" : channel.TotalFrames is { } total ? $"{channel.UsedFrames}/{total}" : $"{channel.UsedFrames}",
                channel.Compression == CompressionKind.None ? "" : $"{channel.Compression}".ToLowerInvariant(),
                Count(channel.CompressedBytes),
                channel.ContentBytes == 0 ? "" : Count(channel.ContentBytes),
                channel.Ratio is { } ratio ? ratio.ToString("F2", CultureInfo.InvariantCulture) : "",
                $"{channel.Batches.Count}",
                Count(channel.BlockCount),
                Count(channel.TransactionCount),
                l2,
                channel.FirstL1Block is { } first ? Range($"{first}", $"{channel.LastL1Block}") : "");
        }

        table.Write(output);
    }

    private void WriteBatches()
    {
        var table = new AlignedTable(
            $"batches ({inspection.Channels.Sum(static channel => channel.Batches.Count)})", "channel", ">batch", "form", "L2 blocks", "time of the first", "L1 origins", ">blocks", ">txs", ">bytes", "note");
        foreach (ChannelView channel in inspection.Channels)
        {
            for (int i = 0; i < channel.Batches.Count; i++)
            {
                BatchView batch = channel.Batches[i];
                table.Add(
                    NameOf(channel),
                    $"{i}",
                    batch.Kind == BatchKind.Span ? "span" : "singular",
                    batch.HasBlocks ? Numbers(batch) : "",
                    batch.HasBlocks ? Time(batch.FirstTimestamp, batch.Kind) : "",
                    batch.HasBlocks ? Range($"{batch.FirstOrigin}", $"{batch.LastOrigin}") : "",
                    Count(batch.BlockCount),
                    Count(batch.TransactionCount),
                    Count(batch.Item.Size),
                    batch.Item.Rule == BatchRule.None ? "" : $"lost: {RuleNames.Of(batch.Item.Rule)}");
            }
        }

        table.Write(output);
    }

    private void WriteBlocks()
    {
        var table = new AlignedTable("blocks", ">L2 block", "time", ">L1 origin", ">txs", "transactions");
        foreach (BatchView batch in inspection.Channels.SelectMany(static channel => channel.Batches))
        {
            foreach (BlockView block in batch.Blocks)
            {
                string[] hashes = inspection.Rollup.KnowsTransactionsOf(batch.Kind) ? [.. block.Transactions.Select(static transaction => $"{Keccak256.Hash(transaction)}")] : [];
                string time = block.Index > 0 && !inspection.Rollup.IsKnown ? "" : Time(block.Timestamp, batch.Kind); // the time between blocks is the rollup's
                table.Add(inspection.Rollup.NumberAt(block.Timestamp) is { } number ? $"{number}" : "", time, $"{block.Origin}", Count(block.Transactions.Count), hashes.FirstOrDefault(""));
                foreach (string hash in hashes.Skip(1)) table.Add("", "", "", "", hash);
            }
        }

        table.Write(output);
    }

    private string NameOf(InboxTransaction transaction) => transaction.Hash is { } hash && transaction.File is null ? Short($"{hash}") : transaction.File ?? "";

    private static string NameOf(ChannelView channel) => channel.Id is { } id ? $"{id}" : "(whole)";

    private static string CarrierOf(InboxTransaction transaction)
    {
        if (transaction.Parts.Count == 0) return "";
        Carrier carrier = transaction.Parts[0].Carrier;
        string name = $"{carrier}".ToLowerInvariant();
        return carrier == Carrier.Blob ? $"{transaction.Parts.Count} blob{(transaction.Parts.Count == 1 ? "" : "s")}" : name;
    }

    private string Numbers(BatchView batch) => inspection.Rollup.NumberAt(batch.FirstTimestamp) is { } first ? Range($"{first}", $"{inspection.Rollup.NumberAt(batch.LastTimestamp)}") : "";

    private string Span(ulong first, ulong last, BatchKind kind) =>
        inspection.Rollup.NumberAt(first) is { } number ? Range($"{number}", $"{inspection.Rollup.NumberAt(last)}") : $"from {Time(first, kind)}";

    /// <summary>A time of day; after L2's genesis where that is not known, which span batches count from.</summary>
    private string Time(ulong seconds, BatchKind kind)
    {
        if (!inspection.Rollup.IsKnown && kind == BatchKind.Span) return $"genesis + {seconds} s";
        return seconds <= LastDate ? DateTimeOffset.FromUnixTimeSeconds((long)seconds).ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture) : $"{seconds} s";
    }

    private static string Range(string first, string last) => first == last ? first : $"{first}..{last}";

    private string Short(string hash) => levels.Verbose || hash.Length < 20 ? hash : $"{hash[..10]}…{hash[^4..]}";

    private static string Count(long number) => number.ToString("N0", CultureInfo.InvariantCulture);
}
