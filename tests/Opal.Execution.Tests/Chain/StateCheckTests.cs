using Microsoft.Extensions.Logging;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Execution.Tests;

/// <summary>The state on disk is checked while a client runs; and what opening had to mend is told.</summary>
public sealed class StateCheckTests : IDisposable
{
    private static readonly StateCheckOptions Fast = new() { RestRatio = 0, ShortestPass = TimeSpan.Zero };

    private readonly string _directory = Directory.CreateTempSubdirectory("opal-check-").FullName;
    private readonly LogCollector _log = new();

    private string Files => ChainDatabase.DirectoryOf(_directory);

    public void Dispose()
    {
        _log.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    private TestRollup Start(StateCheckOptions? check) => new(OptimismFork.Isthmus, o => o with { Storage = new StorageOptions { Directory = Files, MinFreeDisk = 0, StateCheck = check } }, loggers: _log);

    [Fact]
    public async Task A_good_state_is_gone_over_again_and_again_while_blocks_come()
    {
        await using TestRollup rollup = Start(Fast);
        await rollup.Client.StartAsync(default);
        StateCheck check = rollup.Client.StateCheck!;
        for (int i = 0; i < 300 || check.Passes < 2; i++)
        {
            rollup.Client.Pool.Add(TestAccount.Alice.Send((ulong)i, TestCode.Store, data: UInt256.One.ToBigEndianArray(), gas: 100_000));
            rollup.Build();
            Assert.Equal(0, check.Mismatches);
            Assert.True(i < 20_000, "the check does not get on");
        }

        Assert.False(rollup.Client.Failed.IsCompleted);
        Assert.True(check.Rows > check.Parts);
        Assert.True(check.WorkTime > TimeSpan.Zero);
    }

    [Fact]
    public async Task A_flipped_bit_that_no_block_touches_stops_the_client_and_is_named()
    {
        await using (TestRollup rollup = Start(null)) rollup.Build();
        byte[] key = TestAccount.Bob.Address.Keccak().ToArray();
        using (LmdbStore store = LmdbStore.Open(Path.Combine(Files, "state")))
        {
            StoreTable table = store.Table("account");
            using IWriteTransaction transaction = store.BeginWrite();
            Assert.True(transaction.TryGet(table, key, out ReadOnlySpan<byte> row));
            byte[] changed = row.ToArray();
            changed[^1] ^= 4;
            transaction.Put(table, key, changed);
            transaction.Commit();
        }

        await using TestRollup again = Start(Fast);
        again.Build();
        await again.Client.StartAsync(default);
        StorageUnavailableException failure = await again.Client.Failed.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Contains($"the store is damaged: table account, key {Hex.Encode(key)}", failure.Message, StringComparison.Ordinal);
        Assert.Contains("opal db verify", failure.Message, StringComparison.Ordinal);
        Assert.Contains(failure.Message, Assert.Single(_log.At(LogLevel.Critical)), StringComparison.Ordinal);
        Assert.Equal(1, again.Client.StateCheck!.Mismatches);
    }

    [Fact]
    public async Task The_check_goes_on_where_it_was_after_a_restart()
    {
        string note = Path.Combine(Files, "state.check");
        await using (TestRollup rollup = Start(Fast with { ShortestPass = TimeSpan.FromHours(4096) }))
        {
            File.WriteAllText(note, "1234");
            await rollup.Client.StartAsync(default);
            while (rollup.Client.StateCheck!.Parts == 0) await Task.Delay(1);
        }

        Assert.Equal("1235", File.ReadAllText(note));
        File.WriteAllText(note, "99999");
        await using (TestRollup rollup = Start(Fast with { ShortestPass = TimeSpan.FromHours(4096) }))
        {
            await rollup.Client.StartAsync(default);
            while (rollup.Client.StateCheck!.Parts == 0) await Task.Delay(1);
        }

        Assert.Equal("1", File.ReadAllText(note));
    }

    [Fact]
    public async Task What_opening_had_to_mend_is_told()
    {
        await using (TestRollup rollup = Start(null)) rollup.Build();
        string journal = Directory.EnumerateFiles(Path.Combine(Files, "journal"), "*.log").Max()!;
        using (FileStream file = File.Open(journal, FileMode.Append)) file.Write(new byte[100]); // a frame that was on its way when the power went
        await using TestRollup again = Start(null);
        Assert.Contains(_log.At(LogLevel.Warning), line => line.Contains(journal, StringComparison.Ordinal) && line.Contains("100 bytes at the end are cut off", StringComparison.Ordinal));
        Assert.Equal(1UL, again.Head.Number);
        again.Build();
    }
}
