using System.Collections.Concurrent;
using Opal.Crypto;
using Opal.Evm;

namespace Opal.Cli.EvmTool;

/// <summary>Runs many state test files, several at a time; the results come in the order of the files.</summary>
public static class StateTestSuite
{
    /// <summary>Runs them.</summary>
    /// <param name="files">Name and content; read while others run.</param>
    /// <param name="fork">The only fork to run, or null for all that Opal has.</param>
    /// <param name="engines">The engines to run every transaction on, or null for what a node uses.</param>
    /// <returns>All results. A file that is no state test is one failed result with the file's name.</returns>
    public static List<StateTestResult> Run(IEnumerable<(string Name, byte[] Json)> files, string? fork, IReadOnlyList<EngineChoice>? engines = null)
    {
        var results = new ConcurrentDictionary<long, List<StateTestResult>>();
        var runners = new ConcurrentBag<StateTestRunner>();
        var options = new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount };
        Parallel.ForEach(
            Partitioner.Create(files, EnumerablePartitionerOptions.NoBuffering),
            options,
            () => Rent(runners, engines ?? [EngineChoice.Automatic]),
            (file, _, index, runner) =>
            {
                results[index] = RunFile(runner, file.Name, file.Json, fork);
                return runner;
            },
            runners.Add);
        foreach (StateTestRunner runner in runners) runner.Dispose();
        return [.. results.OrderBy(r => r.Key).SelectMany(r => r.Value)];
    }

    private static StateTestRunner Rent(ConcurrentBag<StateTestRunner> runners, IReadOnlyList<EngineChoice> engines) =>
        runners.TryTake(out StateTestRunner? runner) ? runner : new StateTestRunner(NativeCrypto.Instance) { Engines = engines };

    private static List<StateTestResult> RunFile(StateTestRunner runner, string name, byte[] json, string? fork)
    {
        try
        {
            return runner.Run(json, fork);
        }
        catch (StateTestFormatException e)
        {
            return [new StateTestResult(name, fork ?? "", false, null, e.Message)];
        }
    }
}
