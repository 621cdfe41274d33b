using Opal.Evm;

namespace Opal.Benchmarks;

/// <summary>A way to run code that can be asked for by name.</summary>
/// <param name="Name">What `--engine` calls it.</param>
/// <param name="Configure">Makes a new machine use it.</param>
/// <param name="Settle">Waits until nothing is prepared in the background any more; called after the first runs.</param>
internal sealed record EvmEngine(string Name, Action<EvmMachine> Configure, Action Settle)
{
    /// <summary>What the machine does by itself.</summary>
    public static EvmEngine Auto { get; } = new("auto", static _ => { }, static () => { });

    /// <summary>The engines that exist. The switch over bytes is the only one so far, so it is also what a machine does by itself.</summary>
    private static readonly EvmEngine[] Known = [Auto, Auto with { Name = "bytes" }];

    /// <summary>Names that are reserved.</summary>
    private static readonly string[] ToCome = ["decoded", "compiled"];

    /// <summary>Whether the figures are those of compiled code, which has targets of its own.</summary>
    public bool IsCompiled => Name == "compiled";

    public static bool TryFind(string name, out EvmEngine engine, out string problem)
    {
        engine = Known.FirstOrDefault(e => e.Name == name) ?? Auto;
        problem = "";
        if (engine.Name == name) return true;
        string known = string.Join(", ", Known.Select(e => e.Name));
        problem = ToCome.Contains(name) ? $"the engine '{name}' is not built yet; there are: {known}" : $"no engine is called '{name}'; there are: {known}";
        return false;
    }
}
