using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Trie;

namespace Opal.Benchmarks;

/// <summary>A state of the node that tells how long its roots took.</summary>
internal sealed class TimedState(IStateView view) : IExecutionState
{
    /// <summary>Time spent on roots so far.</summary>
    public double RootSeconds { get; private set; }

    public bool TryGetAccount(in Address address, out Account account) => view.TryGetAccount(address, out account);

    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => view.GetStorage(address, slot, out value);

    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => view.GetCode(codeHash);

    public bool HasStorage(in Address address) => view.HasStorage(address);

    public Hash256 GetBlockHash(ulong number) => Hash256.Zero; // no workload asks

    public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf)
    {
        long begin = Clock.Now;
        StateRoots roots = view.ComputeRoots(diff, storageRootOf);
        RootSeconds += Clock.Since(begin);
        return roots;
    }
}
