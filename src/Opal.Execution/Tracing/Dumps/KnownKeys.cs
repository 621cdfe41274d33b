using Opal.Evm;
using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Addresses and slots by their hashes, where they are known without an index of their own: those of genesis, those of witnesses made lately, and the first slots.</summary>
/// <param name="recent">What witnesses made lately hold.</param>
/// <param name="genesis">The genesis state.</param>
internal sealed class KnownKeys(PreimageCache recent, StateDiff genesis)
{
    private const int MaxGenesisAccounts = 65_536, MaxGenesisSlots = 65_536, FirstSlots = 256;

    private readonly Lazy<Dictionary<Hash256, Address>> _addresses = new(() => AddressesOf(genesis));
    private readonly Lazy<Dictionary<Hash256, UInt256>> _slots = new(() => SlotsOf(genesis));

    /// <summary>The address behind an account's key.</summary>
    public bool TryGetAddress(in Hash256 key, out Address address)
    {
        if (_addresses.Value.TryGetValue(key, out address)) return true;
        if (!recent.TryGet(key, out byte[] bytes) || bytes.Length != Address.Size) return false;
        address = new Address(bytes);
        return true;
    }

    /// <summary>The position behind a slot's key.</summary>
    public bool TryGetSlot(in Hash256 key, out UInt256 slot)
    {
        if (_slots.Value.TryGetValue(key, out slot)) return true;
        if (!recent.TryGet(key, out byte[] bytes) || bytes.Length != 32) return false;
        slot = UInt256.FromBigEndian(bytes);
        return true;
    }

    private static Dictionary<Hash256, Address> AddressesOf(StateDiff genesis) =>
        genesis.Accounts.Take(MaxGenesisAccounts).ToDictionary(static account => account.Address.Keccak(), static account => account.Address);

    private static Dictionary<Hash256, UInt256> SlotsOf(StateDiff genesis)
    {
        IEnumerable<UInt256> first = Enumerable.Range(0, FirstSlots).Select(static slot => new UInt256((ulong)slot));
        IEnumerable<UInt256> used = genesis.Accounts.SelectMany(static account => account.Storage).Select(static pair => pair.Slot);
        var slots = new Dictionary<Hash256, UInt256>();
        foreach (UInt256 slot in first.Concat(used.Take(MaxGenesisSlots))) slots[Keccak256.Hash(slot.ToBigEndianArray())] = slot;
        return slots;
    }
}
