using System.CommandLine;
using Opal.Deployer;
using Opal.Deployer.Commands;
using Opal.Deployer.Config;
using Opal.Deployer.L1;
using Opal.Primitives;

namespace Opal.Cli.Rollups;

/// <summary>`opal deploy …`: a rollup's contracts on L1.</summary>
internal static class DeployVerb
{
    public static Command Create() => new("deploy", "Deploys a rollup's contracts on L1.") { Config(), L1(), EmitConfigUpdate() };

    private static Command Config()
    {
        Option<Uri> l1 = RollupFlags.L1Rpc();
        var wallets = new Option<string>("--wallets") { Description = "The file of keys that 'opal wallets' wrote.", Required = true };
        var chainId = new Option<ulong>("--l2-chain-id") { Description = "Chain id of the new chain.", Required = true };
        var blockTime = new Option<ulong>("--l1-block-time") { Description = "Seconds between L1 blocks.", DefaultValueFactory = _ => 12 };
        var proofs = new Option<string>("--proofs") { Description = "How withdrawals are proven: output-oracle or games (dispute games).", DefaultValueFactory = _ => "output-oracle" };
        proofs.AcceptOnlyFromAmong("output-oracle", "games");
        var prestate = new Option<string?>("--absolute-prestate") { Description = "With --proofs=games: the fault-proof program's absolute prestate; a placeholder when left out." };
        var output = new Option<string>("--out") { Description = "File to write.", DefaultValueFactory = _ => "deploy-config.json" };
        var command = new Command("config", "Writes a deploy config to begin with: the tutorial's values, this L1, these accounts.") { l1, wallets, chainId, blockTime, proofs, prestate, output };
        command.SetAction((parsed, cancel) => RollupFlags.RunAsync("deploy config", async () =>
        {
            bool games = parsed.GetValue(proofs) == "games";
            Hash256? absolutePrestate = PrestateOf(parsed.GetValue(prestate), games);
            await NewConfigCommand.RunAsync(
                new NewConfigOptions
                {
                    L1Rpc = parsed.GetValue(l1)!,
                    Wallets = parsed.GetValue(wallets)!,
                    L2ChainId = parsed.GetValue(chainId),
                    L1BlockTime = parsed.GetValue(blockTime),
                    UseFaultProofs = games,
                    AbsolutePrestate = absolutePrestate,
                    OutputFile = parsed.GetValue(output)!,
                },
                cancel);
            Console.WriteLine($"written: {parsed.GetValue(output)}");
            if (games && absolutePrestate is null) Console.WriteLine($"faultGameAbsolutePrestate {PlaceholderPrestate.Meaning}");
        }));
        return command;
    }

    /// <summary>The absolute prestate that a flag gives; null when it is left out.</summary>
    /// <exception cref="DeployerException">It is none, or games are not asked for.</exception>
    internal static Hash256? PrestateOf(string? text, bool games)
    {
        if (text is null) return null;
        if (!games) throw new DeployerException("--absolute-prestate belongs to dispute games; give --proofs=games with it");
        return Hash256.TryParse(text, out Hash256 prestate) && !prestate.IsZero ? prestate : throw new DeployerException($"--absolute-prestate: '{text}' is no hash; write it as 0x and 64 digits");
    }

    private static Command L1()
    {
        Option<Uri> l1 = RollupFlags.L1Rpc();
        var config = new Option<string>("--deploy-config") { Description = "The deploy config.", Required = true };
        Option<string?> key = RollupFlags.PrivateKey(), wallets = RollupFlags.WalletsFile("admin"), artifacts = RollupFlags.Artifacts(), bundles = RollupFlags.UpgradeBundles();
        var output = new Option<string>("--out") { Description = "Folder for deployments, rollup.json, genesis.json and jwt.txt; a deployment that was interrupted goes on there.", DefaultValueFactory = _ => "deployment" };
        var salt = new Option<string>("--impl-salt") { Description = "Salt of the implementations that deployments share.", DefaultValueFactory = _ => "ethers phoenix" };
        var noCreate2 = new Option<bool>("--no-create2") { Description = "Create implementations plainly, without the deterministic deployer." };
        var both = new Option<bool>("--both-sets") { Description = "Deploy the output oracle's and the fault proofs' contracts both." };
        var command = new Command("l1", "Deploys the contracts and makes the L2 genesis.") { l1, config, key, wallets, output, artifacts, bundles, salt, noCreate2, both };
        command.SetAction((parsed, cancel) => RollupFlags.RunAsync("deploy l1", async () =>
        {
            RollupDeploymentResult result = await DeployL1Command.RunAsync(
                new DeployL1Options
                {
                    L1Rpc = parsed.GetValue(l1)!,
                    DeployConfig = parsed.GetValue(config)!,
                    PrivateKey = RollupFlags.KeyOf(parsed.GetValue(key), parsed.GetValue(wallets)),
                    OutputDirectory = parsed.GetValue(output)!,
                    Artifacts = parsed.GetValue(artifacts),
                    UpgradeBundles = parsed.GetValue(bundles),
                    ImplementationSalt = parsed.GetValue(salt)!,
                    NoCreate2 = parsed.GetValue(noCreate2),
                    BothSets = parsed.GetValue(both),
                    Progress = Console.WriteLine,
                },
                cancel);
            Console.WriteLine($"deployed with {result.GasUsed:N0} gas; L2 chain {result.RollupConfig.L2ChainId} begins at L1 block {result.StartBlock.Number}, "
                + $"genesis {result.Genesis.Header.Hash}; files in {parsed.GetValue(output)}");
        }));
        return command;
    }

    private static Command EmitConfigUpdate()
    {
        Option<Uri> l1 = RollupFlags.L1Rpc();
        var deployments = new Option<string>("--deployments") { Description = "deployments.json, or a folder of NAME.json.", Required = true };
        Option<string?> key = RollupFlags.PrivateKey(), wallets = RollupFlags.WalletsFile("admin");
        var kind = new Option<ConfigUpdateKind>("--kind") { Description = "Which parameter.", Required = true };
        var value = new Option<string>("--value") { Description = "Its value as the event has it, decimal or 0x.", Required = true };
        var command = new Command("emit-config-update", "For devnets: announces a parameter that this release's SystemConfig has no setter for.") { l1, deployments, key, wallets, kind, value };
        command.SetAction((parsed, cancel) => RollupFlags.RunAsync("deploy emit-config-update", async () =>
        {
            if (!UInt256.TryParse(parsed.GetValue(value), out UInt256 word)) throw new DeployerException($"--value: '{parsed.GetValue(value)}' is no number");
            ulong block = await EmitConfigUpdateCommand.RunAsync(
                new EmitConfigUpdateOptions
                {
                    L1Rpc = parsed.GetValue(l1)!,
                    Deployments = parsed.GetValue(deployments)!,
                    PrivateKey = RollupFlags.KeyOf(parsed.GetValue(key), parsed.GetValue(wallets)),
                    Kind = parsed.GetValue(kind),
                    Value = word,
                    Progress = Console.WriteLine,
                },
                cancel);
            Console.WriteLine($"logged in L1 block {block}");
        }));
        return command;
    }
}
