using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.Protocol;

/// <summary>The state that a block is executed on: accounts, the hashes of the block's ancestors, and the roots after a change.</summary>
public interface IExecutionState : IWorldState, IBlockHashes
{
    /// <summary>The roots of this state with a block's changes applied; the state itself does not change.</summary>
    /// <param name="diff">The changes.</param>
    /// <param name="storageRootOf">An account whose storage root is wanted too.</param>
    StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf);
}
