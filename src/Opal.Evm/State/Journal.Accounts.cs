using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <content>Accounts. Public members work by address; the machine works by the account's number in the journal.</content>
public sealed partial class Journal
{
    /// <summary>The balance in wei; 0 for an absent account.</summary>
    public UInt256 GetBalance(in Address address) => Load(NumberOf(address)).Balance;

    /// <summary>The nonce; 0 for an absent account.</summary>
    public ulong GetNonce(in Address address) => Load(NumberOf(address)).Nonce;

    /// <summary>The code's hash; <see cref="Hash256.EmptyCode"/> without code.</summary>
    public Hash256 GetCodeHash(in Address address) => Load(NumberOf(address)).CodeHash;

    /// <summary>The code; it may be an EIP-7702 designator (<see cref="Delegation"/>).</summary>
    public ReadOnlyMemory<byte> GetCode(in Address address) => CodeOf(NumberOf(address)).Memory;

    /// <summary>Whether nonce, balance and code are all empty (EIP-161); an absent account is.</summary>
    public bool IsEmpty(in Address address) => Load(NumberOf(address)).IsEmpty;

    /// <summary>Whether the account was in the state after the last finished transaction; it may be there and empty, in states older than EIP-161.</summary>
    public bool Exists(in Address address) => Load(NumberOf(address)).Exists;

    /// <summary>Whether the account has no code, nonce or storage, so that a contract may be created there (EIP-684, EIP-7610).</summary>
    public bool IsFree(in Address address) => IsFree(NumberOf(address));

    /// <summary>Marks the account as touched: if it is empty when the transaction ends, it leaves the state (EIP-161).</summary>
    public void Touch(in Address address) => Touch(NumberOf(address));

    /// <summary>Adds wei and touches the account, also when <paramref name="amount"/> is 0.</summary>
    public void AddBalance(in Address address, in UInt256 amount) => AddBalance(NumberOf(address), amount);

    /// <summary>Takes wei if there is enough, and touches the account; else changes nothing and returns false.</summary>
    public bool SubBalance(in Address address, in UInt256 amount) => SubBalance(NumberOf(address), amount);

    /// <summary>Sets the balance in wei and touches the account.</summary>
    public void SetBalance(in Address address, in UInt256 balance) => SetBalance(NumberOf(address), balance);

    /// <summary>Sets the nonce and touches the account.</summary>
    public void SetNonce(in Address address, ulong nonce) => SetNonce(NumberOf(address), nonce);

    /// <summary>Sets the code, a delegation designator for example; nothing removes it. Touches the account.</summary>
    public void SetCode(in Address address, ReadOnlySpan<byte> code) => SetCode(NumberOf(address), code);

    /// <summary>Puts the address into the transaction's warm set (EIP-2929) without reading the account. Precompiles are always warm.</summary>
    public void WarmAddress(in Address address) => Warm(NumberOf(address));

    /// <summary>Whether the address is warm.</summary>
    public bool IsWarm(in Address address)
    {
        ref AccountEntry account = ref _accounts[NumberOf(address)];
        return account.IsAlwaysWarm || account.WarmStamp == _transaction;
    }

    /// <summary>The addresses in the warm set of the running transaction, precompiles left out; in order of first access.</summary>
    public List<Address> GetWarmAddresses()
    {
        var warm = new List<Address>();
        for (int i = 0; i < _accounts.Count; i++)
        {
            if (_accounts[i].WarmStamp == _transaction && !_accounts[i].IsAlwaysWarm) warm.Add(_accounts[i].Address);
        }

        return warm;
    }

    /// <summary>The account's number, which holds until the next block starts. Does not read the account.</summary>
    internal int NumberOf(in Address address)
    {
        int number = _accounts.FindOrAdd(address, out bool added);
        if (added)
        {
            _accounts[number].IsPrecompile = _precompiles.Contains(address);
            _accounts[number].IsAlwaysWarm = _precompiles.IsWarm(address);
        }

        return number;
    }

    /// <summary>The account, read. The reference dies when another account is looked up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref AccountEntry Load(int number)
    {
        ref AccountEntry account = ref _accounts[number];
        if (!account.IsLoaded) LoadFromWorld(ref account);
        return ref account;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void LoadFromWorld(ref AccountEntry account)
    {
        account.ExistedAtStart = World.TryGetAccount(account.Address, out Account found);
        if (!account.ExistedAtStart) found = Account.Empty;
        account.AtStart = found;
        account.Balance = found.Balance;
        account.Nonce = found.Nonce;
        account.CodeHash = found.CodeHash;
        account.Exists = account.ExistedAtStart;
        account.IsLoaded = true;
    }

    /// <summary>The account's code.</summary>
    internal Bytecode CodeOf(int number)
    {
        ref AccountEntry account = ref Load(number);
        return account.Code ??= FetchCode(account.CodeHash);
    }

    private Bytecode FetchCode(in Hash256 hash)
    {
        if (hash == Hash256.EmptyCode) return Bytecode.Empty;
        Bytecode? code = _codes.Find(hash);
        if (code is not null) return code;
        code = _newCodes.TryGetValue(hash, out byte[]? bytes) ? new Bytecode(bytes) : new Bytecode(World.GetCode(hash).Span);
        _codes.Add(hash, code);
        return code;
    }

    internal bool IsPrecompile(int number) => _accounts[number].IsPrecompile;

    internal Address AddressOf(int number) => _accounts[number].Address;

    /// <summary>Makes the account warm.</summary>
    /// <returns>Whether it was cold.</returns>
    internal bool Warm(int number)
    {
        ref AccountEntry account = ref _accounts[number];
        if (account.WarmStamp == _transaction || account.IsAlwaysWarm) return false;
        Push(UndoKind.WarmAccount, number, default, account.WarmStamp);
        account.WarmStamp = _transaction;
        return true;
    }

    internal bool IsFree(int number)
    {
        ref AccountEntry account = ref Load(number);
        if (account.Nonce != 0 || account.CodeHash != Hash256.EmptyCode) return false;
        if (account.ExistedAtStart && !account.IsStorageCleared && World.HasStorage(account.Address)) return false;
        for (int slot = account.FirstSlot; slot >= 0; slot = _slots[slot].Next)
        {
            if (_slots[slot].IsLoaded && !_slots[slot].Current.IsZero) return false;
        }

        return true;
    }

    internal void Touch(int number) => Touch(number, ref Load(number));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Touch(int number, ref AccountEntry account)
    {
        if (account.TouchStamp != _transaction) TouchFirst(number, ref account);
    }

    private void TouchFirst(int number, ref AccountEntry account)
    {
        Push(UndoKind.Touch, number, default, account.TouchStamp);
        account.TouchStamp = _transaction;
        _touched.Add(number);
        ListAsChanged(number, ref account);
    }

    private void ListAsChanged(int number, ref AccountEntry account)
    {
        if (account.IsListed) return;
        account.IsListed = true;
        _listed.Add(number);
    }

    internal void AddBalance(int number, in UInt256 amount)
    {
        ref AccountEntry account = ref Load(number);
        Touch(number, ref account);
        if (amount.IsZero) return;
        Push(UndoKind.Balance, number, account.Balance, 0);
        UInt256.Add(account.Balance, amount, out account.Balance);
    }

    internal bool SubBalance(int number, in UInt256 amount)
    {
        ref AccountEntry account = ref Load(number);
        if (UInt256.Less(account.Balance, amount)) return false;
        Touch(number, ref account);
        if (amount.IsZero) return true;
        Push(UndoKind.Balance, number, account.Balance, 0);
        UInt256.Subtract(account.Balance, amount, out account.Balance);
        return true;
    }

    internal void SetBalance(int number, in UInt256 balance)
    {
        ref AccountEntry account = ref Load(number);
        Touch(number, ref account);
        Push(UndoKind.Balance, number, account.Balance, 0);
        account.Balance = balance;
    }

    internal void SetNonce(int number, ulong nonce)
    {
        ref AccountEntry account = ref Load(number);
        Touch(number, ref account);
        Push(UndoKind.Nonce, number, new UInt256(account.Nonce), 0);
        account.Nonce = nonce;
    }

    internal void SetCode(int number, ReadOnlySpan<byte> code)
    {
        ref AccountEntry account = ref Load(number);
        Touch(number, ref account);
        Push(UndoKind.Code, number, account.CodeHash.ToUInt256(), 0);
        account.CodeHash = code.IsEmpty ? Hash256.EmptyCode : Keccak256.Hash(code);
        account.Code = null;
        if (!code.IsEmpty && !_newCodes.ContainsKey(account.CodeHash)) _newCodes.Add(account.CodeHash, code.ToArray());
    }

    /// <summary>Marks a contract as made by the running transaction (EIP-6780).</summary>
    internal void MarkCreated(int number)
    {
        ref AccountEntry account = ref Load(number);
        Push(UndoKind.Created, number, default, account.CreatedStamp);
        account.CreatedStamp = _transaction;
    }

    internal bool IsCreatedHere(int number) => _accounts[number].CreatedStamp == _transaction;

    /// <summary>Marks an account for removal when the transaction ends.</summary>
    internal void MarkDestructed(int number)
    {
        ref AccountEntry account = ref Load(number);
        Touch(number, ref account);
        if (account.DestructStamp == _transaction) return;
        Push(UndoKind.Destruct, number, default, account.DestructStamp);
        account.DestructStamp = _transaction;
    }

    internal bool IsDestructed(int number) => _accounts[number].DestructStamp == _transaction;
}
