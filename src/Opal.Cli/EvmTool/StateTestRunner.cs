using System.Text.Json;
using Opal.Cli.EvmTool.Transition;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Cli.EvmTool;

/// <summary>Runs state tests: one transaction on a given state, then state root and logs, or the rejection and its reason, are compared.</summary>
/// <param name="crypto">The cryptography.</param>
/// <param name="fork">The only fork to run, or null for all.</param>
public sealed class StateTestRunner(ICrypto crypto, string? fork = null) : ITestRunner
{
    private readonly TransactionProcessor _processor = new(crypto);

    /// <summary>Observes every transaction; null for none.</summary>
    public ITracer? Tracer { get; set; }

    /// <inheritdoc/>
    public void Run(string name, JsonElement test, TestSink sink)
    {
        ArgumentNullException.ThrowIfNull(sink);
        var posts = new List<(string Fork, Rules Rules, JsonElement Entries)>();
        foreach (JsonProperty post in test.Member("post").EnumerateObject())
        {
            if (fork is not null && !string.Equals(post.Name, fork, StringComparison.OrdinalIgnoreCase)) continue;
            if (ToolForks.FindEthereum(post.Name) is { } rules) posts.Add((post.Name, rules, post.Value));
            else sink.Skip(ToolForks.Refusal(post.Name, ToolForks.EthereumNames), post.Value.GetArrayLength());
        }

        if (posts.Count == 0) return;
        MemoryStateStore store = ToolAlloc.ToStore(ToolAlloc.Read(test.Member("pre")), out Hash256 root);
        IStateView state = store.Open(root)!;
        _processor.Machine.Tracer = Tracer;
        foreach ((string under, Rules rules, JsonElement entries) in posts)
        {
            foreach (JsonElement entry in entries.EnumerateArray()) sink.Results.Add(RunEntry(name, test, under, rules, entry, state));
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _processor.Dispose();

    private TestResult RunEntry(string name, JsonElement test, string under, Rules plain, JsonElement entry, IStateView state)
    {
        UInt256 chainId = StateTestCase.ChainIdOf(test);
        Rules rules = StateTestCase.WithConfig(plain, test, under);
        BlockContext block = StateTestCase.ReadBlock(test.Member("env"), chainId, rules);
        byte[] encoded = StateTestCase.ReadTransaction(test, entry, chainId);
        string? expectedException = entry.TryGetProperty("expectException", out JsonElement e) ? e.GetString() : null;

        Hash256 root = state.StateRoot;
        LogEntry[] logs = [];
        Rejection? rejection = null;
        if (Transaction.TryDecode(encoded, out Transaction? transaction, out TransactionError error))
        {
            _processor.StartBlock(rules, block, state, NumberHashes.Instance);
            TransactionOutcome outcome = _processor.Execute(transaction!, block.GasLimit);
            if (outcome.Verdict == TransactionVerdict.Valid) logs = outcome.Logs;
            else rejection = Rejection.Of(outcome.Verdict);
            StateDiff diff = _processor.TakeDiff();
            root = state.ComputeRoots(diff, null).StateRoot;
        }
        else
        {
            rejection = Rejection.Of(error);
        }

        string? problem = Compare(entry, expectedException, rejection, root, logs);
        return new TestResult(name, under, problem is null, root, problem is null ? null : IndexesOf(entry) + problem);
    }

    private static string? Compare(JsonElement entry, string? expectedException, Rejection? rejection, in Hash256 root, LogEntry[] logs)
    {
        if (ExpectedExceptions.Compare(expectedException, rejection, "the transaction") is { } disagreement) return disagreement;
        string expectedRoot = entry.Member("hash").GetString()!;
        if (root.ToString() != expectedRoot) return $"state root {root}, expected {expectedRoot}";
        if (!entry.TryGetProperty("logs", out JsonElement expectedLogs)) return null;
        Hash256 logsHash = TransitionJson.HashOfLogs(logs);
        return logsHash.ToString() == expectedLogs.GetString() ? null : $"logs hash {logsHash}, expected {expectedLogs.GetString()}";
    }

    private static string IndexesOf(JsonElement entry) =>
        entry.TryGetProperty("indexes", out JsonElement i) ? $"data {i.GetProperty("data")}, gas {i.GetProperty("gas")}, value {i.GetProperty("value")}: " : "";
}
