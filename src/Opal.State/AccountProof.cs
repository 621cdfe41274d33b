using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.State;

/// <summary>A proof of an account, or of its absence, against a state root (EIP-1186).</summary>
/// <param name="Address">The account.</param>
/// <param name="Exists">Whether the state has it.</param>
/// <param name="Account">Its values; <see cref="Account.Empty"/> when absent.</param>
/// <param name="StorageRoot">Its storage root; the empty trie's when absent.</param>
/// <param name="Nodes">Encodings of the nodes of the account trie, from the root down.</param>
/// <param name="Storage">A proof for each slot asked for, in that order.</param>
public sealed record AccountProof(Address Address, bool Exists, Account Account, Hash256 StorageRoot, IReadOnlyList<byte[]> Nodes, IReadOnlyList<StorageProof> Storage)
{
    /// <summary>Whether the nodes prove just these values against <paramref name="stateRoot"/>.</summary>
    public bool Verify(in Hash256 stateRoot)
    {
        ProofVerdict verdict = TrieProof.Verify(stateRoot, Address.Keccak().ToArray(), Nodes, out ReadOnlyMemory<byte> leaf);
        if (verdict == ProofVerdict.Invalid || (verdict == ProofVerdict.Included) != Exists) return false;
        byte[] expected = Exists ? new StateAccount(Account.Nonce, Account.Balance, StorageRoot, Account.CodeHash).Encode() : [];
        if (!leaf.Span.SequenceEqual(expected)) return false;
        if (!Exists && StorageRoot != Hash256.EmptyTrie) return false;
        foreach (StorageProof slot in Storage)
        {
            if (!slot.Verify(StorageRoot)) return false;
        }

        return true;
    }
}

/// <summary>A proof of one storage slot against a storage root.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Value">Its value; zero when absent.</param>
/// <param name="Nodes">Encodings of the nodes of the storage trie, from the root down.</param>
public sealed record StorageProof(UInt256 Slot, UInt256 Value, IReadOnlyList<byte[]> Nodes)
{
    /// <summary>Whether the nodes prove just this value against <paramref name="storageRoot"/>.</summary>
    public bool Verify(in Hash256 storageRoot)
    {
        ProofVerdict verdict = TrieProof.Verify(storageRoot, StateKeys.OfSlot(Slot).ToArray(), Nodes, out ReadOnlyMemory<byte> leaf);
        return verdict != ProofVerdict.Invalid && leaf.Span.SequenceEqual(TrieBatch.EncodeSlotValue(Value));
    }
}
