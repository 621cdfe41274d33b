using Opal.Evm;
using Opal.Primitives;
using Opal.State.Flat;
using Opal.Trie;

namespace Opal.State.Durable;

/// <summary>A state of the durable store as execution and the RPC see it. Each read stands alone: no snapshot is held between them.</summary>
internal sealed partial class DurableView(DurableStateStore store, StatePoint point) : IStateView
{
    private StateReader? _spare;

    public Hash256 StateRoot => point.Block.Root;

    private StateReader Rent() => Interlocked.Exchange(ref _spare, null) ?? new StateReader(store, point);

    private void Return(StateReader reader)
    {
        reader.Dispose();
        _spare = reader;
    }

    private Hash256 KeyOf(in Address address) => store.Keys is { } keys ? keys.OfAccount(address) : address.Keccak();

    private Hash256 KeyOf(in UInt256 slot) => store.Keys is { } keys ? keys.OfSlot(slot) : StateKeys.OfSlot(slot);

    public bool TryGetAccount(in Address address, out Account account) => TryGetAccount(address, out account, out _);

    private bool TryGetAccount(in Address address, out Account account, out Hash256 storageRoot)
    {
        Span<byte> key = stackalloc byte[Hash256.Size];
        KeyOf(address).CopyTo(key);
        StateReader reader = Rent();
        try
        {
            storageRoot = Hash256.EmptyTrie;
            bool found = reader.TryGet(Hash256.Zero, Table.Leaves, key, out ReadOnlySpan<byte> flat);
            account = found ? FlatAccount.Read(flat, out storageRoot) : Account.Empty;
            return found;
        }
        finally
        {
            Return(reader);
        }
    }

    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value)
    {
        Span<byte> key = stackalloc byte[Hash256.Size];
        KeyOf(slot).CopyTo(key);
        StateReader reader = Rent();
        try
        {
            value = reader.TryGet(KeyOf(address), Table.Leaves, key, out ReadOnlySpan<byte> minimal) ? UInt256.FromBigEndian(minimal) : default;
        }
        finally
        {
            Return(reader);
        }
    }

    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => store.GetCode(codeHash);

    public bool HasStorage(in Address address) => GetStorageRoot(address) != Hash256.EmptyTrie;

    public Hash256 GetStorageRoot(in Address address)
    {
        _ = TryGetAccount(address, out _, out Hash256 root);
        return root;
    }

    public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf)
    {
        StateUpdate update = store.Compute(point, diff);
        if (storageRootOf is not { } address) return new StateRoots(update.Root, null);
        return new StateRoots(update.Root, update.StorageRoots.TryGetValue(KeyOf(address), out Hash256 changed) ? changed : GetStorageRoot(address));
    }

    public bool TryProve(in Hash256 owner, in Hash256 key, List<byte[]> nodes)
    {
        StateReader reader = Rent();
        try
        {
            nodes.AddRange(ProofMaker.Prove(reader, owner, key));
            return true;
        }
        finally
        {
            Return(reader);
        }
    }

    public AccountProof GetProof(in Address address, IReadOnlyList<UInt256> slots)
    {
        StateReader reader = Rent();
        try
        {
            AccountProof proof = ProofMaker.Make(reader, store.Keys, address, slots);
            if (Verifies(proof, address)) return proof;
        }
        finally
        {
            Return(reader);
        }

        throw new MissingStateException($"the proof of {address} at block {point.Block.Number} does not lead to its state root {StateRoot}: {store.DescribeKept()}; if the block is in that range, stop the node and run 'opal db verify'");
    }

    /// <summary>Nothing leaves that does not hash to the root: it turns any damage of records, leaves or history into an error.</summary>
    private bool Verifies(AccountProof proof, in Address address)
    {
        ProofVerdict verdict = TrieProof.Verify(StateRoot, KeyOf(address).ToArray(), proof.Nodes, out ReadOnlyMemory<byte> leaf);
        if (verdict == ProofVerdict.Invalid || (verdict == ProofVerdict.Included) != proof.Exists) return false;
        byte[] expected = proof.Exists ? new StateAccount(proof.Account.Nonce, proof.Account.Balance, proof.StorageRoot, proof.Account.CodeHash).Encode() : [];
        if (!leaf.Span.SequenceEqual(expected)) return false;
        foreach (StorageProof slot in proof.Storage)
        {
            verdict = TrieProof.Verify(proof.StorageRoot, KeyOf(slot.Slot).ToArray(), slot.Nodes, out leaf);
            if (verdict == ProofVerdict.Invalid || !leaf.Span.SequenceEqual(TrieBatch.EncodeSlotValue(slot.Value))) return false;
        }

        return true;
    }
}
