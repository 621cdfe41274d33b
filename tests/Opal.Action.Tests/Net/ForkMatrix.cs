using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>Forks to play a scenario on.</summary>
public static class ForkMatrix
{
    /// <summary>The first and the newest: for what no fork changes.</summary>
    public static TheoryData<OptimismFork> Ends => [OptimismFork.Bedrock, OptimismFork.Karst];

    /// <summary>The forks before Holocene that differ in how batches are read.</summary>
    public static TheoryData<OptimismFork> LooseSpans => [OptimismFork.Delta, OptimismFork.Granite];
}
