using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The state that a block is executed on: accounts, the hashes of the block's ancestors, and the roots after a change.</summary>
public interface IExecutionState : IWorldState, IBlockHashes
{
    /// <summary>The roots of this state with a block's changes applied; the state itself does not change.</summary>
    /// <param name="diff">The changes.</param>
    /// <param name="storageRootOf">An account whose storage root is wanted too.</param>
    StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf);
}

/// <summary>What <see cref="IExecutionState.ComputeRoots"/> gives.</summary>
/// <param name="StateRoot">The root of the account trie.</param>
/// <param name="StorageRoot">The storage root that was asked for; that of an empty trie where the account is absent.</param>
public readonly record struct StateRoots(Hash256 StateRoot, Hash256? StorageRoot);
