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

    /// <summary>The engines to run every transaction on; they must agree in everything.</summary>
    public IReadOnlyList<EngineChoice> Engines { get; init; } = [EngineChoice.Automatic];

    /// <summary>Compiles contracts to machine code; null for none.</summary>
    public ICodeCompiler? Compiler
    {
        get => _processor.Machine.Compiler;
        init => _processor.Machine.Compiler = value;
    }

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
            TransactionOutcome outcome = Execute(transaction!, rules, block, state, Engines[0], out root);
            if (outcome.Verdict == TransactionVerdict.Valid) logs = outcome.Logs;
            else rejection = Rejection.Of(outcome.Verdict);
            foreach (EngineChoice engine in Engines.Skip(1))
            {
                TransactionOutcome other = Execute(transaction!, rules, block, state, engine, out Hash256 otherRoot);
                string? difference = root == otherRoot ? Difference(outcome, other) : $"state root {root} or {otherRoot}";
                if (difference is not null) return new TestResult(name, under, false, root, $"{IndexesOf(entry)}engines {Engines[0]} and {engine} differ: {difference}");
            }
        }
        else
        {
            rejection = Rejection.Of(error);
        }

        string? problem = Compare(entry, expectedException, rejection, root, logs);
        return new TestResult(name, under, problem is null, root, problem is null ? null : IndexesOf(entry) + problem);
    }

    private TransactionOutcome Execute(Transaction transaction, Rules rules, in BlockContext block, IStateView state, EngineChoice engine, out Hash256 root)
    {
        _processor.Machine.Engines = engine;
        _processor.StartBlock(rules, block, state, NumberHashes.Instance);
        TransactionOutcome outcome = _processor.Execute(transaction, block.GasLimit);
        root = state.ComputeRoots(_processor.TakeDiff(), null).StateRoot;
        return outcome;
    }

    /// <summary>What two engines do not agree on, null if nothing.</summary>
    private static string? Difference(in TransactionOutcome one, in TransactionOutcome other)
    {
        if (one.Verdict != other.Verdict) return $"verdict {one.Verdict} or {other.Verdict}";
        if (one.Halt != other.Halt) return $"halt {one.Halt} or {other.Halt}";
        if (one.GasBeforeRefund != other.GasBeforeRefund) return $"gas {one.GasBeforeRefund} or {other.GasBeforeRefund}";
        if (one.GasUsed != other.GasUsed) return $"gas after refunds {one.GasUsed} or {other.GasUsed}";
        if (!one.Output.Span.SequenceEqual(other.Output.Span)) return "output";
        return TransitionJson.HashOfLogs(one.Logs ?? []) == TransitionJson.HashOfLogs(other.Logs ?? []) ? null : "logs";
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
