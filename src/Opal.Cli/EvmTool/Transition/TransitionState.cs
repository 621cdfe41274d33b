using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Trie;

namespace Opal.Cli.EvmTool.Transition;

/// <summary>The state before a transition, with the block hashes that the environment gives. It notes a hash that was asked for and is not there.</summary>
internal sealed class TransitionState(IStateView view, Dictionary<ulong, Hash256>? hashes) : IExecutionState
{
    /// <summary>Whether any hashes are given.</summary>
    public bool HasHashes => hashes is not null;

    /// <summary>The first block whose hash was asked for and is not given.</summary>
    public ulong? Missing { get; private set; }

    public bool TryGetAccount(in Address address, out Account account) => view.TryGetAccount(address, out account);

    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => view.GetStorage(address, slot, out value);

    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => view.GetCode(codeHash);

    public bool HasStorage(in Address address) => view.HasStorage(address);

    public Hash256 GetBlockHash(ulong number)
    {
        if (hashes is not null && hashes.TryGetValue(number, out Hash256 hash)) return hash;
        Missing ??= number;
        return Hash256.Zero;
    }

    public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf) => view.ComputeRoots(diff, storageRootOf);
}
