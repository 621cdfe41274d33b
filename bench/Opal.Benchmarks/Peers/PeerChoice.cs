namespace Opal.Benchmarks;

/// <summary>Which peer runs beside us: `--peer none`, `--peer anvil`, `--peer anvil=PATH`; by default anvil where it is installed.</summary>
internal static class PeerChoice
{
    private static readonly string[] Pinned = ["tests", "Opal.EndToEnd.Tests", "js", "node_modules", "@foundry-rs", "anvil-linux-amd64", "bin", "anvil"];

    private const string Remedy = "'npm ci' in tests/Opal.EndToEnd.Tests/js installs the pinned one, --peer anvil=PATH names another";

    /// <summary>Finds the program.</summary>
    /// <param name="option">The option's value; null when it was not given.</param>
    /// <param name="program">The path of anvil; null for no peer.</param>
    /// <param name="problem">What is wrong with the option; where it is only that no peer is installed, true is returned.</param>
    public static bool TryFind(string? option, out string? program, out string problem)
    {
        program = null;
        problem = "";
        if (option == "none") return true;
        if (option is null || option == Anvil.Name)
        {
            program = Installed();
            if (program is not null) return true;
            problem = $"no anvil to compare with: {Remedy}";
            return option is null;
        }

        const string Prefix = Anvil.Name + "=";
        if (!option.StartsWith(Prefix, StringComparison.Ordinal))
        {
            problem = $"no peer is called '{option}'; there are: anvil, anvil=PATH, none";
            return false;
        }

        program = option[Prefix.Length..];
        if (File.Exists(program)) return true;
        problem = $"there is no {program}; {Remedy}";
        return false;
    }

    private static string? Installed()
    {
        if (BenchFolder.Repository() is { } root && Path.Combine([root, .. Pinned]) is var pinned && File.Exists(pinned)) return pinned;
        return (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, Anvil.Name)).FirstOrDefault(File.Exists);
    }
}
