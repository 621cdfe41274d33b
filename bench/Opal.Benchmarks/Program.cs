using System.CommandLine;

namespace Opal.Benchmarks;

/// <summary>The benchmarks as a program of their own; `opal bench` is the same command.</summary>
internal static class Program
{
    /// <summary>Exit codes: 0 success, 1 a result was wrong, 2 wrong usage or no workloads.</summary>
    private static Task<int> Main(string[] args) => new RootCommand { BenchVerb.Create() }.Parse(["bench", .. args]).InvokeAsync();
}
