using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Trie;

namespace Opal.Execution;

/// <summary>A state that notes what is read of it.</summary>
internal sealed class RecordingState(ChainState below) : IExecutionState
{
    /// <summary>Accounts that were asked for, with their slots.</summary>
    public SortedDictionary<Address, SortedSet<UInt256>> Touched { get; } = [];

    /// <summary>Codes that were read.</summary>
    public SortedDictionary<Hash256, ReadOnlyMemory<byte>> Codes { get; } = [];

    /// <summary>The oldest block whose hash was asked for.</summary>
    public ulong OldestHash { get; private set; } = below.Block.Number;

    private SortedSet<UInt256> Touch(in Address address)
    {
        if (!Touched.TryGetValue(address, out SortedSet<UInt256>? slots)) Touched[address] = slots = [];
        return slots;
    }

    /// <inheritdoc/>
    public bool TryGetAccount(in Address address, out Account account)
    {
        Touch(address);
        return below.TryGetAccount(address, out account);
    }

    /// <inheritdoc/>
    public void GetStorage(in Address address, in UInt256 slot, out UInt256 value)
    {
        Touch(address).Add(slot);
        below.GetStorage(address, slot, out value);
    }

    /// <inheritdoc/>
    public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash)
    {
        ReadOnlyMemory<byte> code = below.GetCode(codeHash);
        if (!code.IsEmpty) Codes[codeHash] = code;
        return code;
    }

    /// <inheritdoc/>
    public bool HasStorage(in Address address)
    {
        Touch(address);
        return below.HasStorage(address);
    }

    /// <inheritdoc/>
    public Hash256 GetBlockHash(ulong number)
    {
        OldestHash = Math.Min(OldestHash, number);
        return below.GetBlockHash(number);
    }

    /// <inheritdoc/>
    public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf)
    {
        if (storageRootOf is { } address) Touch(address);
        return below.ComputeRoots(diff, storageRootOf);
    }
}
