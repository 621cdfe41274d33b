using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.State;
using Opal.Trie;

namespace Opal.Execution;

/// <summary>The state after a block that is not stored: its changes on top of its parent's state. Read by any number of threads.</summary>
/// <param name="below">The parent's state.</param>
/// <param name="diff">What the block changed.</param>
/// <param name="root">The root after it.</param>
internal sealed class PendingView(ChainState below, StateDiff diff, Hash256 root) : IStateView
{
    private readonly SimulatedState _state = With(below, diff);

    private static SimulatedState With(ChainState below, params ReadOnlySpan<StateDiff> diffs)
    {
        var state = new SimulatedState(below);
        foreach (StateDiff each in diffs) state.Apply(each);
        return state;
    }

    /// <inheritdoc/>
    public Hash256 StateRoot => root;

    /// <inheritdoc/>
    public bool TryGetAccount(in Address address, out Account account) => _state.TryGetAccount(address, out account);

    /// <inheritdoc/>
    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => _state.GetStorage(address, slot, out value);

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => _state.GetCode(codeHash);

    /// <inheritdoc/>
    public bool HasStorage(in Address address) => _state.HasStorage(address);

    /// <inheritdoc/>
    public StateRoots ComputeRoots(StateDiff more, Address? storageRootOf) => With(below, diff, more).ComputeRoots(storageRootOf);

    /// <inheritdoc/>
    public Hash256 GetStorageRoot(in Address address) => _state.ComputeRoots(address).StorageRoot ?? Hash256.EmptyTrie;

    /// <inheritdoc/>
    public AccountProof GetProof(in Address address, IReadOnlyList<UInt256> slots) =>
        throw RpcException.Refused("there are no proofs of the pending block: it is not stored; ask for latest");
}
