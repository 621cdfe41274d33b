using Opal.Evm;
using Opal.Primitives;
using Opal.State;

namespace Opal.Execution;

/// <summary>The slots of an account in the middle of a block: those of the state before the block, with what its transactions changed so far.</summary>
internal static class StorageRange
{
    /// <summary>A page of slots in the order of their keys.</summary>
    /// <param name="before">The state before the block.</param>
    /// <param name="address">The account.</param>
    /// <param name="change">What the block changed of it so far; null for nothing.</param>
    /// <param name="start">The lowest key wanted.</param>
    /// <param name="limit">The most slots.</param>
    public static StatePage<StateSlotEntry> List(IStateView before, in Address address, AccountChange? change, Hash256 start, int limit)
    {
        Hash256 owner = address.Keccak();
        if (change is null) return before.ListSlots(owner, start, limit);
        if (!change.Exists) return new StatePage<StateSlotEntry>([], null);

        // each change takes one slot away at most, so that this many are enough, with the one that comes next
        StatePage<StateSlotEntry> page = change.StorageCleared
            ? new StatePage<StateSlotEntry>([], null)
            : before.ListSlots(owner, start, checked(limit + change.Storage.Count + 1));
        var slots = new SortedDictionary<Hash256, UInt256>();
        foreach (StateSlotEntry entry in page.Entries) slots[entry.Key] = entry.Value;
        foreach ((UInt256 slot, UInt256 value) in change.Storage)
        {
            Hash256 key = Keccak256.Hash(slot.ToBigEndianArray());
            if (key < start || (page.Next is { } next && key >= next)) continue;
            if (value.IsZero) slots.Remove(key);
            else slots[key] = value;
        }

        List<StateSlotEntry> entries = [.. slots.Take(limit).Select(static pair => new StateSlotEntry(pair.Key, pair.Value))];
        return new StatePage<StateSlotEntry>(entries, slots.Count > limit ? slots.ElementAt(limit).Key : null);
    }
}
