using Opal.Primitives;
using Opal.Protocol;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests;

public sealed class TransactionPoolTests
{
    private static void Refused(TestRollup rollup, Transaction transaction, PoolError error, string message)
    {
        PoolAddResult result = rollup.Client.Pool.Add(transaction);
        Assert.Equal(error, result.Error);
        Assert.StartsWith(message, result.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Refusals_carry_the_messages_clients_know()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        Assert.True(rollup.Client.Pool.Add(Bob.Send(0, Alice.Address)).IsAccepted);
        rollup.Build();

        Refused(rollup, Bob.Send(0, Alice.Address, value: 9), PoolError.NonceTooLow, "nonce too low");
        Refused(rollup, Alice.Send(0, Bob.Address, gas: 20_999), PoolError.IntrinsicGas, "intrinsic gas too low");
        Refused(rollup, Alice.Send(0, Bob.Address, data: new byte[1000], gas: 26_000), PoolError.FloorDataGas, "insufficient gas for floor data gas cost");
        Refused(rollup, Alice.Send(0, Bob.Address, gas: TestRollup.GasLimit + 1), PoolError.ExceedsBlockGasLimit, "exceeds block gas limit");
        Refused(rollup, Alice.Send(0, Bob.Address, tipGwei: 101), PoolError.TipAboveFeeCap, "max priority fee per gas higher than max fee per gas");
        Refused(rollup, Alice.Send(0, Bob.Address, tipGwei: 0), PoolError.Underpriced, "transaction underpriced");
        Refused(rollup, Alice.Send(0, Bob.Address, chainId: 1), PoolError.InvalidSender, "invalid sender");
        Refused(rollup, Alice.Send(0, Bob.Address, data: new byte[200_000], gas: 10_000_000), PoolError.Oversized, "oversized data");
        Refused(rollup, Alice.Send(0, null, data: new byte[49_153], gas: 10_000_000), PoolError.InitCodeTooLarge, "max initcode size exceeded");
        Refused(rollup, new TestAccount("poor").Send(0, Bob.Address), PoolError.InsufficientFunds, "insufficient funds for gas * price + value");
        Refused(rollup, TestRollup.Deposit(Alice.Address, Bob.Address, 1, 1), PoolError.TypeNotSupported, "transaction type not supported");
        Transaction good = Alice.Send(0, Bob.Address);
        Assert.True(rollup.Client.Pool.Add(good).IsAccepted);
        Refused(rollup, good, PoolError.AlreadyKnown, "already known");
    }

    [Fact]
    public async Task A_reorg_loses_none_of_an_accounts_many_executable_transactions()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        ExecutedBlock parent = rollup.Head;
        ulong nonce = 0;
        for (; nonce < 10; nonce++) Assert.True(rollup.Client.Pool.Add(Alice.Send(nonce, Bob.Address)).IsAccepted);
        ExecutedBlock old = rollup.Build();
        Assert.Equal(11, old.Transactions.Count);
        for (; nonce < 110; nonce++) Assert.True(rollup.Client.Pool.Add(Alice.Send(nonce, Bob.Address)).IsAccepted); // more than may wait, and none of them waits

        // for a moment all of these are behind a gap
        rollup.Build(noTxPool: true, salt: 1, parent: parent);
        Assert.NotEqual(old.Hash, rollup.Head.Hash);
        Assert.Equal(110UL, rollup.Client.Pool.PendingNonce(Alice.Address));
        Assert.Equal(0, rollup.Client.Pool.Size.Queued);
    }

    [Fact]
    public async Task Blob_transactions_are_refused_on_a_rollup()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        Transaction blob = Alice.Sign(new Transaction
        {
            Type = TransactionType.Blob, ChainId = TestRollup.ChainId, To = Bob.Address, GasLimit = 21_000, MaxFeePerGas = 1_000_000_000UL, MaxPriorityFeePerGas = 1_000_000_000UL,
            MaxFeePerBlobGas = 1UL, BlobVersionedHashes = [Hash256.FromUInt256(UInt256.One << 248)],
        });
        Refused(rollup, blob, PoolError.TypeNotSupported, "transaction type not supported");
    }

    [Fact]
    public async Task The_balance_must_cover_data_and_operator_fee()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        Transaction probe = Alice.Send(0, Bob.Address, feeCapGwei: 10);
        PoolTransaction pooled = rollup.Client.Pool.Add(probe).Added!;
        Assert.True(pooled.RollupCost > new UInt256(1000)); // operator fee constant 1000 wei, and a data fee
        UInt256 balance = rollup.BalanceOf(Alice.Address);
        Assert.Equal(pooled.ExecutionCost + pooled.RollupCost, pooled.TotalCost);

        // everything but the fees of the rollup: refused; less by a margin: accepted
        UInt256 gas = new UInt256(21_000) * 10_000_000_000UL;
        Transaction Spend(UInt256 value) => Bob.Sign(new Transaction
        {
            Type = TransactionType.DynamicFee, ChainId = TestRollup.ChainId, To = Alice.Address, GasLimit = 21_000, MaxFeePerGas = 10_000_000_000UL,
            MaxPriorityFeePerGas = 1_000_000_000UL, Value = value,
        });
        Refused(rollup, Spend(balance - gas), PoolError.InsufficientFunds, "insufficient funds");
        Assert.True(rollup.Client.Pool.Add(Spend(balance - gas - (pooled.RollupCost * 2UL))).IsAccepted);
    }

    [Fact]
    public async Task A_gap_waits_until_it_is_filled()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        TransactionPool pool = rollup.Client.Pool;
        var promoted = new List<Hash256>();
        pool.PendingAdded += added => promoted.AddRange(added.Select(t => t.Hash));
        Transaction[] sent = [.. Enumerable.Range(0, 4).Select(n => Alice.Send((ulong)n, Bob.Address))];
        Assert.True(pool.Add(sent[3]).IsAccepted);
        Assert.True(pool.Add(sent[1]).IsAccepted);
        Assert.Equal((0, 2), pool.Count());
        Assert.Equal(0UL, pool.PendingNonce(Alice.Address));
        Assert.True(pool.Add(sent[0]).IsAccepted);
        Assert.Equal((2, 1), pool.Count());
        Assert.Equal(2UL, pool.PendingNonce(Alice.Address));
        Assert.True(pool.Add(sent[2]).IsAccepted);
        Assert.Equal((4, 0), pool.Count());
        Assert.Equal([sent[0].Hash, sent[1].Hash, sent[2].Hash, sent[3].Hash], promoted);
        Assert.Equal(4, rollup.Build().Transactions.Count - 1);
        Assert.Equal((0, 0), pool.Count());
        Assert.Equal(4UL, pool.PendingNonce(Alice.Address));
    }

    [Fact]
    public async Task A_replacement_must_be_a_tenth_dearer_in_both_fees()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        TransactionPool pool = rollup.Client.Pool;
        Transaction first = Alice.Send(0, Bob.Address, tipGwei: 10, feeCapGwei: 100);
        Assert.True(pool.Add(first).IsAccepted);
        Refused(rollup, Alice.Send(0, Bob.Address, tipGwei: 10, feeCapGwei: 200), PoolError.ReplacementUnderpriced, "replacement transaction underpriced");
        Refused(rollup, Alice.Send(0, Bob.Address, tipGwei: 20, feeCapGwei: 109), PoolError.ReplacementUnderpriced, "replacement transaction underpriced");
        Transaction second = Alice.Send(0, Bob.Address, tipGwei: 11, feeCapGwei: 110);
        Assert.True(pool.Add(second).IsAccepted);
        Assert.Null(pool.Find(first.Hash));
        Assert.Equal((1, 0), pool.Count());
        Assert.Equal([second.Hash], rollup.Build().Transactions.Skip(1).Select(t => t.Hash));
    }

    [Fact]
    public async Task A_full_pool_drops_the_cheapest()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus, o => o with { Pool = new PoolOptions { GlobalSlots = 2, GlobalQueue = 1 } });
        TransactionPool pool = rollup.Client.Pool;
        Assert.True(pool.Add(Alice.Send(0, Bob.Address, tipGwei: 5)).IsAccepted);
        Transaction cheap = Alice.Send(1, Bob.Address, tipGwei: 2);
        Assert.True(pool.Add(cheap).IsAccepted);
        Transaction waits = Alice.Send(5, Bob.Address, tipGwei: 90);
        Assert.True(pool.Add(waits).IsAccepted);
        Assert.True(pool.Add(Bob.Send(0, Alice.Address, tipGwei: 3)).IsAccepted);
        Assert.Null(pool.Find(waits.Hash)); // what waits goes first
        Assert.True(pool.Add(Bob.Send(1, Alice.Address, tipGwei: 9)).IsAccepted);
        Assert.Null(pool.Find(cheap.Hash));
        Refused(rollup, new TestAccountFunded().Send(rollup), PoolError.Underpriced, "transaction underpriced");
        Assert.Equal((3, 0), pool.Count());
    }

    /// <summary>An account that a deposit funds.</summary>
    private sealed class TestAccountFunded
    {
        private readonly TestAccount _account = new("carol");

        public Transaction Send(TestRollup rollup)
        {
            rollup.Build(noTxPool: true, forced: TestRollup.Deposit(_account.Address, Address.Zero, TestRollup.Ether, 0));
            return _account.Send(1, Bob.Address, tipGwei: 1); // the deposit counted as its first
        }
    }

    [Fact]
    public async Task A_delegated_account_has_one_transaction_in_flight()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        TransactionPool pool = rollup.Client.Pool;
        Transaction setCode = Bob.Sign(new Transaction
        {
            Type = TransactionType.SetCode, ChainId = TestRollup.ChainId, To = Bob.Address, GasLimit = 100_000, MaxFeePerGas = 10_000_000_000UL, MaxPriorityFeePerGas = 1_000_000_000UL,
            AuthorizationList = [Alice.Authorize(TestRollup.ChainId, TestCode.Store, 0)],
        });
        Assert.True(pool.Add(setCode).IsAccepted);
        rollup.Build();
        Assert.True(pool.Add(Alice.Send(1, Bob.Address)).IsAccepted);
        Refused(rollup, Alice.Send(2, Bob.Address), PoolError.InFlightLimit, "in-flight transaction limit reached");
        Assert.True(pool.Add(Alice.Send(1, Bob.Address, tipGwei: 5, feeCapGwei: 200)).IsAccepted);
        rollup.Build();
        Refused(rollup, Alice.Send(3, Bob.Address), PoolError.InFlightLimit, "gapped-nonce tx from delegated accounts");
    }

    [Fact]
    public async Task An_account_with_several_transactions_cannot_be_delegated_by_another()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        TransactionPool pool = rollup.Client.Pool;
        Transaction SetCode(ulong nonce) => Bob.Sign(new Transaction
        {
            Type = TransactionType.SetCode, ChainId = TestRollup.ChainId, Nonce = nonce, To = Bob.Address, GasLimit = 100_000, MaxFeePerGas = 10_000_000_000UL,
            MaxPriorityFeePerGas = 1_000_000_000UL, AuthorizationList = [Alice.Authorize(TestRollup.ChainId, TestCode.Store, 0)],
        });
        Transaction first = Alice.Send(0, Bob.Address);
        Assert.True(pool.Add(first).IsAccepted);
        Assert.True(pool.Add(SetCode(0)).IsAccepted);
        Refused(rollup, Alice.Send(1, Bob.Address), PoolError.InFlightLimit, "in-flight transaction limit reached for delegated accounts");
        Assert.True(pool.Add(Alice.Send(0, Bob.Address, tipGwei: 5, feeCapGwei: 200)).IsAccepted); // a replacement may come

        await using var other = new TestRollup(OptimismFork.Isthmus);
        Assert.True(other.Client.Pool.Add(Alice.Send(0, Bob.Address)).IsAccepted);
        Assert.True(other.Client.Pool.Add(Alice.Send(1, Bob.Address)).IsAccepted);
        Refused(other, SetCode(0), PoolError.AuthorityReserved, "authority already reserved");
        other.Build();
        Assert.True(other.Client.Pool.Add(SetCode(0)).IsAccepted);
    }

    [Fact]
    public async Task What_waits_is_bounded_for_each_account_and_in_all_and_gaps_of_one_cost_the_others_nothing()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus, o => o with { Pool = new PoolOptions { AccountQueue = 6, GlobalQueue = 8 } });
        TransactionPool pool = rollup.Client.Pool;
        Transaction honest = Bob.Send(0, Alice.Address), waits = Bob.Send(2, Alice.Address);
        Assert.True(pool.Add(honest).IsAccepted);
        Assert.True(pool.Add(waits).IsAccepted);
        for (ulong nonce = 5; nonce < 11; nonce++) Assert.True(pool.Add(Alice.Send(nonce, Bob.Address, tipGwei: 90)).IsAccepted);
        Refused(rollup, Alice.Send(11, Bob.Address, tipGwei: 90), PoolError.QueueLimit, "too many waiting transactions");
        Assert.True(pool.Add(Alice.Send(2, Bob.Address, tipGwei: 90)).IsAccepted); // an earlier one takes the place of the last
        Assert.Equal(1, pool.CountDropped(PoolDropReason.AccountQueueFull));
        Assert.Equal((1, 7), pool.Count());
        Assert.True(pool.Add(Bob.Send(3, Alice.Address)).IsAccepted);
        Assert.True(pool.Add(Bob.Send(4, Alice.Address)).IsAccepted);
        Assert.Equal((1, 8), pool.Count());
        Assert.Equal(1, pool.CountDropped(PoolDropReason.QueueFull));
        Assert.NotNull(pool.Find(honest.Hash));
        Assert.NotNull(pool.Find(waits.Hash));
        Assert.Equal(3, pool.ContentFrom(Bob.Address)!.Queued.Count);
    }

    [Fact]
    public async Task A_larger_replacement_needs_room_too()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus, o => o with { Pool = new PoolOptions { GlobalSlots = 2, GlobalQueue = 1 } });
        TransactionPool pool = rollup.Client.Pool;
        for (ulong nonce = 0; nonce < 2; nonce++) Assert.True(pool.Add(Alice.Send(nonce, Bob.Address, tipGwei: 2)).IsAccepted);
        Assert.True(pool.Add(Bob.Send(0, Alice.Address, tipGwei: 5)).IsAccepted);
        Assert.True(pool.Add(Bob.Send(0, Alice.Address, data: new byte[40_000], gas: 500_000, tipGwei: 9, feeCapGwei: 200)).IsAccepted);
        Assert.Equal(3, pool.Size.Slots);
        Assert.Equal((2, 0), pool.Count());
        Assert.Null(pool.FindInconsistency());
    }

    [Fact]
    public async Task Above_the_slots_for_executable_ones_every_account_keeps_its_share()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus, o => o with { Pool = new PoolOptions { AccountSlots = 3, GlobalSlots = 8, GlobalQueue = 4 } });
        TransactionPool pool = rollup.Client.Pool;
        for (ulong nonce = 0; nonce < 8; nonce++) Assert.True(pool.Add(Alice.Send(nonce, Bob.Address, tipGwei: 90)).IsAccepted);
        Assert.Equal(PoolError.PoolFull, pool.Add(Alice.Send(8, Bob.Address, tipGwei: 90)).Error);
        for (ulong nonce = 0; nonce < 3; nonce++) Assert.True(pool.Add(Bob.Send(nonce, Alice.Address, tipGwei: 1)).IsAccepted);
        Assert.Equal(3, pool.ContentFrom(Bob.Address)!.Pending.Count);
        Assert.Equal(5, pool.ContentFrom(Alice.Address)!.Pending.Count);
        Assert.Equal((8, 0), pool.Count());
        Assert.Null(pool.FindInconsistency());
    }

    [Fact]
    public async Task Local_accounts_are_kept_by_no_price_and_dropped_by_no_limit()
    {
        var time = new ManualTime();
        await using var rollup = new TestRollup(
            OptimismFork.Isthmus, o => o with { Pool = new PoolOptions { AccountSlots = 1, GlobalSlots = 2, GlobalQueue = 1, Locals = [Alice.Address] } }, time);
        TransactionPool pool = rollup.Client.Pool;
        Assert.True(pool.Add(Alice.Send(0, Bob.Address, tipGwei: 0)).IsAccepted);
        Assert.True(pool.Add(Alice.Send(4, Bob.Address, tipGwei: 0)).IsAccepted);
        for (ulong nonce = 0; nonce < 4; nonce++) pool.Add(Bob.Send(nonce, Alice.Address, tipGwei: 50));
        Assert.True(pool.Add(Alice.Send(1, Bob.Address, tipGwei: 0)).IsAccepted);
        Assert.True(pool.Add(Alice.Send(2, Bob.Address, tipGwei: 0)).IsAccepted);
        time.Advance(TimeSpan.FromDays(1));
        pool.Tidy();
        Assert.Equal(3, pool.ContentFrom(Alice.Address)!.Pending.Count);
        Assert.Single(pool.ContentFrom(Alice.Address)!.Queued);
        Assert.Null(pool.FindInconsistency());
    }

    [Fact]
    public async Task Waiting_transactions_expire_though_the_head_stands_still()
    {
        var time = new ManualTime();
        await using var rollup = new TestRollup(OptimismFork.Isthmus, time: time);
        Assert.True(rollup.Client.Pool.Add(Alice.Send(3, Bob.Address)).IsAccepted);
        time.Advance(TimeSpan.FromHours(2));
        rollup.Client.Pool.Tidy();
        Assert.Equal((0, 1), rollup.Client.Pool.Count());
        time.Advance(TimeSpan.FromHours(2));
        rollup.Client.Pool.Tidy();
        Assert.Equal((0, 0), rollup.Client.Pool.Count());
        Assert.Equal(1, rollup.Client.Pool.CountDropped(PoolDropReason.Expired));
    }

    [Fact]
    public async Task Waiting_transactions_expire()
    {
        var time = new ManualTime();
        await using var rollup = new TestRollup(OptimismFork.Isthmus, time: time);
        Assert.True(rollup.Client.Pool.Add(Alice.Send(3, Bob.Address)).IsAccepted);
        rollup.Build();
        Assert.Equal((0, 1), rollup.Client.Pool.Count());
        time.Advance(TimeSpan.FromHours(4));
        rollup.Build();
        Assert.Equal((0, 0), rollup.Client.Pool.Count());
    }

    [Fact]
    public async Task Transactions_that_are_no_longer_payable_leave()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        TransactionPool pool = rollup.Client.Pool;
        UInt256 most = rollup.BalanceOf(Alice.Address) - TestRollup.Ether;
        Transaction Spend(ulong nonce, UInt256 value) => Alice.Sign(new Transaction
        {
            Type = TransactionType.DynamicFee, ChainId = TestRollup.ChainId, Nonce = nonce, To = Bob.Address, GasLimit = 21_000, MaxFeePerGas = 10_000_000_000UL,
            MaxPriorityFeePerGas = 1_000_000_000UL, Value = value,
        });
        Assert.True(pool.Add(Spend(0, UInt256.One)).IsAccepted);
        Refused(rollup, Spend(1, rollup.BalanceOf(Alice.Address) - (TestRollup.Ether / 10_000UL)), PoolError.InsufficientFunds, "insufficient funds");
        Assert.True(pool.Add(Spend(1, most)).IsAccepted);

        // a block from elsewhere spends the money first
        await using var other = new TestRollup(OptimismFork.Isthmus);
        Assert.True(other.Client.Pool.Add(Spend(0, most)).IsAccepted);
        ExecutedBlock block = other.Build();
        rollup.Import(block.Block);
        rollup.Choose(block.Hash);
        Assert.Equal((0, 0), pool.Count());
    }

    [Fact]
    public void A_pool_that_accepts_blobs_needs_their_proofs()
    {
        Assert.Throws<ArgumentException>(() => new TestRollup(OptimismFork.Isthmus, o => o with { Pool = new PoolOptions { AcceptBlobs = true } }));
    }
}
