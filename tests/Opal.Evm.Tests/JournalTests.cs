using Opal.Evm;
using Opal.Primitives;
using static Opal.Evm.Tests.Machines;

namespace Opal.Evm.Tests;

public class JournalTests
{
    [Fact]
    public void A_revert_takes_back_everything()
    {
        var state = new TestState().With(Target, "0x00", balance: 10, nonce: 3);
        state.Storage[(Target, 1u)] = 5u;
        using EvmMachine machine = Begin(state);
        Journal journal = machine.Journal;
        JournalCheckpoint start = journal.Checkpoint();
        journal.AddBalance(Target, 7u);
        Assert.True(journal.SubBalance(Target, 2u));
        Assert.False(journal.SubBalance(Target, 100u));
        journal.SetNonce(Target, 9);
        journal.SetCode(Target, [1, 2, 3]);
        journal.SetStorage(Target, 1u, 6u);
        journal.SetStorage(Target, 2u, 7u);
        journal.WarmAddress(Target);
        journal.WarmSlot(Target, 1u);
        journal.AddRefund(100);
        Assert.Equal(15u, journal.GetBalance(Target));
        Assert.Equal("0x010203", Hex.Encode(journal.GetCode(Target).Span));

        journal.RevertTo(start);
        Assert.Equal(10u, journal.GetBalance(Target));
        Assert.Equal(3ul, journal.GetNonce(Target));
        Assert.Equal("0x00", Hex.Encode(journal.GetCode(Target).Span));
        Assert.Equal(5u, journal.GetStorage(Target, 1u));
        Assert.Equal(UInt256.Zero, journal.GetStorage(Target, 2u));
        Assert.False(journal.IsWarm(Target));
        Assert.Empty(journal.GetWarmSlots());
        Assert.Equal(0, journal.Refund);
        machine.EndTransaction();
        Assert.Empty(machine.TakeDiff().Accounts);
    }

    [Fact]
    public void The_diff_is_sorted_and_holds_what_changed_only()
    {
        var state = new TestState().With(Target, "0x00", balance: 10).With(Sender, balance: 50);
        state.Storage[(Target, 3u)] = 5u;
        state.Storage[(Target, 9u)] = 5u;
        using EvmMachine machine = Begin(state);
        machine.Journal.SetStorage(Target, 9u, 0u);
        machine.Journal.SetStorage(Target, 3u, 8u);
        machine.Journal.SetStorage(Target, 1u, 1u);
        machine.Journal.SetStorage(Target, 2u, 2u);
        machine.Journal.SetStorage(Target, 2u, 0u);
        machine.Journal.AddBalance(Sender, 0u);
        machine.Journal.SetCode(Address.FromNumber(0x999999), [0xfe]);
        machine.EndTransaction();
        StateDiff diff = machine.TakeDiff();
        Assert.Equal([Target, Address.FromNumber(0x999999)], diff.Accounts.Select(a => a.Address));
        Assert.Equal([(1u, 1u), (3u, 8u), (9u, 0u)], diff.Accounts[0].Storage);
        Assert.Equal([(Keccak256.Hash([0xfe]), "0xfe")], diff.Codes.Select(c => (c.Hash, Hex.Encode(c.Code))));
    }

    [Fact]
    public void Touched_empty_accounts_leave_and_untouched_ones_stay()
    {
        Address touched = Address.FromNumber(0x111111), untouched = Address.FromNumber(0x222222);
        using EvmMachine machine = Begin(new TestState().With(touched).With(untouched));
        machine.Journal.Touch(touched);
        machine.Journal.GetBalance(untouched);
        JournalCheckpoint before = machine.Journal.Checkpoint();
        machine.Journal.Touch(untouched);
        machine.Journal.RevertTo(before);
        machine.EndTransaction();
        AccountChange change = Assert.Single(machine.TakeDiff().Accounts);
        Assert.Equal(touched, change.Address);
        Assert.False(change.Exists);
    }

    [Fact]
    public void Self_destruct_removes_old_contracts_before_cancun_only()
    {
        foreach (bool shanghai in new[] { true, false })
        {
            var state = new TestState().With(Target, "0x60aaff", balance: 10, nonce: 1);
            state.Storage[(Target, 1u)] = 5u;
            using EvmMachine machine = Begin(state, shanghai ? EvmRules.Shanghai : EvmRules.Cancun);
            Assert.Equal(Halt.SelfDestruct, machine.CallTarget().Halt);
            machine.EndTransaction();
            machine.StartTransaction(default);
            Assert.Equal(10u, machine.Journal.GetBalance(Address.FromNumber(0xaa)));
            Assert.Equal(UInt256.Zero, machine.Journal.GetBalance(Target));
            Assert.Equal(shanghai ? UInt256.Zero : 5u, machine.Journal.GetStorage(Target, 1u));
            machine.EndTransaction();
            AccountChange change = machine.TakeDiff().Accounts.Single(a => a.Address == Target);
            Assert.Equal(!shanghai, change.Exists);
            Assert.Equal(shanghai, change.StorageCleared);
        }
    }

    [Fact]
    public void A_contract_destroyed_where_it_was_made_leaves_nothing()
    {
        using EvmMachine machine = Begin(new TestState().With(Sender, balance: 10));
        CallResult result = machine.Call(new CallMessage { Caller = Sender, Input = Hex.Decode("0x6001600155" + "30ff"), Gas = 1_000_000, Value = 4u });
        Assert.True(result.IsSuccess);
        machine.EndTransaction();
        AccountChange change = Assert.Single(machine.TakeDiff().Accounts);
        Assert.Equal(Sender, change.Address);
        Assert.Equal(6u, change.Account.Balance); // paid to itself and destroyed: burned
    }

    [Fact]
    public void Storage_comes_anew_after_a_destruction_in_the_same_block()
    {
        var state = new TestState().With(Target, "0x60aaff", balance: 10, nonce: 1);
        state.Storage[(Target, 1u)] = 5u;
        state.Storage[(Target, 2u)] = 6u;
        using EvmMachine machine = Begin(state, EvmRules.Shanghai);
        machine.CallTarget();
        machine.EndTransaction();
        machine.StartTransaction(default);
        Assert.True(machine.Journal.IsFree(Target));
        machine.Journal.SetNonce(Target, 1);
        machine.Journal.SetStorage(Target, 2u, 9u);
        machine.EndTransaction();
        AccountChange change = machine.TakeDiff().Accounts.Single(a => a.Address == Target);
        Assert.True(change.Exists);
        Assert.True(change.StorageCleared);
        Assert.Equal([(2u, 9u)], change.Storage);
    }

    [Fact]
    public void Transient_storage_and_warmth_end_with_the_transaction()
    {
        using EvmMachine machine = Begin(new TestState().With(Target, "0x60015c600260015d5f5260205ff3"));
        Assert.Equal(UInt256.Zero, UInt256.FromBigEndian(machine.CallTarget().Output.Span));
        Assert.Equal(2u, UInt256.FromBigEndian(machine.CallTarget().Output.Span));
        machine.Journal.WarmAddress(Target);
        machine.EndTransaction();
        machine.StartTransaction(default);
        Assert.False(machine.Journal.IsWarm(Target));
        Assert.Equal(UInt256.Zero, UInt256.FromBigEndian(machine.CallTarget().Output.Span));
    }

    [Fact]
    public void Each_account_and_slot_is_read_once_a_block_and_only_when_needed()
    {
        var state = new TestState().With(Target, "0x600154600154600254");
        using EvmMachine machine = Begin(state);
        machine.Journal.WarmAddress(Address.FromNumber(0x777777));
        machine.Journal.WarmSlot(Address.FromNumber(0x777777), 3u);
        machine.CallTarget();
        machine.CallTarget();
        Assert.Equal(1, state.AccountReads.Count(a => a == Target));
        Assert.DoesNotContain(Address.FromNumber(0x777777), state.AccountReads);
        Assert.Equal([(Target, 1u), (Target, 2u)], state.SlotReads);
    }

    [Fact]
    public void Overrides_stand_for_the_state()
    {
        var state = new TestState().With(Target, "0x00");
        state.Storage[(Target, 1u)] = 5u;
        state.Storage[(Target, 2u)] = 6u;
        using EvmMachine machine = Begin(state);
        machine.Journal.Override(Target, new AccountOverride
        {
            Balance = 99u, Nonce = 4, Code = Hex.Decode("0x6001545f5260205ff3"), ReplacesStorage = true, Storage = [(1u, 17u)],
        });
        machine.StartTransaction(default);
        Assert.Equal(17u, UInt256.FromBigEndian(machine.CallTarget().Output.Span));
        Assert.Equal(99u, machine.Journal.GetBalance(Target));
        Assert.Equal(4ul, machine.Journal.GetNonce(Target));
        Assert.Equal(UInt256.Zero, machine.Journal.GetStorage(Target, 2u));
    }
}
