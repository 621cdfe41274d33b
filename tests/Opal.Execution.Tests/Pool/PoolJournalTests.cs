using Microsoft.Extensions.Logging.Abstractions;
using Opal.Primitives;
using Opal.Protocol;
using static Opal.Execution.Tests.TestAccount;

namespace Opal.Execution.Tests;

public sealed class PoolJournalTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-pool").FullName;

    private string Journal => Path.Combine(_folder, "geth", "transactions.rlp");

    private TestRollup Open(Func<PoolOptions, PoolOptions>? configure = null, TimeProvider? time = null)
    {
        var options = new PoolOptions { JournalPath = Journal };
        return new TestRollup(OptimismFork.Isthmus, o => o with { Pool = configure?.Invoke(options) ?? options, AllowUnprotectedTransactions = true }, time);
    }

    private static Transaction Legacy(ulong nonce) => Alice.Sign(new Transaction
    {
        Type = TransactionType.Legacy, ChainId = TestRollup.ChainId, Nonce = nonce, To = Bob.Address, GasLimit = 21_000, MaxFeePerGas = 10_000_000_000UL, MaxPriorityFeePerGas = 10_000_000_000UL,
    });

    [Fact]
    public async Task Local_transactions_outlive_the_process_even_when_it_is_killed()
    {
        Transaction[] sent = [Legacy(0), Alice.Send(1, Bob.Address), Alice.Send(3, Bob.Address)];
        TestRollup killed = Open();
        foreach (Transaction transaction in sent) Assert.True(killed.Client.Pool.Add(transaction, isLocal: true).IsAccepted);
        Assert.True(killed.Client.Pool.Add(Bob.Send(0, Alice.Address)).IsAccepted); // heard of, not sent here

        await using (TestRollup second = Open())
        {
            Assert.All(sent, t => Assert.NotNull(second.Client.Pool.Find(t.Hash)));
            Assert.Equal((2, 1), second.Client.Pool.Count());
            second.Build();
            Assert.Equal((0, 1), second.Client.Pool.Count());
        }

        // this chain begins anew, and the journal has only what was still pooled at the clean end
        await using TestRollup third = Open();
        Assert.Equal([sent[2].Hash], third.Client.Pool.Content().SelectMany(c => c.Queued).Select(t => t.Hash));
        await killed.DisposeAsync();
    }

    [Fact]
    public async Task A_torn_end_is_cut_off_at_every_length()
    {
        await using (TestRollup first = Open())
        {
            for (ulong nonce = 0; nonce < 3; nonce++) Assert.True(first.Client.Pool.Add(nonce == 1 ? Legacy(nonce) : Alice.Send(nonce, Bob.Address), isLocal: true).IsAccepted);
        }

        byte[] whole = File.ReadAllBytes(Journal);
        int before = -1;
        for (int length = 0; length <= whole.Length; length++)
        {
            File.WriteAllBytes(Journal, whole[..length]);
            using var journal = new PoolJournal(Journal, NullLogger.Instance);
            List<Transaction> loaded = journal.Load(out long lost);
            Assert.True(loaded.Count >= before && loaded.Count <= 3);
            before = loaded.Count;
            Assert.Equal(length == whole.Length, loaded.Count == 3);
            Assert.InRange(lost, 0, length);
        }

        File.WriteAllBytes(Journal, [.. whole, 0xb8, 0xff, 1, 2]);
        await using (TestRollup again = Open())
        {
            Assert.Equal((3, 0), again.Client.Pool.Count());
            Assert.True(again.Client.Pool.Add(Alice.Send(3, Bob.Address), isLocal: true).IsAccepted); // appended behind what was cut
        }

        await using TestRollup last = Open();
        Assert.Equal((4, 0), last.Client.Pool.Count());
    }

    [Fact]
    public async Task Options_say_what_is_journaled_and_when_the_file_is_written_anew()
    {
        await using (TestRollup none = Open(o => o with { NoLocals = true }))
        {
            Assert.True(none.Client.Pool.Add(Alice.Send(0, Bob.Address), isLocal: true).IsAccepted);
        }

        Assert.Equal(0, new FileInfo(Journal).Length);
        var time = new ManualTime();
        await using TestRollup all = Open(o => o with { JournalRemotes = true }, time);
        Assert.True(all.Client.Pool.Add(Alice.Send(0, Bob.Address)).IsAccepted);
        all.Client.Pool.Tidy();
        long appended = new FileInfo(Journal).Length;
        Assert.True(appended > 0);
        all.Build();
        all.Client.Pool.Tidy();
        Assert.Equal(appended, new FileInfo(Journal).Length);
        time.Advance(TimeSpan.FromMinutes(61));
        all.Client.Pool.Tidy();
        Assert.Equal(0, new FileInfo(Journal).Length);
    }

    [Fact]
    public async Task Accounts_that_are_local_are_journaled_wherever_their_transactions_come_from()
    {
        await using (TestRollup first = Open(o => o with { NoLocals = true, Locals = [Alice.Address] }))
        {
            Assert.True(first.Client.Pool.Add(Alice.Send(0, Bob.Address)).IsAccepted);
        }

        await using TestRollup second = Open();
        Assert.Equal((1, 0), second.Client.Pool.Count());
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
