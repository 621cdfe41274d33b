namespace Opal.Differential.Tests;

/// <summary>Makes the case of a seed and an index.</summary>
internal static class ProgramGenerator
{
    /// <summary>The kinds, by the letters of docs/fuzzing.md.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["structured", "random", "mutated", "precompile", "delegation", "edges"];

    /// <summary>Makes a case.</summary>
    /// <param name="fork">The fork it is for.</param>
    /// <param name="seed">The run's seed.</param>
    /// <param name="index">Its number in the run.</param>
    /// <param name="only">A kind, or null for a mixture.</param>
    public static FuzzProgram Make(FuzzFork fork, ulong seed, ulong index, string? only = null)
    {
        var world = new CaseWorld(fork, seed, index);
        string kind = only ?? world.Random.Next(100) switch
        {
            < 45 => "structured",
            < 55 => "random",
            < 70 => "mutated",
            < 83 => "precompile",
            < 92 => "delegation",
            _ => "edges",
        };
        string name = $"{fork.Name}/{seed}/{index}/{kind}";
        return kind switch
        {
            "structured" => StructuredCases.Make(world, name),
            "random" => RandomCases.Make(world, name),
            "mutated" => MutatedCases.Make(world, name),
            "precompile" => PrecompileCases.Make(world, name),
            "delegation" when fork.Rules.Evm.HasDelegation => DelegationCases.Make(world, name),
            "edges" => EdgeCases.Make(world, name),
            _ => StructuredCases.Make(world, name),
        };
    }
}
