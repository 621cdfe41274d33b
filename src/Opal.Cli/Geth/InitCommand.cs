using Opal.Cli.Flags;
using Opal.Execution;

namespace Opal.Cli.Geth;

/// <summary><c>init</c>: gives a data directory its chain.</summary>
internal static class InitCommand
{
    public static Task<int> RunAsync(FlagValues values, IReadOnlyList<string> arguments)
    {
        string? file = arguments.Count == 1 ? arguments[0] : arguments.Count == 0 ? values.TextOrNull("op-network") : null;
        if (file is null) throw new FlagException("init takes one genesis file: opal geth init --datadir=D genesis.json");
        string directory = DataDirectory.Of(values);
        InitResult result = GenesisSource.Initialize(directory, file);
        if (!result.IsAccepted) throw new GethException(result.Error!);
        string what = result.Status switch
        {
            InitStatus.Created => "wrote genesis block",
            InitStatus.Updated => "the chain is there already; took over the new times of upgrades that are ahead; genesis block",
            _ => "the chain is there already; genesis block",
        };
        Console.Out.WriteLine($"{directory}: {what} {result.Number}, hash {result.Hash}");
        return Task.FromResult(0);
    }
}
