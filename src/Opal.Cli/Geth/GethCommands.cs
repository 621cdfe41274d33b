using Opal.Cli.Attach;
using Opal.Cli.Flags;

namespace Opal.Cli.Geth;

/// <summary>The commands of <c>opal geth</c>.</summary>
internal static class GethCommands
{
    /// <summary>A command: its name, what follows it, what it does, and how.</summary>
    public sealed record Command(string Name, string Arguments, string Help, Func<FlagValues, IReadOnlyList<string>, Task<int>> Run)
    {
        /// <summary>Whether it is left out of the help: it is there to say that it is not.</summary>
        public bool IsHidden { get; init; }
    }

    private static readonly (string Name, string Note)[] NotBuilt =
    [
        ("console", "start the client, and 'opal attach' to it from another terminal"),
        ("js", "there is no JavaScript here; use viem or ethers against the RPC"),
        ("account", "this client holds no keys; 'opal wallets' or 'cast wallet' makes them"),
        ("wallet", "this client holds no keys; 'opal wallets' or 'cast wallet' makes them"),
        ("snapshot", "there is no snapshot to build or prune; 'opal db prune' frees what is not kept"),
        ("db", "use 'opal db stats', 'opal db verify' and 'opal db prune'"),
        ("import-history", "era1 archives are not read; import RLP blocks with 'opal geth import FILE'"),
        ("export-history", "era1 archives are not written; export RLP blocks with 'opal geth export FILE'"),
        ("import-preimages", "preimages need no import: the store keeps addresses and slots as they are"),
        ("prune-history", "set --history.transactions and run 'opal db prune'"),
    ];

    public static IReadOnlyList<Command> All { get; } =
    [
        new("run", "", "Runs the client; also what no command does", static (values, _) => GethRun.RunAsync(values)),
        new("node", "", "As run: op-reth's word for it", static (values, _) => GethRun.RunAsync(values)) { IsHidden = true },
        new("init", "GENESIS.json", "Writes the genesis block into an empty data directory", InitCommand.RunAsync),
        new("import", "FILE...", "Executes and stores the RLP blocks of files (.gz too)", ImportCommand.RunAsync),
        new("export", "FILE [FIRST LAST]", "Writes blocks as RLP (.gz compresses)", ExportCommand.RunAsync),
        new("dumpgenesis", "", "Prints the genesis the data directory was made from", DumpGenesisCommand.RunAsync),
        new("dumpconfig", "[FILE]", "Prints the effective configuration as TOML, which --config reads back", DumpConfigCommand.RunAsync),
        new("removedb", "", "Deletes the databases; keys and secrets stay", RemoveDatabaseCommand.RunAsync),
        new("attach", "[URL|SOCKET]", "A console on a running client; --exec runs one call", AttachCommand.RunAsync),
        new("networks", "", "Lists the built-in networks, for --op-network", NetworksCommand.RunAsync),
        new("version", "", "Prints the version and the forks it knows", static (_, _) => Task.FromResult(VersionText.Print(Console.Out))),
        new("license", "", "Prints the license", static (_, _) => Task.FromResult(VersionText.PrintLicense(Console.Out))),
        .. NotBuilt.Select(entry => new Command(entry.Name, "", entry.Note, (_, _) => Task.FromException<int>(new FlagException($"'{entry.Name}' is not built: {entry.Note}"))) { IsHidden = true }),
    ];

    /// <summary>Finds a command.</summary>
    /// <exception cref="FlagException">There is none of that name.</exception>
    public static Command Find(string name)
    {
        if (All.FirstOrDefault(command => command.Name == name) is { } found) return found;
        if (name is "true" or "false") throw new FlagException($"unexpected word '{name}': a boolean takes its value as --flag={name}");
        string? nearest = UsageErrors.Nearest(name, All.Where(command => !command.IsHidden).Select(command => command.Name));
        throw new FlagException($"unknown command '{name}'{(nearest is null ? "" : $"; did you mean '{nearest}'?")}");
    }
}
