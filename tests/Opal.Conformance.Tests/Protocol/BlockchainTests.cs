using Opal.Cli.EvmTool;
using Opal.Crypto;
using Opal.Testing;

namespace Opal.Conformance.Tests.ProtocolTests;

/// <summary>Ethereum's blockchain tests: the same executor under Ethereum's rules. Invalid blocks are rejected for the reason given.</summary>
public class BlockchainTests
{
    [VectorTheory]
    [InlineData("evm/eest-blockchain-tests.tar.gz", 3_991)]
    [InlineData("evm/eest-v5.7-blockchain-tests.tar.gz", 1_545)]
    [InlineData("evm/ethereum-tests-blockchain.tar.gz", 406)]
    public void Official_blocks_are_accepted_and_rejected(string archive, int expected)
    {
        TestSink sink = TestSuite.Run(InputFiles.ReadJson([Vectors.PathOf(archive)]), () => new BlockTestRunner(NativeCrypto.Instance));
        Assert.Empty(sink.Problems);
        Assert.Empty(sink.NotRun);
        string[] faults = [.. sink.Results.Where(r => !r.Pass).Select(r => $"{r.Name} [{r.Fork}]: {r.Error}")];
        Assert.True(faults.Length == 0, $"{faults.Length} of {sink.Results.Count} failed:\n{string.Join('\n', faults.Take(50))}");
        Assert.Equal(expected, sink.Results.Count);
    }
}
