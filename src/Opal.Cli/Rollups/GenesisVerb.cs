using System.CommandLine;
using Opal.Deployer;
using Opal.Deployer.Commands;
using Opal.Deployer.L2;
using Opal.Protocol;

namespace Opal.Cli.Rollups;

/// <summary>`opal genesis …`: genesis.json and rollup.json of contracts that are on L1; op-node's flags.</summary>
internal static class GenesisVerb
{
    public static Command Create() => new("genesis", "Makes genesis.json and rollup.json.") { L2() };

    private static Command L2()
    {
        Option<Uri> l1 = RollupFlags.L1Rpc();
        var config = new Option<string>("--deploy-config") { Description = "The deploy config.", Required = true };
        var folder = new Option<string?>("--deployment-dir") { Description = "Folder of NAME.json, each with an address." };
        var flat = new Option<string?>("--l1-deployments") { Description = "Flat file of names and addresses." };
        var genesis = new Option<string>("--outfile.l2") { Description = "The genesis.json to write.", DefaultValueFactory = _ => "genesis.json" };
        var rollup = new Option<string>("--outfile.rollup") { Description = "The rollup.json to write.", DefaultValueFactory = _ => "rollup.json" };
        Option<string?> artifacts = RollupFlags.Artifacts(), bundles = RollupFlags.UpgradeBundles();
        var command = new Command("l2", "Makes the L2 genesis from a deploy config and the contracts on L1.") { l1, config, folder, flat, genesis, rollup, artifacts, bundles };
        command.SetAction((parsed, cancel) => RollupFlags.RunAsync("genesis l2", async () =>
        {
            (L2Genesis made, RollupConfig settings) = await GenesisL2Command.RunAsync(
                new GenesisL2Options
                {
                    L1Rpc = parsed.GetValue(l1)!,
                    DeployConfig = parsed.GetValue(config)!,
                    Deployments = parsed.GetValue(flat) ?? parsed.GetValue(folder) ?? throw new DeployerException("give --l1-deployments FILE or --deployment-dir FOLDER"),
                    GenesisFile = parsed.GetValue(genesis)!,
                    RollupFile = parsed.GetValue(rollup)!,
                    Artifacts = parsed.GetValue(artifacts),
                    UpgradeBundles = parsed.GetValue(bundles),
                    Progress = Console.Error.WriteLine,
                },
                cancel);
            Console.WriteLine($"L2 chain {settings.L2ChainId} begins at L1 block {settings.GenesisL1.Number}: genesis {made.Header.Hash} in {parsed.GetValue(genesis)}, {parsed.GetValue(rollup)}");
        }));
        return command;
    }
}
