using System.Runtime.CompilerServices;
using Opal.Primitives;

namespace Opal.Evm;

/// <content>Storage and transient storage.</content>
public sealed partial class Journal
{
    /// <summary>The current value of a slot. Does not warm it.</summary>
    public UInt256 GetStorage(in Address address, in UInt256 slot)
    {
        int number = NumberOf(address);
        Load(number);
        return _slots[SlotOf(number, slot)].Current;
    }

    /// <summary>Sets a slot as SSTORE does, without gas or refund rules.</summary>
    public void SetStorage(in Address address, in UInt256 slot, in UInt256 value)
    {
        int number = NumberOf(address);
        Load(number);
        SetSlot(SlotOf(number, slot), value);
    }

    /// <summary>Puts a slot into the transaction's warm set (EIP-2929) without reading it.</summary>
    public void WarmSlot(in Address address, in UInt256 slot) => WarmSlot(FindSlot(NumberOf(address), slot));

    /// <summary>The slots in the warm set of the running transaction; in order of first access.</summary>
    public List<(Address Address, UInt256 Slot)> GetWarmSlots()
    {
        var warm = new List<(Address, UInt256)>();
        for (int i = 0; i < _slots.Count; i++)
        {
            if (_slots[i].WarmStamp == _transaction) warm.Add((_accounts[_slots[i].Account].Address, _slots[i].Slot));
        }

        return warm;
    }

    /// <summary>The number of a slot, whose values may not be ready (<see cref="ReadySlot"/>).</summary>
    internal int FindSlot(int account, in UInt256 slot)
    {
        int number = _slots.FindOrAdd(new SlotKey(account, slot), out bool added);
        if (added)
        {
            ref AccountEntry owner = ref _accounts[account];
            _slots[number].Next = owner.FirstSlot;
            owner.FirstSlot = number;
        }

        return number;
    }

    /// <summary>The number of a slot whose values are ready to use. The account must be loaded.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal int SlotOf(int account, in UInt256 slot)
    {
        int number = FindSlot(account, slot);
        ReadySlot(number);
        return number;
    }

    /// <summary>The slot with its values read. The account must be loaded; the reference dies when another slot is looked up.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref SlotEntry ReadySlot(int number)
    {
        ref SlotEntry entry = ref _slots[number];
        if (entry.Stamp != _transaction) BringUpToDate(ref entry);
        return ref entry;
    }

    private void BringUpToDate(ref SlotEntry entry)
    {
        if (!entry.IsLoaded)
        {
            ref AccountEntry owner = ref _accounts[entry.Account];
            if (owner.ExistedAtStart && !owner.IsStorageCleared) World.GetStorage(owner.Address, entry.Slot, out entry.AtStart);
            entry.Current = entry.AtStart;
            entry.IsLoaded = true;
        }

        entry.Original = entry.Current;
        entry.Stamp = _transaction;
    }

    /// <summary>Makes a slot warm.</summary>
    /// <returns>Whether it was cold.</returns>
    internal bool WarmSlot(int number)
    {
        ref SlotEntry slot = ref _slots[number];
        if (slot.WarmStamp == _transaction) return false;
        Push(UndoKind.WarmSlot, number, default, slot.WarmStamp);
        slot.WarmStamp = _transaction;
        return true;
    }

    /// <summary>Changes a slot that is up to date.</summary>
    internal void SetSlot(int number, in UInt256 value)
    {
        ref SlotEntry slot = ref _slots[number];
        Push(UndoKind.Storage, number, slot.Current, 0);
        slot.Current = value;
        ListAsChanged(slot.Account, ref _accounts[slot.Account]);
    }

    internal void LoadTransient(int account, in UInt256 slot, out UInt256 value)
    {
        int number = _transients.Count == 0 ? -1 : _transients.Find(new SlotKey(account, slot));
        if (number < 0 || _transients[number].Stamp != _transaction) value = default;
        else value = _transients[number].Value;
    }

    internal void StoreTransient(int account, in UInt256 slot, in UInt256 value)
    {
        int number = _transients.FindOrAdd(new SlotKey(account, slot), out _);
        ref TransientEntry entry = ref _transients[number];
        Push(UndoKind.Transient, number, entry.Value, entry.Stamp);
        entry.Value = value;
        entry.Stamp = _transaction;
    }
}
