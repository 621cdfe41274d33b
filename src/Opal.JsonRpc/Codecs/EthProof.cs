using Opal.Primitives;
using Opal.Trie;

namespace Opal.JsonRpc;

/// <summary>A storage slot with its proof against the account's storage root.</summary>
/// <param name="Slot">The slot.</param>
/// <param name="Value">Its value.</param>
/// <param name="Proof">Trie nodes from the root down.</param>
/// <param name="SlotAsHash">Whether the slot is written as 32 bytes rather than as a quantity: answers repeat the question's form.</param>
public sealed record EthStorageProof(UInt256 Slot, UInt256 Value, IReadOnlyList<byte[]> Proof, bool SlotAsHash = false);

/// <summary>An account with its proof against a state root, as <c>eth_getProof</c> gives it.</summary>
public sealed record EthProof
{
    /// <summary>The account's address.</summary>
    public required Address Address { get; init; }

    /// <summary>The nonce.</summary>
    public required ulong Nonce { get; init; }

    /// <summary>The balance in wei.</summary>
    public required UInt256 Balance { get; init; }

    /// <summary>The code's hash; that of no code, or zero, where there is no account.</summary>
    public required Hash256 CodeHash { get; init; }

    /// <summary>The storage root; that of the empty trie, or zero, where there is no account.</summary>
    public required Hash256 StorageHash { get; init; }

    /// <summary>Trie nodes from the state root down.</summary>
    public required IReadOnlyList<byte[]> AccountProof { get; init; }

    /// <summary>The slots asked for.</summary>
    public required IReadOnlyList<EthStorageProof> StorageProof { get; init; }

    /// <summary>Checks account and slots against a state root that is trusted.</summary>
    /// <param name="stateRoot">The state root.</param>
    /// <param name="problem">What does not hold.</param>
    public bool TryVerify(in Hash256 stateRoot, out string problem)
    {
        ProofVerdict verdict = TrieProof.Verify(stateRoot, Address.Keccak().ToArray(), AccountProof, out ReadOnlyMemory<byte> value);
        Hash256 storageRoot = Hash256.EmptyTrie;
        if (verdict == ProofVerdict.Included)
        {
            problem = $"the account proof of {Address} holds another account than the answer states";
            if (!StateAccount.TryDecode(value.Span, out StateAccount account)) return false;
            if (account.Nonce != Nonce || account.Balance != Balance || account.CodeHash != CodeHash || account.StorageRoot != StorageHash) return false;
            storageRoot = StorageHash;
        }
        else
        {
            problem = $"the account proof of {Address} does not lead from state root {stateRoot} to the account";
            if (verdict != ProofVerdict.Excluded || Nonce != 0 || !Balance.IsZero) return false;
        }

        foreach (EthStorageProof slot in StorageProof)
        {
            problem = $"the storage proof of slot {slot.Slot.ToQuantity()} of {Address} does not hold";
            ProofVerdict found = TrieProof.Verify(storageRoot, Keccak256.Hash(slot.Slot.ToBigEndianArray()).ToArray(), slot.Proof, out ReadOnlyMemory<byte> encoded);
            bool holds = slot.Value.IsZero
                ? found == ProofVerdict.Excluded
                : found == ProofVerdict.Included && encoded.Span.SequenceEqual(TrieBatch.EncodeSlotValue(slot.Value));
            if (!holds) return false;
        }

        problem = "";
        return true;
    }
}
