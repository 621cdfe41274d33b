using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>One call over a pre-state, and what must come of it.</summary>
internal sealed class EvmWorkload
{
    public required string Name { get; init; }
    public required string Group { get; init; }
    public required BenchState State { get; init; }
    public required Address From { get; init; }
    public required Address To { get; init; }
    public required byte[] Data { get; init; }
    public required long Gas { get; init; }
    public required JsonElement Expect { get; init; }

    /// <summary>The workloads of evm/evm.json under <paramref name="folder"/> whose group/name contains <paramref name="filter"/>.</summary>
    public static List<EvmWorkload> Load(string folder, string filter)
    {
        JsonElement root = Read(Path.Combine(folder, "evm", "evm.json"));
        JsonElement codes = root.GetProperty("codes");
        var workloads = new List<EvmWorkload>();
        foreach (JsonElement w in root.GetProperty("workloads").EnumerateArray())
        {
            string name = w.GetProperty("name").GetString()!, group = w.GetProperty("group").GetString()!;
            if (!$"{group}/{name}".Contains(filter, StringComparison.OrdinalIgnoreCase)) continue;
            workloads.Add(new EvmWorkload
            {
                Name = name,
                Group = group,
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

    private static JsonElement Read(string path) => JsonDocument.Parse(File.ReadAllBytes(path)).RootElement;

    private static BenchState ReadState(JsonElement pre, JsonElement codes, string folder)
    {
        var state = new BenchState();
        foreach (JsonProperty account in pre.EnumerateObject())
        {
            byte[] code = account.Value.TryGetProperty("code", out JsonElement c) ? ReadCode(c.GetString()!, codes) : [];
            ulong nonce = account.Value.TryGetProperty("nonce", out JsonElement n) ? n.GetUInt64() : 0;
            state.Add(Address.Parse(account.Name), nonce, Word(account.Value.GetProperty("balance").GetString()!), code);
            if (!account.Value.TryGetProperty("storage", out JsonElement storage)) continue;
            if (storage.ValueKind == JsonValueKind.String) storage = Read(Path.Combine(folder, "evm", storage.GetString()![1..] + ".json"));
            foreach (JsonProperty slot in storage.EnumerateObject())
            {
                state.Store(Address.Parse(account.Name), Word(slot.Name), Word(slot.Value.GetString()!));
            }
        }

        return state;
    }

    private static byte[] ReadCode(string text, JsonElement codes) =>
        Hex.Decode(text.StartsWith('#') ? codes.GetProperty(text[1..]).GetString() : text);

    private static UInt256 Word(string text) =>
        UInt256.TryParse(text, out UInt256 value) ? value : throw new FormatException($"not a number: {text}");
}
