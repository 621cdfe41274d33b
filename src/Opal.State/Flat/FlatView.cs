using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.State.Flat;

/// <summary>A version as execution and the RPC see it.</summary>
internal sealed class FlatView(MemoryStateStore store, StateVersion version) : IStateView
{
    private readonly VersionReader _reader = new(version);

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

    public AccountProof GetProof(in Address address, IReadOnlyList<UInt256> slots)
    {
        Hash256 key = address.Keccak(), storageRoot = Hash256.EmptyTrie;
        bool exists = TryGetAccount(key, out ReadOnlySpan<byte> flat);
        Account account = exists ? FlatAccount.Read(flat, out storageRoot) : Account.Empty;
        List<byte[]> nodes = Prove(Hash256.Zero, key);
        var proofs = new StorageProof[slots.Count];
        for (int i = 0; i < proofs.Length; i++)
        {
            Hash256 slot = StateKeys.OfSlot(slots[i]);
            proofs[i] = new StorageProof(slots[i], GetSlot(key, slot), storageRoot == Hash256.EmptyTrie ? [] : Prove(key, slot));
        }

        return new AccountProof(address, exists, account, storageRoot, nodes, proofs);
    }

    private List<byte[]> Prove(in Hash256 owner, in Hash256 key)
    {
        var nodes = new List<byte[]>();
        return BranchProof.TryProve(_reader, owner, key, nodes) == TrieStatus.Ok ? nodes : throw new MissingStateException("the state lacks a trie record or a leaf, or one is damaged");
    }

    public bool TryProve(in Hash256 owner, in Hash256 key, List<byte[]> nodes)
    {
        nodes.AddRange(Prove(owner, key));
        return true;
    }
}
