using Opal.Cli.Flags;
using Opal.Execution;

namespace Opal.Cli.Geth;

/// <summary><c>export</c>: writes blocks as RLP. Without bounds all of them, as geth does; with bounds they are added to a file that is there.</summary>
internal static class ExportCommand
{
    public static Task<int> RunAsync(FlagValues values, IReadOnlyList<string> arguments)
    {
        if (arguments.Count is not (1 or 3)) throw new FlagException("export takes a file, and two block numbers or none: opal geth export --datadir=D blocks.rlp 1 1000");
        (ulong First, ulong Last)? range = null;
        if (arguments.Count == 3)
        {
            if (!FlagText.TryNumber(arguments[1], out ulong first) || !FlagText.TryNumber(arguments[2], out ulong last)) throw new FlagException("export: the bounds must be block numbers");
            if (last < first) throw new FlagException($"export: the last block, {last}, is before the first, {first}");
            range = (first, last);
        }

        return OfflineChain.UseAsync(values, (client, stop) => Export(client.Chain, arguments[0], range, stop));
    }

    private static void Export(Blockchain chain, string file, (ulong First, ulong Last)? range, CancellationToken stop)
    {
        (ulong first, ulong last) = range ?? (chain.Genesis.Number, chain.Head.Number);
        ulong count = last - first + 1;
        WorkProgress progress = WorkProgress.OnConsole($"exporting to {Path.GetFileName(file)}:");
        using (var writer = new ChainFileWriter(file, append: range is not null))
        {
            writer.WriteRange(chain, first, last, at => progress.Report((double)(at - first + 1) / count, elapsed => $"block {at}, {WorkProgress.Rate(at - first + 1, elapsed, "blocks")}"), stop);
        }

        progress.Finish(elapsed => $"{file}: {count:N0} blocks, {first} to {last}, written in {elapsed.TotalSeconds:F1} s");
    }
}
