using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.State.Flat;

/// <summary>A version as execution and the RPC see it.</summary>
internal sealed class FlatView(MemoryStateStore store, StateVersion version) : IStateView
{
        public Hash256 StateRoot => version.Root;

    public bool TryGetAccount(in Address address, out Account account)
    {
        bool found = TryGetAccount(address.Keccak(), out ReadOnlySpan<byte> flat);
        account = found ? FlatAccount.Read(flat, out _) : Account.Empty;
        return found;
    }

    private bool TryGetAccount(scoped in Hash256 key, out ReadOnlySpan<byte> flat)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        key.CopyTo(bytes);
        return version.TryGet(Hash256.Zero, Table.Leaves, bytes, out flat);
    }

    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => value = GetSlot(address.Keccak(), StateKeys.OfSlot(slot));

    private UInt256 GetSlot(in Hash256 owner, in Hash256 slot)
    {
        Span<byte> bytes = stackalloc byte[Hash256.Size];
        slot.CopyTo(bytes);
        return version.TryGet(owner, Table.Leaves, bytes, out ReadOnlySpan<byte> flat) ? UInt256.FromBigEndian(flat) : default;
    }

    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => store.GetCode(codeHash);

    public bool HasStorage(in Address address) => GetStorageRoot(address) != Hash256.EmptyTrie;

    public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf)
    {
        StateUpdate update = store.Compute(version, diff);
        if (storageRootOf is not { } address) return new StateRoots(update.Root, null);
        return new StateRoots(update.Root, update.StorageRoots.TryGetValue(address.Keccak(), out Hash256 changed) ? changed : GetStorageRoot(address));
    }

    public Hash256 GetStorageRoot(in Address address)
    {
        Hash256 root = Hash256.EmptyTrie;
        if (TryGetAccount(address.Keccak(), out ReadOnlySpan<byte> flat)) _ = FlatAccount.Read(flat, out root);
        return root;
    }

    public AccountProof GetProof(in Address address, IReadOnlyList<UInt256> slots) => ProofMaker.Make(version, null, address, slots);

    public bool TryProve(in Hash256 owner, in Hash256 key, List<byte[]> nodes)
    {
        nodes.AddRange(ProofMaker.Prove(version, owner, key));
        return true;
    }

    public StatePage<StateAccountEntry> ListAccounts(in Hash256 start, int limit) => StateLister.Accounts(version, start, limit);

    public StatePage<StateSlotEntry> ListSlots(in Hash256 owner, in Hash256 start, int limit) => StateLister.Slots(version, owner, start, limit);
}
