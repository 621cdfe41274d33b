using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.EvmTool;

/// <summary>A whole state as accounts by address, for printing: the accounts given, with a block's changes applied.</summary>
internal sealed class PostState
{
    private readonly SortedDictionary<Address, Entry> _accounts = [];

    /// <summary>An account of the state.</summary>
    /// <param name="Account">Nonce, balance, code hash.</param>
    /// <param name="Code">Its code.</param>
    /// <param name="Storage">Its slots that are not zero.</param>
    public sealed record Entry(Account Account, byte[] Code, SortedDictionary<UInt256, UInt256> Storage);

    /// <summary>The state that the accounts are.</summary>
    public PostState(IReadOnlyList<GenesisAccount> accounts)
    {
        foreach (GenesisAccount account in accounts)
        {
            var slots = new SortedDictionary<UInt256, UInt256>();
            foreach ((UInt256 slot, UInt256 value) in account.Storage)
            {
                if (!value.IsZero) slots[slot] = value;
            }

            Hash256 codeHash = account.Code.Length == 0 ? Hash256.EmptyCode : Keccak256.Hash(account.Code);
            _accounts[account.Address] = new Entry(new Account(account.Nonce, account.Balance, codeHash), account.Code, slots);
        }
    }

    /// <summary>The accounts, by address.</summary>
    public IReadOnlyDictionary<Address, Entry> Accounts => _accounts;

    /// <summary>Applies changes.</summary>
    public void Apply(StateDiff diff)
    {
        var codes = diff.Codes.ToDictionary(c => c.Hash, c => c.Code);
        foreach (Entry entry in _accounts.Values) codes.TryAdd(entry.Account.CodeHash, entry.Code);
        foreach (AccountChange change in diff.Accounts)
        {
            if (!change.Exists)
            {
                _accounts.Remove(change.Address);
                continue;
            }

            SortedDictionary<UInt256, UInt256> slots = !change.StorageCleared && _accounts.TryGetValue(change.Address, out Entry? old) ? old.Storage : [];
            foreach ((UInt256 slot, UInt256 value) in change.Storage)
            {
                if (value.IsZero) slots.Remove(slot);
                else slots[slot] = value;
            }

            byte[] code = change.Account.CodeHash == Hash256.EmptyCode ? [] : codes[change.Account.CodeHash];
            _accounts[change.Address] = new Entry(change.Account, code, slots);
        }
    }

    /// <summary>The accounts as a genesis has them.</summary>
    public List<GenesisAccount> ToAccounts() =>
        [.. _accounts.Select(a => new GenesisAccount(a.Key, a.Value.Account.Balance, a.Value.Account.Nonce, a.Value.Code, [.. a.Value.Storage.Select(s => (s.Key, s.Value))]))];
}
