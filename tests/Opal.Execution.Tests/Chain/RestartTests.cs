using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution.Tests;

/// <summary>A chain on disk, dropped without being closed, and opened again.</summary>
public sealed class RestartTests
{
    private const OptimismFork Fork = OptimismFork.Isthmus;

    private static TestRollup Start(TestDisk disk) => new(Fork, o => o with { OpenStorage = disk.Open });

    private static void AssertSame(ExecutedBlock expected, ExecutedBlock? actual)
    {
        Assert.NotNull(actual);
        Assert.Equal(expected.Block.Encode(), actual.Block.Encode());
        Assert.Equal(expected.Receipts.Select(r => Hex.Encode(r.Encode())), actual.Receipts.Select(r => Hex.Encode(r.Encode())));
        Assert.Equal(expected.Receipts.Select(r => r.GasUsed), actual.Receipts.Select(r => r.GasUsed));
    }

    [Fact]
    public async Task Everything_is_there_after_a_crash()
    {
        var disk = new TestDisk();
        List<ExecutedBlock> blocks = [];
        TestRollup rollup = Start(disk);
        for (int i = 0; i < 40; i++)
        {
            TestAccount user = TestAccount.Alice;
            Assert.True(rollup.Client.Pool.Add(user.Send((ulong)i, TestCode.Store, data: new byte[32], gas: 100_000)).IsAccepted);
            blocks.Add(rollup.Build());
        }

        rollup.Choose(blocks[39].Hash, blocks[30].Hash, blocks[20].Hash);

        await using TestRollup again = Start(disk);
        Blockchain chain = again.Client.Chain;
        Assert.Equal(blocks[39].Hash, chain.Head.Hash);
        Assert.Equal(blocks[30].Hash, chain.Heads.Safe!.Hash);
        Assert.Equal(blocks[20].Hash, chain.Heads.Finalized!.Hash);
        foreach (ExecutedBlock block in blocks)
        {
            AssertSame(block, chain.FindCanonical(block.Number));
            AssertSame(block, chain.Find(block.Hash));
            Assert.Equal(block.Header.Encode(), chain.FindHeader(block.Hash)!.Encode());
            Assert.Equal(block.Header.Encode(), chain.FindCanonicalHeader(block.Number)!.Encode());
            for (int i = 0; i < block.Transactions.Count; i++)
            {
                Assert.True(chain.TryFindTransaction(block.Transactions[i].Hash, out TransactionLocation location));
                Assert.Equal((block, i), (location.Block, location.Index));
            }
        }

        Assert.Null(chain.FindCanonical(41));
        Assert.Null(chain.Find(Keccak256.Hash([1])));
        Assert.False(chain.TryFindTransaction(Keccak256.Hash([1]), out _));
        Assert.Equal(rollup.BalanceOf(TestAccount.Alice.Address), again.BalanceOf(TestAccount.Alice.Address));
        Assert.Equal(41UL, again.Build().Number);
    }

    [Fact]
    public async Task A_closed_chain_opens_again_without_reading_the_journal()
    {
        var disk = new TestDisk();
        Hash256 head;
        await using (TestRollup rollup = Start(disk))
        {
            for (int i = 0; i < 7; i++) rollup.Build();
            head = rollup.Head.Hash;
        }

        await using TestRollup again = Start(disk);
        Assert.Equal(head, again.Head.Hash);
    }

    [Fact]
    public async Task Reorgs_survive_and_side_blocks_can_become_canonical_after_a_restart()
    {
        var disk = new TestDisk();
        TestRollup rollup = Start(disk);
        for (int i = 0; i < 8; i++) rollup.Build();
        ExecutedBlock fork = rollup.Head;
        for (int i = 0; i < 4; i++) rollup.Build(salt: 1);
        ExecutedBlock first = rollup.Head;
        ExecutedBlock parent = fork;
        for (int i = 0; i < 3; i++)
        {
            BuiltPayload built = rollup.Take(rollup.Begin(rollup.Attributes(parent, salt: 9), parent));
            rollup.Import(built.Block);
            rollup.Choose(built.Block.Hash);
            parent = rollup.Head;
        }

        ExecutedBlock second = parent;
        Assert.Equal(fork.Number + 3, second.Number);

        await using TestRollup again = Start(disk);
        Blockchain chain = again.Client.Chain;
        Assert.Equal(second.Hash, chain.Head.Hash);
        Assert.Null(chain.FindCanonical(first.Number));
        AssertSame(first, chain.Find(first.Hash));
        Assert.False(chain.IsCanonical(first));
        Assert.True(chain.TrySetHead(first.Hash)); // its states were lost with the process: they are made again
        Assert.NotNull(chain.OpenState(first));
        Assert.Equal(first.Hash, chain.FindCanonical(first.Number)!.Hash);
        Assert.False(chain.IsCanonical(second));
        again.Build();
    }

    [Fact]
    public async Task A_deep_reorg_moves_the_indexes_too()
    {
        var disk = new TestDisk();
        await using TestRollup rollup = Start(disk);
        List<ExecutedBlock> old = [];
        for (int i = 0; i < 40; i++) old.Add(rollup.Build());
        Blockchain chain = rollup.Client.Chain;
        Assert.True(chain.TryRewindHead(10));
        Assert.Equal(10UL, chain.Head.Number);
        Assert.Null(chain.FindCanonical(11));
        Assert.False(chain.TryFindTransaction(old[15].Transactions[0].Hash, out _));
        List<ExecutedBlock> next = [];
        for (int i = 0; i < 35; i++) next.Add(rollup.Build(salt: 5));

        await using TestRollup again = Start(disk);
        chain = again.Client.Chain;
        Assert.Equal(next[^1].Hash, chain.Head.Hash);
        foreach (ExecutedBlock block in old.Take(10).Concat(next))
        {
            Assert.True(chain.IsCanonical(block));
            Assert.Equal(block, chain.Find(block.Hash));
            Assert.True(chain.TryFindTransaction(block.Transactions[0].Hash, out TransactionLocation at));
            Assert.Equal(block, at.Block);
        }

        Assert.All(old.Skip(10), block => Assert.False(chain.IsCanonical(block)));
    }

    /// <summary>What a client has promised: blocks called valid are kept, and the head is not older than the safe head last acknowledged.</summary>
    private sealed class Promises
    {
        public Hash256 Safe { get; set; }
        public ulong SafeNumber { get; set; }
        public List<(ulong Number, Hash256 Hash)> Valid { get; } = [];
    }

    /// <summary>Some blocks, reorgs and fork choices, until it is done or the disk fails.</summary>
    private static void Play(TestRollup rollup, Promises promises, int seed)
    {
        var random = new Random(seed);
        ulong nonce = rollup.Client.Chain.OpenState(rollup.Head)!.TryGetAccount(TestAccount.Bob.Address, out Evm.Account bob) ? bob.Nonce : 0;
        for (int i = 0; i < 14; i++)
        {
            ExecutedBlock head = rollup.Head;
            ulong safe = rollup.Client.Chain.Heads.Safe?.Number ?? 0;
            ExecutedBlock parent = random.Next(4) == 0 && head.Number > safe ? rollup.Client.Chain.FindCanonical(safe + (ulong)random.NextInt64((long)(head.Number - safe)))! : head;
            BuiltPayload built = rollup.Take(rollup.Begin(rollup.Attributes(parent, salt: (ulong)random.Next(1000), noTxPool: true, forced: TestRollup.Deposit(TestAccount.Bob.Address, TestAccount.Alice.Address, new UInt256(5), 3, nonce++)), parent));
            promises.Valid.Add((built.Block.Number, built.Block.Hash)); // given out
            Assert.Equal(PayloadVerdict.Valid, rollup.Import(built.Block).Verdict);
            ulong newSafe = random.Next(3) == 0 ? Math.Max(safe, built.Block.Number - (ulong)random.NextInt64(0, (long)(built.Block.Number - safe) + 1)) : safe;
            Hash256 safeHash = default;
            if (newSafe > 0)
            {
                ExecutedBlock at = rollup.Client.Chain.Find(built.Block.Hash)!;
                while (at.Number > newSafe) at = rollup.Client.Chain.Find(at.Header.ParentHash)!;
                safeHash = at.Hash;
            }

            Assert.Equal(PayloadVerdict.Valid, rollup.Choose(built.Block.Hash, safeHash).Status.Verdict);
            if (safeHash != default) (promises.Safe, promises.SafeNumber) = (safeHash, newSafe);
        }
    }

    private static void AssertKept(TestRollup again, Promises promises)
    {
        Blockchain chain = again.Client.Chain;
        if (promises.SafeNumber > 0)
        {
            Assert.True(chain.Head.Number >= promises.SafeNumber);
            Assert.Equal(promises.Safe, chain.FindCanonical(promises.SafeNumber)!.Hash);
        }

        ulong recent = chain.Head.Number > 12 ? chain.Head.Number - 12 : 0;
        foreach ((ulong number, Hash256 hash) in promises.Valid)
        {
            Assert.True(chain.Find(hash) is not null || number < recent, $"block {number} {hash} was called valid and is gone");
        }

        Hash256 parent = chain.Genesis.Hash;
        for (ulong number = 1; number <= chain.Head.Number; number++)
        {
            ExecutedBlock block = chain.FindCanonical(number)!;
            Assert.Equal(parent, block.Header.ParentHash);
            Assert.Equal(block, chain.Find(block.Hash));
            foreach (Transaction transaction in block.Transactions)
            {
                Assert.True(chain.TryFindTransaction(transaction.Hash, out TransactionLocation at));
                Assert.Equal(block, at.Block);
            }

            parent = block.Hash;
        }

        Assert.Equal(parent, chain.Head.Hash);
        Assert.NotNull(chain.OpenState(chain.Head));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_disk_that_fails_at_any_write_loses_nothing_that_was_promised(bool powerLoss)
    {
        int soak = int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_RESTARTS"), out int given) ? given : 0;
        var whole = new TestDisk();
        await using (TestRollup rollup = Start(whole)) Play(rollup, new Promises(), 1);
        int seeds = Math.Max(1, soak / Math.Max(1, whole.Writes));
        for (int seed = 1; seed <= seeds; seed++)
        {
            for (int writes = 0; writes < whole.Writes + 20; writes += soak > 0 ? 1 : 3)
            {
                var disk = new TestDisk { WritesLeft = writes };
                var promises = new Promises();
                TestRollup? first = null;
                try
                {
                    first = Start(disk);
                    Play(first, promises, seed);
                }
                catch (Exception error) when (error is DiskException or StorageUnavailableException)
                {
                    if (first is not null && error is StorageUnavailableException)
                    {
                        Assert.True(first.Client.Failed.IsCompleted);
                        if (promises.Valid.Count > 0) promises.Valid.RemoveAt(promises.Valid.Count - 1); // that one may not have been answered
                    }
                }

                var random = new Random(writes);
                disk.WritesLeft = int.MaxValue;
                if (powerLoss) disk.LosePower(random);
                await using TestRollup again = Start(disk);
                AssertKept(again, promises);
                Play(again, promises, seed + 1000);
                if (first is not null && random.Next(2) == 0) await first.DisposeAsync(); // a client that failed does not write when it is closed late
            }
        }
    }

    [Fact]
    public async Task A_failed_disk_is_told_to_the_engines_caller_and_nothing_moves()
    {
        var disk = new TestDisk();
        TestRollup rollup = Start(disk);
        ExecutedBlock head = rollup.Build();
        BuiltPayload built = rollup.Take(rollup.Begin(rollup.Attributes(head), head));
        disk.WritesLeft = 0;
        StorageUnavailableException error = Assert.Throws<StorageUnavailableException>(() => rollup.Choose(built.Block.Hash));
        Assert.Contains("no space left on device", error.Message, StringComparison.Ordinal);
        Assert.Equal(head, rollup.Head);
        Assert.Contains("free some space", (await rollup.Client.Failed).Message, StringComparison.Ordinal);
        disk.WritesLeft = int.MaxValue; // room again: this process has stopped nevertheless, the next one goes on
        Assert.Throws<StorageUnavailableException>(() => rollup.Choose(built.Block.Hash));
        await rollup.DisposeAsync();
        await using TestRollup again = Start(disk);
        Assert.Equal(head, again.Head);
        again.Choose(built.Block.Hash);
        Assert.Equal(built.Block.Hash, again.Head.Hash);
    }
}
