using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Storage;

namespace Opal.Execution.Tests;

/// <summary>A client on real files.</summary>
public sealed class FilesTests : IDisposable
{
    private const OptimismFork Fork = OptimismFork.Isthmus;

    private readonly string _directory = Directory.CreateTempSubdirectory("opal-files-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private TestRollup Start(Func<ExecutionClientOptions, ExecutionClientOptions>? more = null, OptimismFork fork = Fork) => new(fork, o =>
    {
        o = o with { Storage = new StorageOptions { Directory = ChainDatabase.DirectoryOf(_directory), MinFreeDisk = 0 } };
        return more?.Invoke(o) ?? o;
    });

    [Fact]
    public async Task A_chain_goes_on_after_a_restart_with_its_states_and_history()
    {
        List<ExecutedBlock> blocks = [];
        List<UInt256> balances = [];
        await using (TestRollup rollup = Start())
        {
            for (int i = 0; i < 100; i++)
            {
                rollup.Client.Pool.Add(TestAccount.Alice.Send((ulong)i, TestCode.Store, data: new byte[32], gas: 100_000));
                blocks.Add(rollup.Build());
                balances.Add(rollup.BalanceOf(TestAccount.Alice.Address));
            }

            rollup.Choose(blocks[99].Hash, blocks[90].Hash, blocks[80].Hash);
        }

        for (int round = 0; round < 2; round++)
        {
            await using TestRollup again = Start();
            Blockchain chain = again.Client.Chain;
            Assert.Equal(blocks[^1].Hash, chain.Head.Hash);
            Assert.Equal((91UL, 81UL), (chain.Heads.Safe!.Number, chain.Heads.Finalized!.Number));
            for (int i = 0; i < 100; i++)
            {
                Assert.Equal(blocks[i], chain.FindCanonical((ulong)i + 1));
                Assert.True(chain.OpenState(blocks[i])!.TryGetAccount(TestAccount.Alice.Address, out Evm.Account alice));
                Assert.Equal(balances[i], alice.Balance);
                Assert.True(chain.TryFindTransaction(blocks[i].Transactions[^1].Hash, out TransactionLocation at));
                Assert.Equal(blocks[i], at.Block);
            }
        }

        // back beyond the state on disk, and on from there
        await using (TestRollup again = Start())
        {
            Assert.True(again.Client.Chain.TryRewindHead(50));
            Assert.Equal(balances[49], again.BalanceOf(TestAccount.Alice.Address));
            Assert.Equal(50UL, again.Client.Chain.Heads.Safe!.Number);
            for (int i = 0; i < 5; i++) again.Build(noTxPool: true, salt: 3);
        }

        await using (TestRollup again = Start())
        {
            Assert.Equal(55UL, again.Head.Number);
            Assert.False(again.Client.Chain.IsCanonical(blocks[50]));
            Assert.Equal(balances[49], again.BalanceOf(TestAccount.Alice.Address));
            again.Build();
        }
    }

    [Fact]
    public async Task A_reorg_across_the_state_on_disk_is_carried_out()
    {
        await using TestRollup rollup = Start();
        for (int i = 0; i < 10; i++) rollup.Build();
        ExecutedBlock fork = rollup.Head;
        for (int i = 0; i < 150; i++) rollup.Build(salt: 1); // the state on disk is beyond the fork now
        ExecutedBlock old = rollup.Head, at = fork;
        for (int i = 0; i < 3; i++)
        {
            BuiltPayload built = rollup.Take(rollup.Begin(rollup.Attributes(at, salt: 7), at));
            rollup.Import(built.Block);
            rollup.Choose(built.Block.Hash);
            at = rollup.Head;
        }

        Assert.Equal(fork.Number + 3, rollup.Head.Number);
        Assert.NotNull(rollup.Client.Chain.OpenState(rollup.Head));
        Assert.True(rollup.Client.Chain.TrySetHead(old.Hash)); // its states are made again
        Assert.Equal(old, rollup.Head);
        rollup.Build();
    }

    [Fact]
    public async Task Another_chain_and_a_second_client_are_refused()
    {
        await using TestRollup rollup = Start();
        Assert.Contains("in use by process", Assert.Throws<ChainDatabaseException>(() => Start()).Message, StringComparison.Ordinal);
        await rollup.DisposeAsync();
        Assert.Contains("holds chain", Assert.Throws<ChainDatabaseException>(() => Start(fork: OptimismFork.Jovian)).Message, StringComparison.Ordinal);
        await using TestRollup again = Start();
        Assert.Equal(0UL, again.Head.Number);
    }

    [Fact]
    public async Task Statistics_verification_and_pruning_work_on_a_closed_directory()
    {
        ChainSpec spec = ChainSpec.ForOptimism(TestRollup.ChainId, TestRollup.Forks(Fork), OptimismFeeMarket.Standard);
        var genesis = new Genesis
        {
            Timestamp = TestRollup.GenesisTime, GasLimit = TestRollup.GasLimit, ExtraData = new Eip1559ExtraData(250, 6, null).Encode(),
            Accounts = [new GenesisAccount(TestAccount.Alice.Address, TestRollup.Ether, 0, [], [])],
        };
        string json = Path.Combine(_directory, "genesis.json");
        GenesisFile.Save(json, new ChainGenesis(genesis, spec));
        Assert.Equal(InitStatus.Created, ChainDatabase.Initialize(_directory, File.ReadAllBytes(json)).Status);
        Assert.Throws<ChainDatabaseException>(() => ChainDatabase.Statistics(Path.Combine(_directory, "nowhere")));
        ExecutedBlock head;
        await using (TestRollup rollup = Start(o => o with { Spec = spec, GenesisHeader = genesis.MakeHeader(spec), GenesisAlloc = genesis.ToDiff() }))
        {
            for (int i = 0; i < 30; i++) rollup.Build();
            head = rollup.Head;
        }

        DatabaseStatistics statistics = ChainDatabase.Statistics(_directory);
        Assert.Equal((head.Id, head.Id, TestRollup.ChainId), (statistics.Head, statistics.PersistedState!.Value, statistics.ChainId));
        Assert.All(statistics.Sizes, part => Assert.True(part.Bytes > 0, part.Part));
        VerifyProgress verified = ChainDatabase.Verify(_directory);
        Assert.Equal(30UL, verified.Blocks);
        Assert.True(verified.StateRows > 0);
        ChainDatabase.Prune(_directory, 5, 5);
        Assert.Equal(head.Id, ChainDatabase.Statistics(_directory).Head);
        Assert.Equal(InitStatus.AlreadyThere, ChainDatabase.Initialize(_directory, File.ReadAllBytes(json)).Status);
    }

    [Fact]
    public async Task A_disk_with_too_little_room_is_refused_in_words_and_serves_again_once_there_is_room()
    {
        await using (TestRollup rollup = Start(o => o)) rollup.Build();
        StorageUnavailableException error = Assert.Throws<StorageUnavailableException>(() => Start(o => o with { Storage = o.Storage! with { MinFreeDisk = long.MaxValue } }));
        Assert.Contains("MB are free", error.Message, StringComparison.Ordinal);
        Assert.Contains("datadir.minfreedisk", error.Message, StringComparison.Ordinal);
        await using TestRollup again = Start(o => o);
        Assert.Equal(1UL, again.Head.Number);
        again.Build();
    }

    [Fact]
    public async Task A_large_genesis_is_written_part_by_part_and_again_when_that_was_cut_short()
    {
        ExecutionClientOptions Large(ExecutionClientOptions o) => o with { LargeGenesis = 5 };
        using var log = new LogCollector();
        using (LmdbStore store = LmdbStore.Open(Path.Combine(ChainDatabase.DirectoryOf(_directory), "state")))
        using (var flat = new MemoryHistoryLog())
        using (var trie = new MemoryHistoryLog())
        using (DurableStateStore states = DurableStateStore.Open(store, flat, trie, new DurableStateOptions()))
        {
            DurableStateLoader loader = states.BeginLoad(Evm.StateDiff.Empty);
            loader.Add(TestAccount.Alice.Address, new Evm.Account(7, 7, Hash256.EmptyCode));
            loader.Write(); // killed before the block was named
        }

        Hash256 head;
        await using (var rollup = new TestRollup(Fork, o => Large(o with { Storage = new StorageOptions { Directory = ChainDatabase.DirectoryOf(_directory), MinFreeDisk = 0 } }), loggers: log))
        {
            Assert.Contains(log.At(LogLevel.Warning), line => line.Contains("genesis state", StringComparison.Ordinal) && line.Contains("written anew", StringComparison.Ordinal));
            Assert.Equal(TestRollup.Ether * 100UL, rollup.BalanceOf(TestAccount.Alice.Address));
            rollup.Client.Chain.OpenState(rollup.Head)!.GetStorage(TestCode.Load, UInt256.Zero, out UInt256 stored);
            Assert.Equal(new UInt256(7), stored);
            head = rollup.Build().Hash;
        }

        await using (TestRollup again = Start()) Assert.Equal(head, again.Head.Hash);

        // the state that one change gives is the same
        Directory.Delete(ChainDatabase.DirectoryOf(_directory), recursive: true);
        await using TestRollup plain = Start();
        Assert.Equal(head, plain.Build().Hash);
    }
}
