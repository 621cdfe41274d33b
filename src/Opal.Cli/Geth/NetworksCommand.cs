using Opal.Cli.Flags;
using Opal.Protocol;

namespace Opal.Cli.Geth;

/// <summary><c>networks</c>: lists the networks that <c>--op-network</c> knows.</summary>
internal static class NetworksCommand
{
    public static Task<int> RunAsync(FlagValues values, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0) throw new FlagException($"networks takes no arguments, and was given '{arguments[0]}'");
        foreach (Network network in Networks.All)
        {
            string note = network.BeginsWithMigration ? "  (migrated from before Bedrock: cannot be begun here)" : "";
            Console.Out.WriteLine($"{network.Name,-34}{network.RegistryName,-36}{network.Rollup.L2ChainId,10}  {network.Title}{note}");
        }

        return Task.FromResult(0);
    }
}
