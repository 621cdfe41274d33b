using System.CommandLine;
using Opal.Deployer.Commands;
using Opal.Deployer.Keys;

namespace Opal.Cli.Rollups;

/// <summary>`opal wallets`: keys for the roles of a rollup.</summary>
internal static class WalletsVerb
{
    public static Command Create()
    {
        var output = new Option<string?>("--out") { Description = "File to write, readable by you alone; without it the keys are printed." };
        var mnemonic = new Option<string?>("--mnemonic") { Description = "Words to derive the keys from; without them the keys are random." };
        var command = new Command("wallets", "Makes keys for admin, batcher, proposer and sequencer.") { output, mnemonic };
        command.SetAction((parsed, _) => RollupFlags.RunAsync("wallets", () =>
        {
            string? file = parsed.GetValue(output);
            Wallets wallets = WalletsCommand.Run(new WalletsOptions { OutputFile = file, Mnemonic = parsed.GetValue(mnemonic) });
            if (file is null) Console.Write(wallets.ToEnvironment());
            else Console.WriteLine($"admin {wallets.Admin}, batcher {wallets.Batcher}, proposer {wallets.Proposer}, sequencer {wallets.Sequencer}: keys in {file}");
            return Task.CompletedTask;
        }));
        return command;
    }
}
