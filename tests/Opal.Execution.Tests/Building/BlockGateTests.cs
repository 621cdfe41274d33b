using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests;

/// <summary>A builder that errs never gives out a wrong block.</summary>
public sealed class BlockGateTests
{
    private static readonly TestAccount[] Senders = [.. Enumerable.Range(0, 12).Select(i => new TestAccount($"gate {i}"))];

    private static Address Poison(int i) => Address.FromNumber(0x9015_0000 + (ulong)i);

    private static TestRollup Start(LogCollector logs, PayloadBuilderOptions? options = null)
    {
        var rollup = new TestRollup(OptimismFork.Jovian, o => o with { Builder = options ?? o.Builder with { RepairBudget = TimeSpan.FromSeconds(20) } }, loggers: logs);
        rollup.Build(noTxPool: true, forced: [.. Senders.Select((a, i) => TestRollup.Deposit(a.Address, Address.Zero, TestRollup.Ether, 0, (ulong)i))]);
        return rollup;
    }

    /// <summary>Builds a block with the builder's view of the state made wrong, and checks it against a client that is sound.</summary>
    private static Block BuildAndVerify(TestRollup rollup)
    {
        ExecutedBlock parent = rollup.Head;
        BuiltPayload built = rollup.Take(rollup.Begin(rollup.Attributes(parent)));
        Assert.Equal(parent.Hash, built.Block.Header.ParentHash);
        using (var executor = new BlockExecutor(rollup.Client.Chain.Crypto, rollup.Client.Chain.Spec))
        {
            ExecutionResult again = executor.Execute(parent.Header, built.Block, rollup.Client.Chain.OpenState(parent)!);
            Assert.True(again.IsValid, again.Describe());
            Assert.Equal(again.Receipts.Select(r => r.Encode()), built.Built.Receipts.Select(r => r.Encode()));
        }

        Assert.Equal(PayloadVerdict.Valid, rollup.Import(built.Block).Verdict);
        Assert.Equal(PayloadVerdict.Valid, rollup.Choose(built.Block.Hash).Status.Verdict);
        return built.Block;
    }

    public static TheoryData<int[]> BadOnes => [[0], [11], [5], [2, 3], [0, 4, 8, 11], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]];

    [Theory, MemberData(nameof(BadOnes))]
    public async Task Transactions_the_builder_gets_wrong_are_left_out_dropped_and_told(int[] bad)
    {
        var logs = new LogCollector();
        await using TestRollup rollup = Start(logs);
        HashSet<Address> poisoned = [.. bad.Select(Poison)];
        rollup.Client.Builder.Wrap = state => new FaultyState(state, poisoned);
        Transaction[] sent = [.. Senders.Select((a, i) => a.Send(1, Poison(i), value: 7, tipGwei: (ulong)(30 - i)))];
        foreach (Transaction transaction in sent) Assert.True(rollup.Client.Pool.Add(transaction).IsAccepted);

        Block block = BuildAndVerify(rollup);

        Assert.Equal(sent.Where((_, i) => !bad.Contains(i)).Select(t => t.Hash), block.Transactions.Skip(1).Select(t => t.Hash));
        foreach (int i in bad)
        {
            Assert.Null(rollup.Client.Pool.Find(sent[i].Hash));
            Assert.Contains(logs.At(LogLevel.Error), line => line.Contains(sent[i].Hash.ToString(), StringComparison.Ordinal) && line.Contains(Hex.Encode(sent[i].Encoded), StringComparison.Ordinal));
        }

        Assert.Contains(logs.At(LogLevel.Error), line => line.Contains("state root by the builder", StringComparison.Ordinal) && line.Contains("by the import path 0x", StringComparison.Ordinal));
        Assert.Equal(bad.Length, rollup.Client.Builder.Counters.Offenders);
        Assert.True(rollup.Client.Builder.Counters.Mismatches >= 1);
        Assert.Equal(bad.Length, rollup.Client.Pool.CountDropped(PoolDropReason.BuiltWrong));
    }

    [Fact]
    public async Task When_every_candidate_is_bad_the_block_has_the_forced_transactions_only()
    {
        var logs = new LogCollector();
        await using TestRollup rollup = Start(logs);
        HashSet<Address> poisoned = [Poison(0)];
        rollup.Client.Builder.Wrap = state => new FaultyState(state, poisoned);
        foreach (TestAccount sender in Senders) Assert.True(rollup.Client.Pool.Add(sender.Send(1, Poison(0), value: 7)).IsAccepted);
        Assert.Single(BuildAndVerify(rollup).Transactions);
        Assert.Equal((0, 0), rollup.Client.Pool.Count());
    }

    [Fact]
    public async Task When_the_forced_transactions_alone_come_out_wrong_there_is_no_payload()
    {
        var logs = new LogCollector();
        await using TestRollup rollup = Start(logs);
        HashSet<Address> poisoned = [Poison(1)];
        rollup.Client.Builder.Wrap = state => new FaultyState(state, poisoned);
        foreach (bool noTxPool in (bool[])[true, false])
        {
            PayloadId id = rollup.Begin(rollup.Attributes(rollup.Head, noTxPool, forced: TestRollup.Deposit(Alice.Address, Poison(1), 5, 5)));
            EngineException error = Assert.Throws<EngineException>(() => rollup.Take(id));
            Assert.Equal(RpcErrorCode.InternalError, error.Code);
            Assert.Contains("forced transactions", error.Message, StringComparison.Ordinal);
            Assert.Throws<EngineException>(() => rollup.Take(id));
        }

        Assert.Equal(2, logs.At(LogLevel.Critical).Count);
        rollup.Client.Builder.Wrap = state => state; // and the same payload can be begun again once the fault is gone
        Assert.Equal(2, rollup.Take(rollup.Begin(rollup.Attributes(rollup.Head, forced: TestRollup.Deposit(Alice.Address, Poison(1), 5, 5)))).Block.Transactions.Length);
    }

    [Fact]
    public async Task What_a_rejected_transaction_left_behind_does_not_get_into_a_block()
    {
        var logs = new LogCollector();
        await using TestRollup rollup = Start(logs);

        // the head moves on while a payload is built on its parent: what fits the new head does not fit there
        ExecutedBlock parent = rollup.Head;
        TestAccount spender = Senders[0];
        rollup.Client.Builder.Wrap = state => new FaultyState(state, new HashSet<Address>(), tainting: spender.Address, victim: Poison(3));
        PayloadId id = rollup.Begin(rollup.Attributes(parent));
        rollup.Build(noTxPool: true, salt: 5, parent: parent, forced: spender.Send(1, Bob.Address));
        Transaction early = spender.Send(2, Bob.Address, value: 1, tipGwei: 50);
        Transaction[] good = [.. Senders.Skip(1).Select((a, i) => a.Send(1, Poison(i), value: 3, tipGwei: (ulong)(30 - i)))];
        Assert.True(rollup.Client.Pool.Add(early).IsAccepted);
        foreach (Transaction transaction in good) Assert.True(rollup.Client.Pool.Add(transaction).IsAccepted);

        BuiltPayload built = rollup.Take(id);

        Assert.Equal(parent.Hash, built.Block.Header.ParentHash);
        Assert.Equal(good.Select(t => t.Hash).Order(), built.Block.Transactions.Skip(1).Select(t => t.Hash).Order());
        Assert.Equal(1, rollup.Client.Builder.Counters.Offenders);
        Assert.Null(rollup.Client.Pool.Find(early.Hash));
        rollup.Client.Builder.Wrap = state => state;
        Assert.Equal(InsertStatus.AlreadyKnown, rollup.Client.Chain.Insert(built.Block).Status); // kept before it was given out
        using ExecutorLease lease = rollup.Client.Chain.RentExecutor();
        Assert.True(lease.Executor.Execute(parent.Header, built.Block, rollup.Client.Chain.OpenState(parent)!).IsValid);
    }

    [Fact]
    public async Task The_search_ends_in_time_with_the_largest_good_block_found()
    {
        var logs = new LogCollector();
        await using TestRollup rollup = Start(logs, new PayloadBuilderOptions { RepairBudget = TimeSpan.Zero });
        HashSet<Address> poisoned = [Poison(5)];
        rollup.Client.Builder.Wrap = state => new FaultyState(state, poisoned);
        for (int i = 0; i < Senders.Length; i++) Assert.True(rollup.Client.Pool.Add(Senders[i].Send(1, Poison(i), value: 7, tipGwei: (ulong)(30 - i))).IsAccepted);
        Assert.Single(BuildAndVerify(rollup).Transactions);
    }

    [Fact]
    public async Task A_better_block_is_ready_before_it_is_asked_for()
    {
        await using TestRollup rollup = Start(new LogCollector());
        PayloadId id = rollup.Begin(rollup.Attributes(rollup.Head));
        for (int i = 0; i < Senders.Length; i++)
        {
            Assert.True(rollup.Client.Pool.Add(Senders[i].Send(1, Bob.Address)).IsAccepted);
            long before = rollup.Client.Builder.Counters.Gated;
            var waited = Stopwatch.StartNew();
            while (rollup.Client.Builder.Counters.Gated == before && waited.Elapsed < TimeSpan.FromSeconds(20)) await Task.Delay(5);
            Assert.True(rollup.Client.Builder.Counters.Gated > before);
        }

        Assert.Equal(1 + Senders.Length, rollup.Take(id).Block.Transactions.Length);
    }
}
