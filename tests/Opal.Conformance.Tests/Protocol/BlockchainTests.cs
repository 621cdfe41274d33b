using Opal.Protocol;
using Opal.Testing;

namespace Opal.Conformance.Tests.ProtocolTests;

/// <summary>Ethereum's blockchain tests: the same executor under Ethereum's rules.</summary>
public class BlockchainTests
{
    [VectorTheory]
    [InlineData("evm/eest-blockchain-tests.tar.gz", 3_991)]
    [InlineData("evm/eest-v5.7-blockchain-tests.tar.gz", 1_545)]
    [InlineData("evm/ethereum-tests-blockchain.tar.gz", 406)]
    public void Official_blocks_are_accepted_and_rejected(string archive, int expected)
    {
        using var runner = new BlockchainTestRunner();
        foreach ((string name, byte[] data) in Vectors.ReadArchive(archive))
        {
            if (name.EndsWith(".json", StringComparison.Ordinal)) runner.RunFile(name, data);
        }

        string faults = string.Join('\n', runner.Failures);
        if (Environment.GetEnvironmentVariable("OPAL_FAULTS") is { } file) File.AppendAllText(file, faults + "\n");
        Assert.True(runner.Failures.Count == 0, $"{runner.Failures.Count} failed, {runner.Passed} passed\n{faults}");
        Assert.Equal(expected, runner.Passed);
    }
}
