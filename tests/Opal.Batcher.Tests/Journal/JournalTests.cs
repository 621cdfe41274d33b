using Microsoft.Extensions.Logging.Abstractions;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;
using Opal.TxManager;

namespace Opal.Batcher.Tests.Journal;

public sealed class JournalTests : IDisposable
{
    private static readonly JournalIdentity Identity = new(900, 901, Address.FromNumber(0xff), Address.FromNumber(0xba));

    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"opal-journal-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_folder)) Directory.Delete(_folder, recursive: true);
    }

    private BatcherJournal Open(JournalIdentity? identity = null) => BatcherJournal.Open(_folder, identity ?? Identity, TimeProvider.System, NullLogger.Instance);

    internal static ClosedChannel Channel(byte id, ulong first, int blocks, int frames, int frameBytes = 100)
    {
        var own = new byte[ChannelId.Size];
        own[0] = id;
        var channel = new ChannelId(own);
        var posted = new PostedBlock[blocks];
        for (int i = 0; i < blocks; i++) posted[i] = new PostedBlock(new BlockId(Hash256.FromUInt256(first + (ulong)i), first + (ulong)i), 2 * first, first / 6, first, i % 2 == 0);
        var cut = new Opal.Derivation.Frame[frames];
        for (int i = 0; i < frames; i++)
        {
            var data = new byte[frameBytes];
            new Random(i).NextBytes(data);
            cut[i] = new Opal.Derivation.Frame(channel, (ushort)i, data, i == frames - 1);
        }

        return new ClosedChannel(channel, posted, cut, ChannelCloseReason.Duration, id % 2 == 0, 1234);
    }

    private static TxVersion Version(ulong nonce, ulong hash) => new(nonce, Hash256.FromUInt256(hash), new TxFees(1, UInt256.MaxValue, hash));

    [Fact]
    public void What_was_written_is_there_at_the_next_opening()
    {
        ClosedChannel first = Channel(1, 10, 3, 3), second = Channel(2, 13, 1, 1);
        using (BatcherJournal journal = Open())
        {
            Assert.Empty(journal.Left);
            journal.Close(first);
            journal.Close(second);
            SentTransaction confirmed = first.Take(0, 1), open = first.Take(1, 1), failed = first.Take(2, 1), planned = second.Take(3, 1);
            foreach (SentTransaction transaction in (SentTransaction[])[confirmed, open, failed]) journal.Plan(first.Id, transaction);
            journal.Plan(second.Id, planned);
            journal.Sign(confirmed, Version(7, 70));
            journal.Sign(open, Version(8, 80));
            journal.Sign(open, Version(8, 81));
            journal.Confirm(0, new BlockId(Hash256.FromUInt256(500), 50));
            journal.Fail(2, "no");
            Assert.Equal(3, journal.Syncs);
        }

        using BatcherJournal again = Open();
        Assert.Equal([first.Id, second.Id], again.ChannelIds);
        Assert.Equal(4ul, again.NextTransaction);
        ClosedChannel left = again.Left[0];
        Assert.Equal(first.Blocks, left.Blocks);
        Assert.Equal((first.Reason, first.AsBlobs, first.EstimatedBytes), (left.Reason, left.AsBlobs, left.EstimatedBytes));
        Assert.Equal(first.Frames.Select(f => (f.Channel, f.Number, Hex.Encode(f.Data.Span), f.IsLast)), left.Frames.Select(f => (f.Channel, f.Number, Hex.Encode(f.Data.Span), f.IsLast)));
        Assert.Equal([SentState.Confirmed, SentState.Open, SentState.Failed], left.Transactions.Select(static t => t.State));
        Assert.Equal(new BlockId(Hash256.FromUInt256(500), 50), left.Transactions[0].Included);
        Assert.Equal([Version(8, 80), Version(8, 81)], left.Transactions[1].Resume()!.Versions);
        Assert.Equal(1, left.WaitingFrames);
        Assert.Empty(again.Left[1].Transactions[0].Versions);
        Assert.True(again.IsOwn(Hash256.FromUInt256(81)));
        Assert.False(again.IsOwn(Hash256.FromUInt256(82)));
    }

    [Fact]
    public void Channels_that_ended_take_no_room()
    {
        using BatcherJournal journal = Open();
        for (int i = 0; i < 40; i++)
        {
            ClosedChannel channel = Channel((byte)i, (ulong)(10 * (i + 1)), 5, 2, frameBytes: 1_000_000);
            journal.Close(channel);
            if (i > 0) journal.End(Channel((byte)(i - 1), 1, 1, 1).Id, ChannelOutcome.Safe, "");
        }

        Assert.Equal(1, journal.Channels);
        Assert.InRange(journal.Size, 1, 40_000_000);
    }

    [Fact]
    public void A_torn_end_is_cut_off()
    {
        using (BatcherJournal journal = Open())
        {
            journal.Close(Channel(1, 1, 1, 1));
            journal.Close(Channel(2, 2, 1, 1));
        }

        string file = Directory.GetFiles(Path.Combine(_folder, "log")).Order().Last();
        using (var stream = new FileStream(file, FileMode.Open)) stream.SetLength(stream.Length - 3);
        using BatcherJournal again = Open();
        Assert.False(again.WasDamaged);
        Assert.Equal([Channel(1, 1, 1, 1).Id], again.ChannelIds);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_damaged_one_is_put_aside_and_a_new_one_begun(bool byForeignRecord)
    {
        using (BatcherJournal journal = Open())
        {
            for (byte i = 1; i < 4; i++) journal.Close(Channel(i, i, 1, 1));
        }

        string log = Path.Combine(_folder, "log");
        if (byForeignRecord)
        {
            using IFrameLog foreign = FileFrameLog.Open(log);
            foreign.Append(200, [1, 2, 3]);
        }
        else
        {
            string file = Directory.GetFiles(log).Order().Last();
            byte[] bytes = File.ReadAllBytes(file);
            bytes[100] ^= 1;
            File.WriteAllBytes(file, bytes);
        }

        using (BatcherJournal again = Open())
        {
            Assert.True(again.WasDamaged);
            Assert.Empty(again.Left);
            Assert.Single(Directory.GetDirectories(_folder, "damaged-*"));
            again.Close(Channel(9, 1, 1, 1));
        }

        using BatcherJournal third = Open();
        Assert.False(third.WasDamaged);
        Assert.Equal(1, third.Channels);
    }

    [Fact]
    public void That_one_was_damaged_is_known_until_something_is_written()
    {
        using (BatcherJournal journal = Open()) journal.Close(Channel(1, 1, 1, 1));
        using (IFrameLog foreign = FileFrameLog.Open(Path.Combine(_folder, "log"))) foreign.Append(200, [1, 2, 3]);
        for (int start = 0; start < 3; start++)
        {
            using BatcherJournal again = Open(); // and the program ends before it posted anything
            Assert.True(again.WasDamaged);
        }

        using (BatcherJournal last = Open()) last.Close(Channel(9, 1, 1, 1));
        using BatcherJournal then = Open();
        Assert.False(then.WasDamaged);
    }

    [Fact]
    public void A_log_whose_owner_is_not_known_is_refused()
    {
        Open().Dispose();
        File.Delete(Path.Combine(_folder, "identity"));
        Assert.Contains("does not say whose", Assert.Throws<BatcherJournalException>(() => Open(Identity with { Sender = Address.FromNumber(0xbb) })).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_lock_that_cannot_be_opened_is_not_taken_for_another_batcher()
    {
        if (OperatingSystem.IsWindows()) return; // there is no such file there
        Directory.CreateDirectory(_folder);
        using var socket = new System.Net.Sockets.Socket(System.Net.Sockets.AddressFamily.Unix, System.Net.Sockets.SocketType.Stream, System.Net.Sockets.ProtocolType.Unspecified);
        socket.Bind(new System.Net.Sockets.UnixDomainSocketEndPoint(Path.Combine(_folder, "LOCK")));
        Assert.ThrowsAny<IOException>(() => Open());
    }

    [Fact]
    public void An_end_that_could_not_be_written_is_written_before_what_comes_next()
    {
        var log = new FullLog();
        using var journal = new BatcherJournal(log);
        ClosedChannel first = Channel(1, 1, 1, 1), second = Channel(2, 1, 2, 1);
        journal.Close(first);
        log.IsFull = true;
        Assert.Throws<IOException>(() => journal.End(first.Id, ChannelOutcome.Lost, "lost"));
        Assert.Throws<IOException>(() => journal.Close(second));
        log.IsFull = false;
        journal.Close(second);
        Assert.Equal([second.Id], journal.ChannelIds);
        using var again = new BatcherJournal(log);
        Assert.Equal([second.Id], again.ChannelIds);
    }

    [Fact]
    public void A_folder_that_must_not_be_written_any_more_is_a_disk_that_fails()
    {
        var log = new FullLog { IsFull = true, Problem = new UnauthorizedAccessException("access is denied") };
        using var journal = new BatcherJournal(log);
        Assert.Contains("access is denied", Assert.Throws<IOException>(() => journal.Close(Channel(1, 1, 1, 1))).Message, StringComparison.Ordinal);
        Assert.Empty(journal.ChannelIds);
    }

    [Fact]
    public void Its_files_are_opened_again_after_the_disk_failed()
    {
        string path = Path.Combine(_folder, "log");
        var log = new FullLog(FileFrameLog.Open(path));
        int opened = 0;
        using (var journal = new BatcherJournal(log, reopen: () =>
        {
            opened++;
            return FileFrameLog.Open(path);
        }))
        {
            ClosedChannel channel = Channel(1, 1, 1, 2);
            SentTransaction first = channel.Take(0, 1), second = channel.Take(1, 1);
            journal.Close(channel);
            journal.Plan(channel.Id, first);
            log.FailsToSync = true;
            Assert.Throws<IOException>(() => journal.Sign(first, Version(1, 10)));
            Assert.Empty(first.Versions);
            journal.Plan(channel.Id, second);
            journal.Sign(second, Version(1, 11));
            Assert.Equal(1, opened);
        }

        using var again = new BatcherJournal(FileFrameLog.Open(path));
        Assert.Equal([Channel(1, 1, 1, 2).Id], again.ChannelIds);
        Assert.Equal(Version(1, 11), Assert.Single(again.Left[0].Transactions[1].Versions));
    }

    [Fact]
    public void What_the_disk_lost_is_no_journal_to_go_on_with()
    {
        string path = Path.Combine(_folder, "log");
        var log = new FullLog(FileFrameLog.Open(path)) { FailsToSync = true };
        using var journal = new BatcherJournal(log, reopen: () =>
        {
            using (var file = new FileStream(Directory.GetFiles(path).Single(), FileMode.Open)) file.SetLength(file.Length - 3);
            return FileFrameLog.Open(path);
        });
        ClosedChannel channel = Channel(1, 1, 1, 1);
        SentTransaction transaction = channel.Take(0, 1);
        journal.Close(channel);
        Assert.Throws<IOException>(() => journal.Sign(transaction, Version(1, 10)));
        Assert.Contains("restart the batcher", Assert.Throws<IOException>(() => journal.Plan(channel.Id, transaction)).Message, StringComparison.Ordinal);
        Assert.Contains("restart the batcher", Assert.Throws<IOException>(() => journal.Sign(transaction, Version(1, 10))).Message, StringComparison.Ordinal);
        Assert.Empty(transaction.Versions);
    }

    [Fact]
    public void Only_one_batcher_uses_it()
    {
        using BatcherJournal journal = Open();
        Assert.Contains("another batcher uses this journal", Assert.Throws<BatcherJournalException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Another_account_or_chain_is_refused_with_both_named()
    {
        Open().Dispose();
        string message = Assert.Throws<BatcherJournalException>(() => Open(Identity with { Sender = Address.FromNumber(0xbb) })).Message;
        Assert.Contains($"{Address.FromNumber(0xba)}", message, StringComparison.Ordinal);
        Assert.Contains($"{Address.FromNumber(0xbb)}", message, StringComparison.Ordinal);
        Assert.Throws<BatcherJournalException>(() => Open(Identity with { L2ChainId = 10 }));
        string path = Path.Combine(_folder, "identity");
        File.WriteAllText(path, File.ReadAllText(path).Replace("journal 1", "journal 2", StringComparison.Ordinal));
        Assert.Contains("format 2", Assert.Throws<BatcherJournalException>(() => Open()).Message, StringComparison.Ordinal);
        File.WriteAllText(path, "?");
        Assert.Contains("cannot be read", Assert.Throws<BatcherJournalException>(() => Open()).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void No_bytes_of_a_record_make_it_fail_otherwise_than_as_unreadable()
    {
        ClosedChannel channel = Channel(1, 1, 2, 2);
        byte[][] records =
        [
            JournalRecords.Write(channel), JournalRecords.WritePlan(channel.Id, channel.Take(5, 1)), JournalRecords.WriteVersion(5, Version(1, 2)), JournalRecords.WriteConfirmed(5, new BlockId(default, 7)),
            JournalRecords.WriteTransaction(5, "why"), JournalRecords.WriteEnd(channel.Id, ChannelOutcome.Lost, "why"),
        ];
        var random = new Random(1);
        int unreadable = 0;
        for (int i = 0; i < 20_000; i++)
        {
            byte[] record = [.. records[random.Next(records.Length)]];
            record[random.Next(record.Length)] ^= (byte)(1 << random.Next(8));
            var replay = new JournalReplay();
            if (!replay.TryApply(new Opal.Storage.Frame(default, (byte)random.Next(9), record.AsMemory(0, random.Next(record.Length + 1))))) unreadable++;
        }

        Assert.InRange(unreadable, 10_000, 20_000);
    }
}
