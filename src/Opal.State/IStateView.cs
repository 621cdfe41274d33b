using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.State;

/// <summary>The whole state after one block: what execution reads, and what can be said about it. It never changes; any number of threads may read it.</summary>
public interface IStateView : IWorldState
{
    /// <summary>The root of the account trie.</summary>
    Hash256 StateRoot { get; }

    /// <summary>The roots after <paramref name="diff"/>. Nothing is stored; a later commit of the same diff object reuses the work.</summary>
    /// <param name="diff">What a block changed on top of this state.</param>
    /// <param name="storageRootOf">An account whose storage root after the block is wanted too (the empty trie's when the account does not exist).</param>
    StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf);

    /// <summary>The account's storage root; that of the empty trie when the account does not exist.</summary>
    Hash256 GetStorageRoot(in Address address);

    /// <summary>Proves an account and some of its slots, present or absent (<c>eth_getProof</c>, EIP-1186).</summary>
    AccountProof GetProof(in Address address, IReadOnlyList<UInt256> slots);

    /// <summary>Adds the trie nodes on the way to a key, present or absent, from the root down: for witnesses, which need nodes beside keys that nobody knows the pre-image of.</summary>
    /// <param name="owner">The hashed address whose storage trie it is; zero for the account trie.</param>
    /// <param name="key">The hashed key.</param>
    /// <param name="nodes">Takes the nodes' encodings; short ones are part of their parents.</param>
    /// <returns>False where this view cannot look up by hashed key.</returns>
    bool TryProve(in Hash256 owner, in Hash256 key, List<byte[]> nodes) => false;

    /// <summary>Accounts in the order of their hashed addresses. To list a whole state, ask again from <see cref="StatePage{T}.Next"/>: nothing is held between.</summary>
    /// <param name="start">The lowest key wanted, there or not.</param>
    /// <param name="limit">The most entries; 0 or more.</param>
    /// <exception cref="MissingStateException">The state is gone or damaged, or this view holds a part of a state only (a witness).</exception>
    StatePage<StateAccountEntry> ListAccounts(in Hash256 start, int limit) => throw new MissingStateException("a witness holds what a block reads of a state, and cannot list it");

    /// <summary>The slots of an account in the order of their hashed positions; none when the account does not exist.</summary>
    /// <param name="owner">The account's hashed address.</param>
    /// <param name="start">The lowest key wanted, there or not.</param>
    /// <param name="limit">The most entries; 0 or more.</param>
    /// <exception cref="MissingStateException">The state is gone or damaged, or this view holds a part of a state only (a witness).</exception>
    StatePage<StateSlotEntry> ListSlots(in Hash256 owner, in Hash256 start, int limit) => throw new MissingStateException("a witness holds what a block reads of a state, and cannot list it");
}
