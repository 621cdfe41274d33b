using System.CommandLine;
using Opal.Benchmarks;
using Opal.Cli.Batcher;
using Opal.Cli.Batches;
using Opal.Cli.Db;
using Opal.Cli.Doctor;
using Opal.Cli.Geth;
using Opal.Cli.Node;
using Opal.Cli.Proposer;
using Opal.Cli.Rollups;
using Opal.Cli.Status;
using Opal.Cli.Upgrades;

namespace Opal.Cli;

/// <summary>The `opal` program: one verb a role.</summary>
internal static class Program
{
    /// <summary>Exit codes: 0 success, 1 the work failed, 2 wrong usage or configuration.</summary>
    private static async Task<int> Main(string[] args)
    {
        if (args is [NodeVerb.Name, "genesis", ..]) args = args[1..]; // op-node's place for it
        if (args is [GethVerb.Name, ..]) return await GethVerb.RunAsync(args[1..]).ConfigureAwait(false);
        if (args is [NodeVerb.Name, ..]) return await NodeVerb.RunAsync(args[1..]).ConfigureAwait(false);
        if (args is [BatcherVerb.Name, ..]) return await BatcherVerb.RunAsync(args[1..]).ConfigureAwait(false);
        if (args is [ProposerVerb.Name, ..]) return await ProposerVerb.RunAsync(args[1..]).ConfigureAwait(false);
        if (args is [DoctorVerb.Name, ..]) return await DoctorVerb.RunAsync(args[1..]).ConfigureAwait(false);
        if (args is ["attach", ..]) return await GethVerb.RunAsync(args).ConfigureAwait(false);
        if (args is [DbVerb.Name, ..]) return await DbVerb.RunAsync(args[1..]).ConfigureAwait(false);
        var root = new RootCommand("A complete OP Stack rollup: execution client, rollup node, batcher, proposer, deployer and devnet in one program.")
        {
            DevnetVerb.Create(),
            GethVerb.Create(),
            NodeVerb.Create(),
            BatcherVerb.Create(),
            ProposerVerb.Create(),
            DoctorVerb.Create(),
            DbVerb.Create(),
            StatusVerb.Create(),
            UpgradesVerb.Create(),
            new Command("attach", "A console on a running client: opal attach http://127.0.0.1:8545, or the path of its IPC socket.") { TreatUnmatchedTokensAsErrors = false },
            BatchVerb.Create(),
            EvmVerb.Create(),
            BenchVerb.Create(),
            WitnessVerb.Create(),
            WalletsVerb.Create(),
            DeployVerb.Create(),
            GenesisVerb.Create(),
        };
        foreach (Command verb in VerbsToCome.Create()) root.Add(verb);

        ParseResult parsed = root.Parse(args);
        if (args.Length == 0)
        {
            await root.Parse("--help").InvokeAsync().ConfigureAwait(false);
            return 2;
        }

        if (parsed.Errors.Count > 0) return UsageErrors.Report(parsed, Console.Error);
        return await parsed.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }).ConfigureAwait(false);
    }
}
