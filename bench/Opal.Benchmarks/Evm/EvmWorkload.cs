using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>One call over a pre-state, and what must come of it.</summary>
internal sealed class EvmWorkload
{
    public required string Name { get; init; }

    public required string Group { get; init; }

    public required IReadOnlyList<WorkloadAccount> Pre { get; init; }

    public required Address From { get; init; }

    public required Address To { get; init; }

    public required byte[] Data { get; init; }

    public required long Gas { get; init; }

    public required EvmExpectation Expect { get; init; }

    public string FullName => $"{Group}/{Name}";

    /// <summary>Whether it needs the rules of an L2 from Fjord on: what it calls is no precompile on L1.</summary>
    public bool IsOptimism => Group == "precompile-op";

    public EvmRules Rules => IsOptimism ? EvmRules.OpFjord : EvmRules.Prague;

    /// <summary>The pre-state in memory, with more accounts where given.</summary>
    public FlatState MakeState(params ReadOnlySpan<WorkloadAccount> more)
    {
        var state = new FlatState();
        foreach (WorkloadAccount account in Pre) account.AddTo(state);
        foreach (WorkloadAccount account in more) account.AddTo(state);
        return state;
    }

    /// <summary>The workloads of evm/evm.json under <paramref name="folder"/>.</summary>
    public static List<EvmWorkload> Load(string folder)
    {
        JsonElement root = Read(Path.Combine(folder, "evm", "evm.json"));
        JsonElement codes = root.GetProperty("codes");
        var workloads = new List<EvmWorkload>();
        foreach (JsonElement w in root.GetProperty("workloads").EnumerateArray())
        {
            workloads.Add(new EvmWorkload
            {
                Name = w.GetProperty("name").GetString()!,
                Group = w.GetProperty("group").GetString()!,
                Pre = w.GetProperty("pre").EnumerateObject().Select(account => ReadAccount(account, codes, folder)).ToArray(),
                From = Address.Parse(w.GetProperty("from").GetString()),
                To = Address.Parse(w.GetProperty("to").GetString()),
                Data = Hex.Decode(w.GetProperty("data").GetString()),
                Gas = w.GetProperty("gas").GetInt64(),
                Expect = EvmExpectation.Read(w.GetProperty("expect")),
            });
        }

        return workloads;
    }

    private static JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;

    private static WorkloadAccount ReadAccount(JsonProperty account, JsonElement codes, string folder)
    {
        byte[] code = account.Value.TryGetProperty("code", out JsonElement c) ? ReadCode(c.GetString()!, codes) : [];
        ulong nonce = account.Value.TryGetProperty("nonce", out JsonElement n) ? n.GetUInt64() : 0;
        var slots = new List<(UInt256, UInt256)>();
        if (account.Value.TryGetProperty("storage", out JsonElement storage))
        {
            if (storage.ValueKind == JsonValueKind.String) storage = Read(Path.Combine(folder, "evm", storage.GetString()![1..] + ".json"));
            foreach (JsonProperty slot in storage.EnumerateObject()) slots.Add((WorkloadAccount.Word(slot.Name), WorkloadAccount.Word(slot.Value.GetString()!)));
        }

        return new WorkloadAccount(Address.Parse(account.Name), nonce, WorkloadAccount.Word(account.Value.GetProperty("balance").GetString()!), code, slots);
    }

    private static byte[] ReadCode(string text, JsonElement codes) =>
        Hex.Decode(text.StartsWith('#') ? codes.GetProperty(text[1..]).GetString() : text);
}
