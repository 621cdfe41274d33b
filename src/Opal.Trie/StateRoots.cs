using Opal.Primitives;

namespace Opal.Trie;

/// <summary>What a block's header says of the state after it.</summary>
/// <param name="stateRoot">The root of the account trie.</param>
/// <param name="storageRoot">The storage root of the one account that was asked for (the message passer, from Isthmus on); null when none was.</param>
public readonly struct StateRoots(in Hash256 stateRoot, Hash256? storageRoot)
{
    /// <summary>The root of the account trie.</summary>
    public Hash256 StateRoot { get; } = stateRoot;

    /// <summary>The storage root of the account that was asked for; null when none was.</summary>
    public Hash256? StorageRoot { get; } = storageRoot;
}
