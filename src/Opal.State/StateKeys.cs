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

/// <summary>How addresses and slots become keys of the tries, in place of keccak256: tests choose keys that nobody could grind.</summary>
internal interface IStateKeys
{
    Hash256 OfAccount(in Address address);

    Hash256 OfSlot(in UInt256 slot);
}
