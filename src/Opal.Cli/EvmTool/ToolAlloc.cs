using System.Text.Json;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;

namespace Opal.Cli.EvmTool;

/// <summary>Accounts by address, as geth's alloc and the tests' pre-states have them.</summary>
internal static class ToolAlloc
{
    /// <summary>Reads the object. Absent fields are zero or empty.</summary>
    public static List<GenesisAccount> Read(JsonElement accounts)
    {
        if (accounts.ValueKind != JsonValueKind.Object) throw new InputFormatException("no object of accounts by address");
        var list = new List<GenesisAccount>();
        foreach (JsonProperty entry in accounts.EnumerateObject())
        {
            Address address = ToolJson.ToAddress(entry.Name);
            var slots = new List<(UInt256 Slot, UInt256 Value)>();
            if (entry.Value.TryMember("storage", out JsonElement storage))
            {
                foreach (JsonProperty slot in storage.EnumerateObject()) slots.Add((ToolJson.ToWord(slot.Name), slot.Value.Word()));
            }

            byte[] code = entry.Value.TryMember("code", out JsonElement text) ? text.Bytes() : [];
            list.Add(new GenesisAccount(address, entry.Value.OptionalWord("balance") ?? default, entry.Value.OptionalULong("nonce") ?? 0, code, slots));
        }

        return list;
    }

    /// <summary>A store that holds the accounts' state.</summary>
    /// <param name="accounts">The accounts.</param>
    /// <param name="root">The state's root.</param>
    /// <exception cref="InputFormatException">An account is given twice.</exception>
    public static MemoryStateStore ToStore(IReadOnlyList<GenesisAccount> accounts, out Hash256 root)
    {
        var seen = new HashSet<Address>();
        foreach (GenesisAccount account in accounts)
        {
            if (!seen.Add(account.Address)) throw new InputFormatException($"the account {account.Address} is given twice");
        }

        StateDiff diff = new Genesis { Accounts = accounts }.ToDiff();
        var store = new MemoryStateStore();
        root = store.Open(Hash256.EmptyTrie)!.ComputeRoots(diff, null).StateRoot;
        store.Commit(Hash256.EmptyTrie, diff, root, 0);
        return store;
    }
}
