using System.Globalization;
using System.Text.Json;
using Opal.Primitives;

namespace Opal.Benchmarks;

/// <summary>blocks/genesis.json and the expectations of blocks/expect.json.</summary>
internal sealed class BenchGenesis
{
    private BenchGenesis(IReadOnlyList<WorkloadAccount> accounts, JsonElement expect)
    {
        Accounts = accounts;
        Expect = expect;
    }

    public IReadOnlyList<WorkloadAccount> Accounts { get; }

    /// <summary>expect.json.</summary>
    public JsonElement Expect { get; }

    public static BenchGenesis Load(string folder)
    {
        JsonElement accounts = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "blocks", "genesis.json"))).RootElement;
        JsonElement expect = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(folder, "blocks", "expect.json"))).RootElement;
        return new BenchGenesis(accounts.EnumerateObject().Select(Read).ToArray(), expect);
    }

    private static WorkloadAccount Read(JsonProperty account) => new(
        Address.Parse(account.Name),
        account.Value.TryGetProperty("nonce", out JsonElement nonce) ? nonce.GetUInt64() : 0,
        WorkloadAccount.Word(account.Value.GetProperty("balance").GetString()!),
        account.Value.TryGetProperty("code", out JsonElement code) ? Hex.Decode(code.GetString()) : [],
        account.Value.TryGetProperty("storage", out JsonElement storage)
            ? storage.EnumerateObject().Select(slot => (WorkloadAccount.Word(slot.Name), WorkloadAccount.Word(slot.Value.GetString()!))).ToArray()
            : []);

    /// <summary>The genesis root with so many fillers; null when it is not stated.</summary>
    public Hash256? RootWith(int fillers) => RootsByFillers(Expect.GetProperty("genesisRoot")).TryGetValue(fillers, out Hash256 root) ? root : null;

    /// <summary>An object whose names are numbers of fillers and whose values are roots.</summary>
    public static Dictionary<int, Hash256> RootsByFillers(JsonElement roots) =>
        roots.EnumerateObject().ToDictionary(p => int.Parse(p.Name, CultureInfo.InvariantCulture), p => Hash256.Parse(p.Value.GetString()));

    /// <summary>The state in flat tables.</summary>
    public FlatState MakeFlat(int fillers)
    {
        var state = new FlatState(Accounts.Count + fillers + 20_000);
        foreach (WorkloadAccount account in Accounts) account.AddTo(state);
        for (int i = 0; i < fillers; i++) state.Add(Fillers.AddressOf(i), 0, Fillers.BalanceOf(i), []);
        return state;
    }
}
