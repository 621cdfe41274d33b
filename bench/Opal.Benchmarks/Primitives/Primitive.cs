namespace Opal.Benchmarks;

/// <summary>A primitive to measure. Its input is made only when it is its turn.</summary>
internal sealed record Primitive(string Name, string Group, Func<PreparedPrimitive> Prepare)
{
    public string FullName => $"{Group}/{Name}";
}

/// <summary>A primitive with its input, checked once.</summary>
internal sealed class PreparedPrimitive
{
    /// <summary>What must be done before each run, outside the clock.</summary>
    public Action? BeforeRun { get; init; }

    public required Action Run { get; init; }

    /// <summary>Operations a run does.</summary>
    public required double Amount { get; init; }

    /// <summary>What an operation is.</summary>
    public required string Unit { get; init; }

    /// <summary>Bytes a run goes through; 0 where that means nothing.</summary>
    public double Bytes { get; init; }

    /// <summary>Keccak permutations a run does; 0 where that means nothing.</summary>
    public double Permutations { get; init; }

    /// <summary>What the check saw.</summary>
    public string? Output { get; init; }

    /// <summary>What is wrong with the result; null when nothing is. Asked again after the runs.</summary>
    public string? Problem { get; init; }

    /// <summary>Checks what the runs left; null when nothing is wrong.</summary>
    public Func<string?>? Check { get; init; }

    /// <summary>Whether a single run is long enough to stand for itself.</summary>
    public bool IsLong { get; init; }
}
