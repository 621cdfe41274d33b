using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

public sealed class TransactionPoolPropertyTests
{
    /// <summary>Random additions, blocks and reorgs: after each step the pool's books agree with the head, and what it calls executable is.</summary>
    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public async Task The_books_agree_after_any_history(int seed)
    {
        var random = new Random(seed);
        await using var rollup = new TestRollup(OptimismFork.Isthmus, o => o with { Pool = new PoolOptions { GlobalSlots = 20, GlobalQueue = 10, AccountQueue = 5 } });
        TransactionPool pool = rollup.Client.Pool;
        TestAccount[] accounts = [.. Enumerable.Range(0, 6).Select(i => new TestAccount($"account {i}"))];
        rollup.Build(noTxPool: true, forced: [.. accounts.Select((a, i) => TestRollup.Deposit(a.Address, Address.Zero, TestRollup.Ether / (ulong)(1 + (i * 100)), 0, (ulong)i))]);
        ulong salt = 100;
        for (int step = 0; step < 250; step++)
        {
            int choice = random.Next(100);
            if (choice < 80)
            {
                TestAccount account = accounts[random.Next(accounts.Length)];
                rollup.Client.Chain.OpenState(rollup.Head)!.TryGetAccount(account.Address, out Evm.Account state);
                ulong nonce = state.Nonce + (ulong)random.Next(5);
                pool.Add(account.Send(nonce, accounts[random.Next(accounts.Length)].Address, (ulong)random.Next(1_000_000), tipGwei: (ulong)random.Next(1, 40), feeCapGwei: (ulong)random.Next(40, 200)));
            }
            else if (choice < 95)
            {
                IReadOnlyList<SenderContent> before = pool.Content();
                ExecutedBlock block = rollup.Build(noTxPool: random.Next(4) == 0, salt: salt++);
                Assert.All(block.Transactions.Skip(1), t => Assert.Contains(before, c => c.Pending.Any(p => p.Hash == t.Hash)));
            }
            else if (rollup.Head.Number > 3)
            {
                ulong back = (ulong)random.Next(1, 3);
                ExecutedBlock parent = rollup.Client.Chain.FindCanonical(rollup.Head.Number - back)!;
                rollup.Build(noTxPool: random.Next(2) == 0, salt: salt++, parent: parent);
            }

            Assert.Null(pool.FindInconsistency());
        }
    }

    [Fact]
    public async Task Many_writers_and_readers_at_once_leave_the_books_in_order()
    {
        await using var rollup = new TestRollup(OptimismFork.Isthmus);
        TransactionPool pool = rollup.Client.Pool;
        TestAccount[] accounts = [.. Enumerable.Range(0, 4).Select(i => new TestAccount($"writer {i}"))];
        rollup.Build(noTxPool: true, forced: [.. accounts.Select((a, i) => TestRollup.Deposit(a.Address, Address.Zero, TestRollup.Ether, 0, (ulong)i))]);
        Transaction[][] sent = [.. accounts.Select(a => Enumerable.Range(1, 60).Select(n => a.Send((ulong)n, accounts[0].Address, tipGwei: (ulong)(1 + (n % 7)))).ToArray())];
        Task[] writers = [.. sent.Select(list => Task.Run(() =>
        {
            foreach (Transaction transaction in list) pool.Add(transaction);
        }))];
        while (!Task.WhenAll(writers).IsCompleted)
        {
            rollup.Build();
            pool.Content();
        }

        await Task.WhenAll(writers);
        while (pool.Count().Pending > 0) rollup.Build();
        Assert.Null(pool.FindInconsistency());
        Assert.Equal((0, 0), pool.Count());
        foreach (TestAccount account in accounts)
        {
            rollup.Client.Chain.OpenState(rollup.Head)!.TryGetAccount(account.Address, out Evm.Account state);
            Assert.Equal(61UL, state.Nonce);
        }
    }
}
