namespace Opal.Node;

/// <summary>How many threads compute commitments and proofs at once: one core is left to the loop that makes blocks.</summary>
internal static class KzgThreads
{
    public static ParallelOptions Options { get; } = new() { MaxDegreeOfParallelism = Math.Max(1, Environment.ProcessorCount - 1) };
}
