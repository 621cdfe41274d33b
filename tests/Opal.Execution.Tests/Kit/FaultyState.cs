using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.Execution.Tests;

/// <summary>
/// The state as a builder with a fault sees it: whoever touches a poisoned account finds a wei more there than there is; and once a tainting
/// account was looked at, the victim of it has one too many (as when a rejected transaction leaves something behind).
/// </summary>
internal sealed class FaultyState(IExecutionState inner, IReadOnlySet<Address> poisoned, Address? tainting = null, Address? victim = null) : IExecutionState
{
    private bool _isTainted;

    public bool TryGetAccount(in Address address, out Account account)
    {
        bool found = inner.TryGetAccount(address, out account);
        if (address == tainting) _isTainted = true;
        bool isWrong = poisoned.Contains(address) || (_isTainted && address == victim);
        if (!isWrong) return found;
        account = found ? account with { Balance = account.Balance + UInt256.One } : new Account(0, UInt256.One, Hash256.EmptyCode);
        return true;
    }

    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => inner.GetStorage(address, slot, out value);

    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => inner.GetCode(codeHash);

    public bool HasStorage(in Address address) => inner.HasStorage(address);

    public Hash256 GetBlockHash(ulong number) => inner.GetBlockHash(number);

    public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf) => inner.ComputeRoots(diff, storageRootOf);
}
