using Opal.Primitives;

namespace Opal.Evm;

/// <content>What a block changed, and what eth_call overrides.</content>
public sealed partial class Journal
{
    private readonly struct ByAddress : IComparer<AccountChange>
    {
        public int Compare(AccountChange? x, AccountChange? y) => x!.Address.CompareTo(y!.Address);
    }

    private readonly struct BySlot : IComparer<(UInt256 Slot, UInt256 Value)>
    {
        public int Compare((UInt256 Slot, UInt256 Value) x, (UInt256 Slot, UInt256 Value) y) => x.Slot.CompareTo(y.Slot);
    }

    private readonly struct ByHash : IComparer<(Hash256 Hash, byte[] Code)>
    {
        public int Compare((Hash256 Hash, byte[] Code) x, (Hash256 Hash, byte[] Code) y) => x.Hash.CompareTo(y.Hash);
    }

    /// <summary>What the finished transactions since the block's start changed.</summary>
    public StateDiff GetDiff()
    {
        var accounts = new List<AccountChange>(_listed.Count);
        var codes = new List<(Hash256 Hash, byte[] Code)>();
        var codesSeen = new HashSet<Hash256>();
        foreach (int number in _listed)
        {
            ref AccountEntry account = ref _accounts[number];
            if (!account.Exists && !account.ExistedAtStart) continue;
            bool cleared = account.IsStorageCleared && account.ExistedAtStart;
            (UInt256 Slot, UInt256 Value)[] storage = ChangedSlots(ref account);
            var after = new Account(account.Nonce, account.Balance, account.CodeHash);
            if (account.Exists == account.ExistedAtStart && after == account.AtStart && storage.Length == 0 && !cleared) continue;
            if (account.Exists && after.CodeHash != account.AtStart.CodeHash && after.CodeHash != Hash256.EmptyCode
                && _newCodes.TryGetValue(after.CodeHash, out byte[]? code) && codesSeen.Add(after.CodeHash))
            {
                codes.Add((after.CodeHash, code));
            }

            accounts.Add(new AccountChange
            {
                Address = account.Address,
                Exists = account.Exists,
                Account = account.Exists ? after : Account.Empty,
                StorageCleared = cleared,
                Storage = account.Exists ? storage : [],
            });
        }

        accounts.Sort(default(ByAddress));
        codes.Sort(default(ByHash));
        return new StateDiff { Accounts = accounts, Codes = codes };
    }

    private (UInt256 Slot, UInt256 Value)[] ChangedSlots(ref AccountEntry account)
    {
        int count = 0;
        for (int number = account.FirstSlot; number >= 0; number = _slots[number].Next)
        {
            if (IsChanged(account, _slots[number])) count++;
        }

        if (count == 0) return [];
        var changed = new (UInt256 Slot, UInt256 Value)[count];
        for (int number = account.FirstSlot; number >= 0; number = _slots[number].Next)
        {
            ref SlotEntry slot = ref _slots[number];
            if (IsChanged(account, slot)) changed[--count] = (slot.Slot, slot.Current);
        }

        Array.Sort(changed, default(BySlot));
        return changed;
    }

    private static bool IsChanged(in AccountEntry account, in SlotEntry slot) =>
        slot.IsLoaded && (account.IsStorageCleared ? !slot.Current.IsZero : slot.Current != slot.AtStart);

    /// <summary>Replaces what the world says of an account, for eth_call and the like. Call it after the block's start and before its first transaction.</summary>
    public void Override(in Address address, in AccountOverride with)
    {
        int number = NumberOf(address);
        ref AccountEntry account = ref Load(number);
        if (with is { Nonce: null, Balance: null, Code: null, ReplacesStorage: false, Storage: null or { Count: 0 } }) return;
        account.Exists = true;
        if (with.Nonce is { } nonce) account.Nonce = nonce;
        if (with.Balance is { } balance) account.Balance = balance;
        if (with.Code is { } code)
        {
            account.CodeHash = code.IsEmpty ? Hash256.EmptyCode : Keccak256.Hash(code.Span);
            account.Code = null;
            if (!code.IsEmpty) _newCodes[account.CodeHash] = code.ToArray();
        }

        ListAsChanged(number, ref account);
        if (with.ReplacesStorage) ClearStorage(ref account);
        if (with.Storage is null) return;
        foreach ((UInt256 slot, UInt256 value) in with.Storage)
        {
            ref SlotEntry entry = ref _slots[SlotOf(number, slot)];
            entry.Current = value;
            entry.Original = value;
        }
    }
}

/// <summary>What eth_call's state overrides say of an account; null keeps what is there.</summary>
public readonly record struct AccountOverride
{
    /// <summary>Nonce.</summary>
    public ulong? Nonce { get; init; }

    /// <summary>Wei.</summary>
    public UInt256? Balance { get; init; }

    /// <summary>Code.</summary>
    public ReadOnlyMemory<byte>? Code { get; init; }

    /// <summary>Whether <see cref="Storage"/> is all there is ("state"), not a change to what is there ("stateDiff").</summary>
    public bool ReplacesStorage { get; init; }

    /// <summary>Slots and their values.</summary>
    public IReadOnlyList<(UInt256 Slot, UInt256 Value)>? Storage { get; init; }
}
