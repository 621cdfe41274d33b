using Opal.Cli.EvmTool;
using Opal.Crypto;
using Opal.Evm;
using Opal.Testing;
using Xunit.Abstractions;

namespace Opal.Conformance.Tests.StateTests;

/// <summary>The official state tests, London to Osaka: one transaction each, state root and logs compared, invalid transactions refused for the reason given.
/// Each runs byte by byte and on decoded code, and both must agree in halt, gas, output, logs and state.</summary>
public class StateTestSuites(ITestOutputHelper output)
{
    [VectorTheory]
    [InlineData("evm/eest-state-tests.tar.gz", 6_994)]
    [InlineData("evm/eest-static-state-tests.tar.gz", 15_025)]
    [InlineData("evm/ethereum-tests-general-state.tar.gz", 14_704)]
    public void All_pass(string archive, int expected)
    {
        TestSink sink = TestSuite.Run(InputFiles.ReadJson([Vectors.PathOf(archive)]), () => new StateTestRunner(NativeCrypto.Instance) { Engines = [EngineChoice.Bytes, EngineChoice.Decoded] });
        foreach (IGrouping<string, TestResult> fork in sink.Results.GroupBy(r => r.Fork).OrderBy(g => g.Key, StringComparer.Ordinal))
        {
            output.WriteLine($"{fork.Key}: {fork.Count(r => r.Pass)} of {fork.Count()} passed");
        }

        Assert.Empty(sink.Problems);
        Assert.Empty(sink.NotRun);
        string[] faults = [.. sink.Results.Where(r => !r.Pass).Select(r => $"{r.Name} [{r.Fork}]: {r.Error}")];
        Assert.True(faults.Length == 0, $"{faults.Length} of {sink.Results.Count} failed:\n{string.Join('\n', faults.Take(20))}");
        Assert.Equal(expected, sink.Results.Count);
    }
}
