using Opal.Cli.EvmTool;
using Opal.Evm;
using Opal.Testing;
using Xunit.Abstractions;

namespace Opal.Conformance.Tests.StateTests;

/// <summary>The official state tests, London to Osaka: one transaction each, state root and logs compared, invalid transactions refused.
/// Each runs byte by byte and on decoded code, and both must agree in halt, gas, output, logs and state.</summary>
public class StateTestSuites(ITestOutputHelper output)
{
    [VectorTheory]
    [InlineData("evm/eest-state-tests.tar.gz", 6_000)]
    [InlineData("evm/eest-static-state-tests.tar.gz", 14_000)]
    [InlineData("evm/ethereum-tests-general-state.tar.gz", 14_000)]
    public void All_pass(string archive, int atLeast)
    {
        List<StateTestResult> results = StateTestSuite.Run(StateTestFiles.Read([Vectors.PathOf(archive)]), fork: null, [EngineChoice.Bytes, EngineChoice.Decoded]);
        foreach (IGrouping<string, StateTestResult> fork in results.GroupBy(r => r.Fork).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"{fork.Key}: {fork.Count(r => r.Pass)} of {fork.Count()} passed");
        }

        var failures = results.Where(r => !r.Pass).ToList();
        Assert.True(failures.Count == 0, $"{failures.Count} of {results.Count} failed:\n" + string.Join('\n', failures.Take(20).Select(f => $"{f.Name} [{f.Fork}]: {f.Error}")));
        Assert.True(results.Count >= atLeast, $"only {results.Count} cases were found");
    }
}
