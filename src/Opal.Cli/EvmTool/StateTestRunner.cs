using System.Globalization;
using System.Text;
using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Cli.EvmTool;

/// <summary>Runs state tests: one transaction on a given state, then state root and logs are compared. Not for use by two threads at once.</summary>
public sealed class StateTestRunner(ICrypto crypto) : IDisposable
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

    /// <summary>Runs the tests of a file.</summary>
    /// <param name="json">An object of tests by name.</param>
    /// <param name="fork">The only fork to run, or null for all that Opal has.</param>
    /// <param name="tracer">Observes every transaction; null for none.</param>
    /// <exception cref="StateTestFormatException">The file is no JSON object.</exception>
    public List<StateTestResult> Run(ReadOnlyMemory<byte> json, string? fork, ITracer? tracer = null)
    {
        _processor.Machine.Tracer = tracer;
        var results = new List<StateTestResult>();
        using JsonDocument document = Parse(json);
        if (document.RootElement.ValueKind != JsonValueKind.Object) throw new StateTestFormatException("the file is no object of tests");
        foreach (JsonProperty test in document.RootElement.EnumerateObject())
        {
            try
            {
                RunTest(test.Name, test.Value, fork, results);
            }
            catch (Exception e) when (e is StateTestFormatException or InvalidOperationException or KeyNotFoundException or FormatException or IndexOutOfRangeException)
            {
                results.Add(new StateTestResult(test.Name, fork ?? "", false, null, "cannot be read: " + e.Message));
            }
        }

        return results;
    }

    /// <inheritdoc/>
    public void Dispose() => _processor.Dispose();

    private static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new StateTestFormatException("not JSON: " + e.Message, e);
        }
    }

    private void RunTest(string name, JsonElement test, string? fork, List<StateTestResult> results)
    {
        var posts = StateTestCase.Member(test, "post").EnumerateObject().Where(p => (fork is null || p.Name == fork) && StateTestForks.Find(p.Name) is not null).ToList();
        if (posts.Count == 0) return;
        StateDiff pre = StateTestCase.ReadState(StateTestCase.Member(test, "pre"));
        var store = new MemoryStateStore();
        Hash256 root = store.Open(Hash256.EmptyTrie)!.ComputeRoots(pre, null).StateRoot;
        store.Commit(Hash256.EmptyTrie, pre, root, 0);
        IStateView state = store.Open(root)!;
        foreach (JsonProperty post in posts)
        {
            foreach (JsonElement entry in post.Value.EnumerateArray()) results.Add(RunEntry(name, test, post.Name, entry, state));
        }
    }

    private StateTestResult RunEntry(string name, JsonElement test, string fork, JsonElement entry, IStateView state)
    {
        UInt256 chainId = StateTestCase.ChainIdOf(test);
        Rules rules = StateTestCase.WithConfig(StateTestForks.Find(fork)!, test, fork);
        BlockContext block = StateTestCase.ReadBlock(StateTestCase.Member(test, "env"), chainId, rules);
        byte[] encoded = StateTestCase.ReadTransaction(test, entry, chainId);
        string? expectedException = entry.TryGetProperty("expectException", out JsonElement e) ? e.GetString() : null;

        Hash256 root = state.StateRoot;
        LogEntry[] logs = [];
        string? rejection = null;
        if (Transaction.TryDecode(encoded, out Transaction? transaction, out TransactionError error))
        {
            TransactionOutcome outcome = Execute(transaction!, rules, block, state, Engines[0], out root);
            if (outcome.Verdict == TransactionVerdict.Valid) logs = outcome.Logs;
            else rejection = outcome.Verdict.ToString();
            foreach (EngineChoice engine in Engines.Skip(1))
            {
                TransactionOutcome other = Execute(transaction!, rules, block, state, engine, out Hash256 otherRoot);
                string? difference = root == otherRoot ? Difference(outcome, other) : $"state root {root} or {otherRoot}";
                if (difference is not null) return new StateTestResult(name, fork, false, root, $"{IndexesOf(entry)}engines {Engines[0]} and {engine} differ: {difference}");
            }
        }
        else
        {
            rejection = error.ToString();
        }

        string? problem = Compare(entry, expectedException, rejection, root, logs);
        return new StateTestResult(name, fork, problem is null, root, problem is null ? null : IndexesOf(entry) + problem);
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
        return HashOf(one.Logs ?? []) == HashOf(other.Logs ?? []) ? null : "logs";
    }

    private static string? Compare(JsonElement entry, string? expectedException, string? rejection, in Hash256 root, LogEntry[] logs)
    {
        if (expectedException is not null && rejection is null) return $"the transaction was accepted; expected {expectedException}";
        if (expectedException is null && rejection is not null) return $"the transaction was rejected: {rejection}";
        string expectedRoot = StateTestCase.Member(entry, "hash").GetString()!;
        if (root.ToString() != expectedRoot) return $"state root {root}, expected {expectedRoot}";
        if (!entry.TryGetProperty("logs", out JsonElement expectedLogs)) return null;
        Hash256 logsHash = HashOf(logs);
        return logsHash.ToString() == expectedLogs.GetString() ? null : $"logs hash {logsHash}, expected {expectedLogs.GetString()}";
    }

    private static string IndexesOf(JsonElement entry) =>
        entry.TryGetProperty("indexes", out JsonElement i) ? $"data {i.GetProperty("data")}, gas {i.GetProperty("gas")}, value {i.GetProperty("value")}: " : "";

    /// <summary>keccak256 of the RLP list of logs.</summary>
    private static Hash256 HashOf(LogEntry[] logs)
    {
        var writer = new RlpWriter();
        int list = writer.BeginList();
        foreach (LogEntry log in logs)
        {
            int item = writer.BeginList();
            writer.WriteAddress(log.Address);
            int topics = writer.BeginList();
            foreach (Hash256 topic in log.Topics) writer.WriteHash(topic);
            writer.EndList(topics);
            writer.WriteBytes(log.Data);
            writer.EndList(item);
        }

        writer.EndList(list);
        return Keccak256.Hash(writer.Written);
    }

    /// <summary>State tests have no chain: by convention the hash of block n is keccak256 of n in decimal.</summary>
    private sealed class NumberHashes : IBlockHashes
    {
        public static NumberHashes Instance { get; } = new();

        public Hash256 GetBlockHash(ulong number) => Keccak256.Hash(Encoding.ASCII.GetBytes(number.ToString(CultureInfo.InvariantCulture)));
    }
}
