using Opal.Compiler;
using Opal.Evm;

namespace Opal.Benchmarks;

/// <summary>A way to run code that can be asked for by name.</summary>
/// <param name="Name">What `--engine` calls it.</param>
/// <param name="Configure">Makes a new machine use it.</param>
/// <param name="Settle">Waits until nothing is prepared in the background any more; called after the first runs.</param>
internal sealed record EvmEngine(string Name, Action<EvmMachine> Configure, Action Settle)
{
    /// <summary>What the machine does by itself: bytes first, decoded code when it runs again. No compiler is attached.</summary>
    public static EvmEngine Auto { get; } = new("auto", static _ => { }, static () => { });

    private static readonly EvmEngine[] Known =
    [
        Auto,
        new("bytes", static machine => machine.Engines = EngineChoice.Bytes, static () => { }),
        new("decoded", static machine => machine.Engines = EngineChoice.Decoded, static () => { }),

        // compiled when it is first called, so that the first run shows the price
        new("compiled", static machine => machine.Compiler = new CodeCompiler(new CodeCompilerOptions { Mode = CompilationMode.FirstSight }), static () => { }),
    ];

    /// <summary>Whether the figures are those of compiled code, which has targets of its own.</summary>
    public bool IsCompiled => Name == "compiled";

    public static bool TryFind(string name, out EvmEngine engine, out string problem)
    {
        engine = Known.FirstOrDefault(e => e.Name == name) ?? Auto;
        problem = "";
        if (engine.Name == name) return true;
        problem = $"no engine is called '{name}'; there are: {string.Join(", ", Known.Select(e => e.Name))}";
        return false;
    }
}
