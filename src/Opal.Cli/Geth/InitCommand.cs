using Opal.Cli.Flags;
using Opal.Execution;
using Opal.Protocol;

namespace Opal.Cli.Geth;

/// <summary><c>init</c>: gives a data directory its chain.</summary>
internal static class InitCommand
{
    public static Task<int> RunAsync(FlagValues values, IReadOnlyList<string> arguments)
    {
        string directory = DataDirectory.Of(values);
        Network? network = GenesisSource.NetworkOf(values, out string? named);
        if (arguments.Count == 0 && network is not null) throw new GethException(GenesisSource.GenesisNeeded(network, directory));
        string? file = arguments.Count == 1 && named is null ? arguments[0] : arguments.Count == 0 ? named : null;
        if (file is null) throw new FlagException("init takes one genesis file: opal geth init --datadir=D genesis.json");
        InitResult result = GenesisSource.Initialize(values, file, network);
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
