using System.Buffers.Binary;
using System.Security.Cryptography;
using Opal.Execution;
using Opal.Primitives;

namespace Opal.DevL1;

/// <summary>How beacon slots and beacon block roots follow from execution blocks. There is no beacon chain: a root is a digest of the block's hash.</summary>
/// <param name="GenesisTime">The genesis block's timestamp, seconds.</param>
/// <param name="SecondsPerSlot">The length of a slot.</param>
public readonly record struct BeaconSlots(ulong GenesisTime, ulong SecondsPerSlot)
{
    /// <summary>Slots of an epoch, as on Ethereum.</summary>
    public const ulong SlotsPerEpoch = 32;

    /// <summary>The slot of a block's timestamp.</summary>
    public ulong SlotOf(ulong timestamp) => timestamp < GenesisTime ? 0 : (timestamp - GenesisTime) / SecondsPerSlot;

    /// <summary>When a slot begins, seconds.</summary>
    public ulong TimeOf(ulong slot) => GenesisTime + (slot * SecondsPerSlot);

    /// <summary>The beacon block root that stands for an execution block: sha256("beacon" ++ block hash).</summary>
    public static Hash256 RootOf(in Hash256 blockHash)
    {
        Span<byte> input = stackalloc byte[6 + Hash256.Size];
        "beacon"u8.CopyTo(input);
        blockHash.CopyTo(input[6..]);
        return new Hash256(SHA256.HashData(input));
    }

    /// <summary>The canonical block of a slot; null when the slot is empty.</summary>
    public ExecutedBlock? FindBlock(Blockchain chain, ulong slot)
    {
        // timestamps grow with numbers: a binary search over the canonical numbers
        ulong low = chain.Genesis.Number, high = chain.Head.Number;
        while (low <= high)
        {
            ulong middle = low + ((high - low) / 2);
            if (chain.FindCanonicalHeader(middle) is not { } header) return null;
            ulong at = SlotOf(header.Timestamp);
            if (at == slot) return chain.FindCanonical(middle);
            if (at < slot) low = middle + 1;
            else if (middle == 0) return null;
            else high = middle - 1;
        }

        return null;
    }

    /// <summary>PREVRANDAO of a block: a digest of its parent, the slot and a salt that tells alternate blocks apart.</summary>
    public static Hash256 RandomnessOf(in Hash256 parent, ulong slot, ulong salt)
    {
        Span<byte> input = stackalloc byte[Hash256.Size + 16];
        parent.CopyTo(input);
        BinaryPrimitives.WriteUInt64BigEndian(input[32..], slot);
        BinaryPrimitives.WriteUInt64BigEndian(input[40..], salt);
        return Keccak256.Hash(input);
    }
}
