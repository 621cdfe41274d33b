using System.Runtime.InteropServices;
using Opal.Primitives;

namespace Opal.Deployer.L2;

/// <summary>An account of the genesis state while it is put together.</summary>
internal sealed class GenesisAccountBuilder
{
    public ulong Nonce { get; set; }

    public UInt256 Balance { get; set; }

    public ReadOnlyMemory<byte> Code { get; set; }

    /// <summary>The code as an array, without a copy where it is one: two thousand accounts share the proxy's.</summary>
    public byte[] CodeArray => MemoryMarshal.TryGetArray(Code, out ArraySegment<byte> whole) && whole.Array is { } array && array.Length == Code.Length ? array : Code.ToArray();

    /// <summary>Non-zero slots.</summary>
    public SortedDictionary<UInt256, UInt256> Storage { get; } = [];

    public GenesisAccountBuilder Set(in UInt256 slot, in UInt256 value)
    {
        if (value.IsZero) Storage.Remove(slot);
        else Storage[slot] = value;
        return this;
    }
}
