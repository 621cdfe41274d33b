using Opal.Primitives;

namespace Opal.State;

/// <summary>The hashed keys of the tries.</summary>
internal static class StateKeys
{
    /// <summary>keccak256 of the slot's 32 bytes.</summary>
    public static Hash256 OfSlot(in UInt256 slot)
    {
        Span<byte> word = stackalloc byte[32];
        slot.WriteBigEndian(word);
        return Keccak256.Hash(word);
    }
}
