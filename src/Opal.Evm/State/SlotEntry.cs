using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <summary>A slot's address: the number of its account in the journal, and the slot.</summary>
internal readonly struct SlotKey(int account, in UInt256 slot)
{
    public readonly UInt256 Slot = slot;
    public readonly int Account = account;

    /// <summary>Every limb counts: slots are small numbers, digests, or digests plus small numbers.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Hash(in SlotKey key)
    {
        unchecked
        {
            ulong sum = key.Slot.U0 + (key.Slot.U1 * 0xC2B2AE3D27D4EB4F) + (key.Slot.U2 * 0x165667B19E3779F9) + (key.Slot.U3 * 0x9FB21C651E98DF25);
            sum ^= (ulong)(uint)key.Account * 0xD6E8FEB86659FD93;
            sum ^= sum >> 32;
            return (uint)((sum * 0x9E3779B97F4A7C15) >> 32);
        }
    }
}

/// <summary>A storage slot as the journal holds it during a block.</summary>
internal struct SlotEntry : IKeyed<SlotEntry, SlotKey>
{
    public UInt256 Slot;
    public UInt256 Current;
    /// <summary>Value at the start of the transaction that <see cref="Stamp"/> names.</summary>
    public UInt256 Original;
    public UInt256 AtStart;
    public int Account;
    /// <summary>Next slot of the same account, or -1.</summary>
    public int Next;
    public int Stamp;
    public int WarmStamp;
    public bool IsLoaded;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint HashOf(in SlotKey key) => SlotKey.Hash(key);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Matches(in SlotEntry entry, in SlotKey key) => entry.Account == key.Account && entry.Slot.Equals(key.Slot);

    public static int Compare(in SlotEntry entry, in SlotKey key)
    {
        int order = entry.Account.CompareTo(key.Account);
        return order != 0 ? order : entry.Slot.CompareTo(key.Slot);
    }

    public static SlotKey KeyOf(in SlotEntry entry) => new(entry.Account, entry.Slot);

    public static void Initialise(ref SlotEntry entry, in SlotKey key)
    {
        entry = default;
        entry.Slot = key.Slot;
        entry.Account = key.Account;
        entry.Next = -1;
    }
}

/// <summary>A transient slot (EIP-1153); its value counts in the transaction that <see cref="Stamp"/> names.</summary>
internal struct TransientEntry : IKeyed<TransientEntry, SlotKey>
{
    public UInt256 Slot;
    public UInt256 Value;
    public int Account;
    public int Stamp;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint HashOf(in SlotKey key) => SlotKey.Hash(key);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Matches(in TransientEntry entry, in SlotKey key) => entry.Account == key.Account && entry.Slot.Equals(key.Slot);

    public static int Compare(in TransientEntry entry, in SlotKey key)
    {
        int order = entry.Account.CompareTo(key.Account);
        return order != 0 ? order : entry.Slot.CompareTo(key.Slot);
    }

    public static SlotKey KeyOf(in TransientEntry entry) => new(entry.Account, entry.Slot);

    public static void Initialise(ref TransientEntry entry, in SlotKey key)
    {
        entry = default;
        entry.Slot = key.Slot;
        entry.Account = key.Account;
    }
}
