using Opal.Primitives;

namespace Opal.State;

/// <summary>Names the state after a block. The hash tells blocks apart that end in the same state; a store that keeps states by root alone ignores it.</summary>
/// <param name="Number">The block's number.</param>
/// <param name="Hash">The block's hash.</param>
/// <param name="Root">The state root in its header.</param>
public readonly record struct BlockState(ulong Number, Hash256 Hash, Hash256 Root)
{
    /// <summary>The state before genesis: no accounts.</summary>
    public static BlockState Empty { get; } = new(0, Hash256.Zero, Hash256.EmptyTrie);
}
