using Opal.Cli.Flags;
using Opal.Execution;

namespace Opal.Cli.Geth;

/// <summary><c>import</c>: executes and stores the blocks of RLP files.</summary>
internal static class ImportCommand
{
    public static Task<int> RunAsync(FlagValues values, IReadOnlyList<string> arguments)
    {
        if (arguments.Count == 0) throw new FlagException("import takes the files to read: opal geth import --datadir=D blocks.rlp");
        return OfflineChain.UseAsync(values, (client, stop) =>
        {
            foreach (string file in arguments) Import(client.Chain, file, stop);
        });
    }

    private static void Import(Blockchain chain, string file, CancellationToken stop)
    {
        WorkProgress progress = WorkProgress.OnConsole($"importing {Path.GetFileName(file)}:");
        using ChainFileReader reader = ChainFileReader.Open(file);
        ImportProgress done = new ChainImporter(chain).Import(
            reader,
            at => progress.Report(at.TotalBytes == 0 ? 1 : (double)at.BytesRead / at.TotalBytes, elapsed =>
                $"block {at.Number}, {WorkProgress.Rate(at.Imported, elapsed, "blocks")}, {WorkProgress.Rate(at.Gas / 1e6, elapsed, "Mgas")}"),
            stop);
        progress.Finish(elapsed =>
            $"{file}: {done.Imported:N0} blocks with {done.Transactions:N0} transactions imported in {elapsed.TotalSeconds:F1} s ({WorkProgress.Rate(done.Gas / 1e6, elapsed, "Mgas")})"
            + $"{(done.Skipped > 0 ? $", {done.Skipped:N0} were here already" : "")}; head is block {chain.Head.Number} {chain.Head.Hash}");
    }
}
