using Opal.Evm;
using Opal.Primitives;

namespace Opal.Compiler.Tests;

/// <summary>A state in dictionaries.</summary>
internal sealed class MapState : IWorldState, IBlockHashes
{
    private readonly Dictionary<Address, Account> _accounts = [];
    private readonly Dictionary<Address, Dictionary<UInt256, UInt256>> _storage = [];
    private readonly Dictionary<Hash256, byte[]> _codes = [];

    public MapState With(in Address address, byte[] code, in UInt256 balance = default, ulong nonce = 0)
    {
        Hash256 hash = Keccak256.Hash(code);
        _codes[hash] = code;
        _accounts[address] = new Account(nonce, balance, hash);
        return this;
    }

    public MapState Store(in Address address, in UInt256 slot, in UInt256 value)
    {
        if (!_storage.TryGetValue(address, out Dictionary<UInt256, UInt256>? slots)) _storage[address] = slots = [];
        slots[slot] = value;
        return this;
    }

    public bool TryGetAccount(in Address address, out Account account) => _accounts.TryGetValue(address, out account);

    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value)
    {
        value = default;
        if (_storage.TryGetValue(address, out Dictionary<UInt256, UInt256>? slots)) slots.TryGetValue(slot, out value);
    }

    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => _codes[codeHash];

    public bool HasStorage(in Address address) => _storage.ContainsKey(address);

    public Hash256 GetBlockHash(ulong number) => Hash256.FromUInt256(number + 1000);
}
