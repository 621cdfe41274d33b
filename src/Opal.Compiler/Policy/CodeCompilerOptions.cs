namespace Opal.Compiler;

/// <summary>When code is compiled, and how much of it.</summary>
/// <remarks>
/// A KiB of bytecode takes 5 to 35 ms to compile, which pays back after 50 to 400 Mgas of execution. Machine code is some tens of
/// times as large as the bytecode; the limits count bytecode.
/// </remarks>
public sealed record CodeCompilerOptions
{
    /// <summary>The ones a node uses.</summary>
    public static CodeCompilerOptions Default { get; } = new();

    /// <summary>When code is compiled.</summary>
    public CompilationMode Mode { get; init; } = CompilationMode.Background;

    /// <summary>Gas that code must have used, per 1,024 bytes of it.</summary>
    public long GasPerKiB { get; init; } = 75_000_000;

    /// <summary>Larger code is never compiled; at most 49,152 bytes.</summary>
    public int MaxCodeBytes { get; init; } = 24_576;

    /// <summary>All compiled code together; the one that runs least makes room.</summary>
    public int MaxTotalBytes { get; init; } = 1 << 20;

    /// <summary>Code that waits to be compiled; more must come again later.</summary>
    public int QueueLength { get; init; } = 64;

    /// <summary>Codes whose gas is counted; beyond, those that are not compiled are forgotten.</summary>
    public int MaxProfiles { get; init; } = 1 << 16;

    /// <summary>How long the background thread rests after each chunk, as a multiple of what the chunk took.</summary>
    public double Rest { get; init; } = 1.0;
}
