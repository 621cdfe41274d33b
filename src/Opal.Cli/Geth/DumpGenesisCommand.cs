using Opal.Cli.Flags;
using Opal.Execution;

namespace Opal.Cli.Geth;

/// <summary><c>dumpgenesis</c>: prints the genesis.json that the data directory was made from.</summary>
internal static class DumpGenesisCommand
{
    public static Task<int> RunAsync(FlagValues values, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 0) throw new FlagException($"dumpgenesis takes no arguments, and was given '{arguments[0]}'");
        string directory = DataDirectory.Of(values);
        if (!ChainDatabase.TryReadGenesis(directory, out byte[]? json)) throw new GethException($"there is no chain in {directory}; 'opal geth init' makes one");
        using Stream output = Console.OpenStandardOutput();
        output.Write(json);
        return Task.FromResult(0);
    }
}
