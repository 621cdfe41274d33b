using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Differential.Tests;

/// <summary>Where the state root differs: which account, and what of it.</summary>
internal static class StateComparison
{
    /// <summary>Compares anvil's accounts, and those that we changed or began with, with our state.</summary>
    public static List<Difference> Compare(AnvilRunner.Result anvil, OpalRunner.Result opal)
    {
        var theirs = anvil.State.ToDictionary(a => a.Address);
        var addresses = new SortedSet<Address>(theirs.Keys);
        addresses.UnionWith(anvil.Script.Accounts.Select(a => a.Address));
        addresses.UnionWith(opal.LastDiff.Accounts.Select(c => c.Address));
        var differences = new List<Difference>();
        foreach (Address address in addresses)
        {
            bool exists = opal.After.TryGetAccount(address, out Account account);
            GenesisAccount? other = theirs.GetValueOrDefault(address);
            Check($"{address} exists", other is not null, exists);
            other ??= new GenesisAccount(address, UInt256.Zero, 0, [], []);
            Check($"{address} balance", other.Balance, account.Balance);
            Check($"{address} nonce", other.Nonce, account.Nonce);
            bool hasCode = exists && account.CodeHash != Hash256.EmptyCode;
            Check($"{address} code", Hex.Encode(other.Code), Hex.Encode(hasCode ? opal.After.GetCode(account.CodeHash).Span : default));
            var slots = new SortedDictionary<UInt256, UInt256>();
            foreach ((UInt256 slot, UInt256 value) in other.Storage) slots[slot] = value;
            foreach ((UInt256 slot, _) in anvil.Script.Accounts.Where(a => a.Address == address).SelectMany(a => a.Storage)) slots.TryAdd(slot, UInt256.Zero);
            foreach ((UInt256 slot, _) in opal.LastDiff.Accounts.Where(c => c.Address == address).SelectMany(c => c.Storage)) slots.TryAdd(slot, UInt256.Zero);
            foreach ((UInt256 slot, UInt256 value) in slots)
            {
                opal.After.GetStorage(address, slot, out UInt256 ours);
                Check($"{address} slot {slot.ToQuantity()}", value, ours);
            }
        }

        return differences;

        void Check<T>(string what, T ofAnvil, T ofOpal)
        {
            if (!EqualityComparer<T>.Default.Equals(ofAnvil, ofOpal)) differences.Add(new Difference(-1, what, $"{ofAnvil}", $"{ofOpal}"));
        }
    }
}
