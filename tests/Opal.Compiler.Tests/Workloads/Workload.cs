using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler.Tests;

/// <summary>A workload of the benchmarks (evm/evm.json): one call over a pre-state, and what must come of it.</summary>
internal sealed class Workload
{
    public required string Name { get; init; }
    public required MapState State { get; init; }
    public required Address From { get; init; }
    public required Address To { get; init; }
    public required byte[] Data { get; init; }
    public required long Gas { get; init; }
    public required JsonElement Expect { get; init; }

    /// <summary>OPAL_BENCH, else ../shared/bench beside the repository; null when there is none.</summary>
    public static string? FindFolder()
    {
        string folder = Environment.GetEnvironmentVariable("OPAL_BENCH") is { Length: > 0 } named
            ? named
            : Path.GetFullPath(Path.Combine(Opal.Testing.Vectors.RepositoryRoot, "..", "shared", "bench"));
        return Directory.Exists(folder) ? folder : null;
    }

    /// <summary>All workloads of a folder.</summary>
    public static List<Workload> Load(string folder)
    {
        JsonElement root = Read(Path.Combine(folder, "evm", "evm.json"));
        JsonElement codes = root.GetProperty("codes");
        var workloads = new List<Workload>();
        foreach (JsonElement w in root.GetProperty("workloads").EnumerateArray())
        {
            workloads.Add(new Workload
            {
                Name = w.GetProperty("group").GetString() + "/" + w.GetProperty("name").GetString(),
                State = ReadState(w.GetProperty("pre"), codes, folder),
                From = Address.Parse(w.GetProperty("from").GetString()),
                To = Address.Parse(w.GetProperty("to").GetString()),
                Data = Hex.Decode(w.GetProperty("data").GetString()),
                Gas = w.GetProperty("gas").GetInt64(),
                Expect = w.GetProperty("expect"),
            });
        }

        return workloads;
    }

    /// <summary>Runs it over a fresh journal.</summary>
    public CallResult Run(EvmMachine machine)
    {
        Start(machine);
        return machine.Call(Message);
    }

    /// <summary>The call.</summary>
    public CallMessage Message => new() { Caller = From, To = To, Input = Data, Gas = Gas };

    /// <summary>Begins block and transaction.</summary>
    public void Start(EvmMachine machine)
    {
        var block = new BlockContext
        {
            ChainId = 1u, Number = 1, Timestamp = 1_700_000_000, GasLimit = 1_000_000_000_000, BaseFee = 1_000_000_000u, BlobBaseFee = 1u,
            Coinbase = Address.FromNumber(0xc014ba5e),
        };
        machine.StartBlock(State, State, block, Name.Contains("p256verify", StringComparison.Ordinal) ? EvmRules.OpFjord : EvmRules.Prague);
        machine.StartTransaction(new TransactionContext { Origin = From, GasPrice = 1_000_000_000u });
        machine.Journal.WarmAddress(From);
        machine.Journal.WarmAddress(To);
    }

    /// <summary>What is wrong with a result; null when nothing is.</summary>
    public string? Check(EvmMachine machine, in CallResult result)
    {
        if (!result.IsSuccess) return $"halted with {result.Halt}";
        long gas = Gas - result.GasLeft;
        if (Expect.TryGetProperty("gasUsed", out JsonElement e) && e.GetInt64() != gas) return $"gas {gas}, expected {e.GetInt64()}";
        if (Expect.TryGetProperty("refundCounter", out e) && e.GetInt64() != machine.Journal.Refund) return $"refund {machine.Journal.Refund}";
        if (Expect.TryGetProperty("logs", out e) && e.GetInt32() != machine.Journal.LogCount) return $"{machine.Journal.LogCount} logs";
        ReadOnlySpan<byte> output = result.Output.Span;
        if (Expect.TryGetProperty("output", out e) && e.GetString() != Hex.Encode(output)) return $"output {Hex.Encode(output)}";
        if (Expect.TryGetProperty("outputKeccak", out e) && e.GetString() != Keccak256.Hash(output).ToString()) return "output differs";
        return null;
    }

    private static JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;

    private static MapState ReadState(JsonElement pre, JsonElement codes, string folder)
    {
        var state = new MapState();
        foreach (JsonProperty account in pre.EnumerateObject())
        {
            string code = account.Value.TryGetProperty("code", out JsonElement c) ? c.GetString()! : "";
            ulong nonce = account.Value.TryGetProperty("nonce", out JsonElement n) ? n.GetUInt64() : 0;
            byte[] bytes = Hex.Decode(code.StartsWith('#') ? codes.GetProperty(code[1..]).GetString() : code);
            state.With(Address.Parse(account.Name), bytes, Word(account.Value.GetProperty("balance").GetString()!), nonce);
            if (!account.Value.TryGetProperty("storage", out JsonElement storage)) continue;
            if (storage.ValueKind == JsonValueKind.String) storage = Read(Path.Combine(folder, "evm", storage.GetString()![1..] + ".json"));
            foreach (JsonProperty slot in storage.EnumerateObject()) state.Store(Address.Parse(account.Name), Word(slot.Name), Word(slot.Value.GetString()!));
        }

        return state;
    }

    private static UInt256 Word(string text) => UInt256.TryParse(text, out UInt256 value) ? value : throw new FormatException($"not a number: {text}");
}
