using Opal.Evm;
using Opal.Primitives;

namespace Opal.State;

/// <summary>Some entries of a trie in the order of their hashed keys.</summary>
/// <param name="Entries">The entries, ascending.</param>
/// <param name="Next">The key of the entry after them; null when there is none.</param>
public sealed record StatePage<T>(IReadOnlyList<T> Entries, Hash256? Next);

/// <summary>An account under its hashed address.</summary>
/// <param name="Key">keccak256 of the address.</param>
/// <param name="Account">Its values.</param>
/// <param name="StorageRoot">Its storage root; the empty trie's when it has no storage.</param>
public readonly record struct StateAccountEntry(Hash256 Key, Account Account, Hash256 StorageRoot);

/// <summary>A slot under its hashed position.</summary>
/// <param name="Key">keccak256 of the slot's 32 bytes.</param>
/// <param name="Value">Its value, never zero.</param>
public readonly record struct StateSlotEntry(Hash256 Key, UInt256 Value);
