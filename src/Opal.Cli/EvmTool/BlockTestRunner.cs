using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.EvmTool;

/// <summary>Runs blockchain tests: every block is imported; the verdicts with their reasons, the head and its state are compared.</summary>
/// <param name="crypto">The cryptography.</param>
/// <param name="network">The only network to run, or null for all.</param>
public sealed class BlockTestRunner(ICrypto crypto, string? network = null) : ITestRunner
{
    private const int MostExecutors = 16;

    private readonly Dictionary<string, BlockExecutor> _executors = [];

    /// <inheritdoc/>
    public void Run(string name, JsonElement test, TestSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        string fork = test.Member("network").Text();
        if (network is not null && !string.Equals(fork, network, StringComparison.OrdinalIgnoreCase)) return;
        if (!TryGetExecutor(test, fork, out BlockExecutor? executor, out string refusal))
        {
            sink.Skip(refusal);
            return;
        }

        string? problem = Run(test, executor!, out Hash256? root);
        sink.Results.Add(new TestResult(name, fork, problem is null, root, problem));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (BlockExecutor executor in _executors.Values) executor.Dispose();
    }

    private static string? Run(JsonElement test, BlockExecutor executor, out Hash256? root)
    {
        root = null;
        if (!Block.TryDecode(test.Member("genesisRLP").Bytes(), out Block? genesis)) throw new InputFormatException("\"genesisRLP\" is no block");
        var chain = new BlockTestChain(genesis!.Header, ToolAlloc.Read(test.Member("pre")));
        if (chain.GenesisRoot != genesis.Header.StateRoot) return $"genesis state root {chain.GenesisRoot}, expected {genesis.Header.StateRoot}";
        int index = 0;
        foreach (JsonElement entry in test.Member("blocks").EnumerateArray())
        {
            string? expected = entry.TryMember("expectException", out JsonElement exception) ? exception.Text() : null;
            byte[] encoded = entry.Member("rlp").Bytes();
            bool decodes = Block.TryDecode(encoded, out Block? block);
            Rejection? rejection = decodes ? Rejection.Of(chain.Import(executor, block!)) : BlockFaults.Find(encoded);
            string? disagreement = ExpectedExceptions.Compare(expected, rejection, $"block {index}");
            bool breaksSeveral = disagreement is not null && expected is not null && rejection is not null && decodes;
            if (disagreement is not null && !(breaksSeveral && chain.FindTransactionFaults(executor, block!).Any(also => IsExpected(expected!, also)))) return disagreement;
            index++;
        }

        root = chain.Head.StateRoot;
        Hash256 last = test.Member("lastblockhash").Hash();
        return chain.Head.Hash == last ? null : $"the last block is {chain.Head.Hash}, expected {last}";
    }

    /// <summary>Whether a test expects a fault. A block may break several rules, and it must break the expected one: the older tests leave an invalid
    /// transaction out of the transactions root as well.</summary>
    private static bool IsExpected(string expected, Rejection fault) => ExpectedExceptions.Compare(expected, fault, "") is null;

    private bool TryGetExecutor(JsonElement test, string fork, out BlockExecutor? executor, out string refusal)
    {
        bool hasConfig = test.TryMember("config", out JsonElement config);
        JsonElement schedule = default;
        bool hasSchedule = hasConfig && config.TryMember("blobSchedule", out schedule);
        ulong chainId = hasConfig ? config.OptionalULong("chainid") ?? 1 : 1;
        string key = $"{fork} {chainId} {(hasSchedule ? schedule.GetRawText() : "")}";
        refusal = "";
        if (_executors.TryGetValue(key, out executor)) return true;
        if (!ToolForks.TrySpec(fork, chainId, BlobsOf, out ChainSpec? spec, out refusal)) return false;
        if (_executors.Count == MostExecutors)
        {
            foreach (BlockExecutor old in _executors.Values) old.Dispose();
            _executors.Clear();
        }

        executor = new BlockExecutor(crypto, spec!);
        _executors.Add(key, executor);
        return true;

        BlobParameters? BlobsOf(string name) => hasSchedule && schedule.TryMember(name, out JsonElement given) ? StateTestCase.ReadBlobs(given) : null;
    }
}
