using Opal.Primitives;

namespace Opal.Evm;

/// <summary>Instructions that read and write the journal. Each charges everything that its case in the interpreter does not, and returns the gas left, negative when it fails.</summary>
internal static unsafe class StateOperations
{
    private static int Access(EvmMachine vm, UInt256* sp, ref long gas)
    {
        int number = vm.Journal.NumberOf(Address.FromUInt256(*sp));
        gas = unchecked(gas - (vm.Journal.Warm(number) ? GasCost.ColdAccount : GasCost.WarmAccess));
        return number;
    }

    public static long Balance(EvmMachine vm, UInt256* sp, long gas)
    {
        int number = Access(vm, sp, ref gas);
        if (gas >= 0) *sp = vm.Journal.Load(number).Balance;
        return gas;
    }

    public static long ExtCodeSize(EvmMachine vm, UInt256* sp, long gas)
    {
        int number = Access(vm, sp, ref gas);
        if (gas >= 0) *sp = new UInt256((ulong)vm.Journal.CodeOf(number).Length);
        return gas;
    }

    public static long ExtCodeHash(EvmMachine vm, UInt256* sp, long gas)
    {
        int number = Access(vm, sp, ref gas);
        if (gas < 0) return gas;
        ref AccountEntry account = ref vm.Journal.Load(number);
        *sp = account.IsEmpty ? default : account.CodeHash.ToUInt256();
        return gas;
    }

    public static void SelfBalance(EvmMachine vm, Frame* f, UInt256* r) => *r = vm.Journal.Load(f->SelfNumber).Balance;

    public static long SLoad(EvmMachine vm, Frame* f, UInt256* sp, long gas)
    {
        unchecked
        {
            Journal journal = vm.Journal;
            int number = journal.FindSlot(f->SelfNumber, *sp);
            gas -= journal.WarmSlot(number) ? GasCost.ColdSlot : GasCost.WarmAccess;
            if (gas >= 0) *sp = journal.ReadySlot(number).Current;
            return gas;
        }
    }

    /// <summary>SSTORE: slot, value (EIP-2200, 2929, 3529).</summary>
    public static long SStore(EvmMachine vm, Frame* f, UInt256* sp, long gas)
    {
        unchecked
        {
            if (f->IsStatic) return vm.Fail(Halt.WriteProtection);
            if (gas <= GasCost.StorageSentry) return -1;
            Journal journal = vm.Journal;
            int number = journal.FindSlot(f->SelfNumber, *sp);
            if (journal.WarmSlot(number)) gas -= GasCost.ColdSlot;
            ref SlotEntry slot = ref journal.ReadySlot(number);
            UInt256* value = sp - 1;
            if (slot.Current == *value)
            {
                return gas - GasCost.WarmAccess;
            }

            if (slot.Current == slot.Original)
            {
                gas -= slot.Original.IsZero ? GasCost.StorageSet : GasCost.StorageReset;
                if (gas < 0) return gas;
                if (value->IsZero) journal.AddRefund(GasCost.StorageClearRefund); // the original is not zero, for the values differ
            }
            else
            {
                gas -= GasCost.WarmAccess;
                if (gas < 0) return gas;
                journal.AddRefund(RefundOfRewrite(slot, *value));
            }

            journal.SetSlot(number, *value);
            return gas;
        }
    }

    /// <summary>The refund change when a slot that this transaction wrote before is written again.</summary>
    private static long RefundOfRewrite(in SlotEntry slot, in UInt256 value)
    {
        unchecked
        {
            long refund = 0;
            if (!slot.Original.IsZero)
            {
                if (slot.Current.IsZero) refund -= GasCost.StorageClearRefund;
                else if (value.IsZero) refund += GasCost.StorageClearRefund;
            }

            if (value == slot.Original)
            {
                refund += (slot.Original.IsZero ? GasCost.StorageSet : GasCost.StorageReset) - GasCost.WarmAccess;
            }

            return refund;
        }
    }

    public static void TLoad(EvmMachine vm, Frame* f, UInt256* sp) => vm.Journal.LoadTransient(f->SelfNumber, *sp, out *sp);

    public static long TStore(EvmMachine vm, Frame* f, UInt256* sp, long gas)
    {
        if (f->IsStatic) return vm.Fail(Halt.WriteProtection);
        vm.Journal.StoreTransient(f->SelfNumber, *sp, sp[-1]);
        return gas;
    }
}
