using Opal.Evm;
using Opal.Primitives;

namespace Opal.Evm.Tests;

/// <summary>A state in dictionaries, which counts what is asked of it.</summary>
internal sealed class TestState : IWorldState, IBlockHashes
{
    public Dictionary<Address, Account> Accounts { get; } = [];
    public Dictionary<(Address, UInt256), UInt256> Storage { get; } = [];
    public Dictionary<Hash256, byte[]> Codes { get; } = [];
    public List<Address> AccountReads { get; } = [];
    public List<(Address, UInt256)> SlotReads { get; } = [];

    public TestState With(Address address, string code = "0x", ulong balance = 0, ulong nonce = 0)
    {
        byte[] bytes = Hex.Decode(code);
        Hash256 hash = Keccak256.Hash(bytes);
        Codes[hash] = bytes;
        Accounts[address] = new Account(nonce, balance, hash);
        return this;
    }

    public bool TryGetAccount(in Address address, out Account account)
    {
        AccountReads.Add(address);
        return Accounts.TryGetValue(address, out account);
    }

    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value)
    {
        SlotReads.Add((address, slot));
        Storage.TryGetValue((address, slot), out value);
    }

    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => Codes[codeHash];

    public bool HasStorage(in Address address)
    {
        Address wanted = address;
        return Storage.Any(s => s.Key.Item1 == wanted && !s.Value.IsZero);
    }

    public Hash256 GetBlockHash(ulong number) => Hash256.FromUInt256(number + 1000);
}
