using Microsoft.Extensions.Logging;
using Opal.Crypto;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;
using Opal.TxManager;

namespace Opal.Batcher.Tests;

public sealed class WatchRivalTests : IAsyncDisposable
{
    private static readonly byte[] Frames = FrameCodec.Encode([new Frame(new ChannelId(Enumerable.Repeat((byte)0xab, 16).ToArray()), 3, new byte[] { 1, 2 }, IsLast: false)]);

    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly WatchLog _log = new();
    private readonly WatchedL1 _l1 = new();
    private readonly OwnTransactions _own = new();
    private readonly OperatorAlarms _alarms;
    private readonly RivalWatch _watch;

    public WatchRivalTests()
    {
        _alarms = new OperatorAlarms(_time, _log);
        _watch = new RivalWatch(_l1.Rpc, _l1.Batcher.Address, WatchedL1.Inbox, _own.Contains, NativeCrypto.Instance, _alarms, _time, _log, new RivalWatchOptions { MaxBlocks = 20 });
    }

    public async ValueTask DisposeAsync() => await _watch.DisposeAsync();

    private Task LookAsync() => _watch.LookAsync(default);

    private Transaction Own(ulong nonce)
    {
        Transaction transaction = _l1.Sign(nonce, [0, (byte)nonce]);
        _own.Add(transaction.Hash);
        return transaction;
    }

    [Fact]
    public async Task Own_transactions_are_no_rivals_and_blocks_are_read_only_when_the_nonce_moved()
    {
        await _watch.BeginAsync(0, default);
        _l1.Mine();
        _l1.Mine(WatchedL1.Sign(new LocalSigner(Enumerable.Repeat((byte)9, 32).ToArray()), 0, [1], WatchedL1.Inbox));
        await LookAsync();
        Assert.Equal(0, _l1.BlocksRead);
        _l1.Mine(Own(0), Own(1));
        _l1.Mine();
        await LookAsync();
        Assert.Equal(1, _l1.BlocksRead); // both are found in the first
        await LookAsync();
        Assert.Equal(1, _l1.BlocksRead);
        Assert.Empty(_alarms.Current);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task Another_batchers_transaction_is_an_alarm_with_block_hashes_and_frames()
    {
        await _watch.BeginAsync(0, default);
        Transaction own = Own(0), rival = _l1.Sign(1, Frames);
        _l1.Mine(own);
        _l1.Mine(rival);
        await LookAsync();
        OperatorAlarm alarm = Assert.Single(_alarms.Current);
        Assert.Equal((RivalWatch.Alarm, AlarmLevel.Error), (alarm.Kind, alarm.Level));
        Assert.StartsWith($"Another batcher uses this key (L1 block 2, tx {rival.Hash}): it carries frames 3 to 3 of channel {new ChannelId(Enumerable.Repeat((byte)0xab, 16).ToArray())}; our newest on L1 is {own.Hash}",
            alarm.Text, StringComparison.Ordinal);
        Assert.Equal(LogLevel.Error, Assert.Single(_log.Lines).Level);
        Assert.Equal((1, rival.Hash), (_watch.Count, _watch.Newest!.Hash));
        _l1.Mine(_l1.Sign(2, Frames));
        await LookAsync();
        Assert.Equal([LogLevel.Error, LogLevel.Warning], _log.Lines.Select(static line => line.Level)); // one alarm, every transaction
        Assert.Contains("L1 block 3", Assert.Single(_alarms.Current).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_says_what_can_be_said_of_what_it_carries()
    {
        await _watch.BeginAsync(0, default);
        (Transaction Transaction, string Says)[] cases =
        [
            (_l1.Sign(0, [], blobs: 3), "Another batcher uses this key (L1 block 1, "), (_l1.Sign(1, [1, 2, 3]), "its data are no frames (UnknownVersion)"),
            (_l1.Sign(2, [], to: Address.FromNumber(0x1234)), "Another program uses this key (L1 block 3, "), (_l1.Sign(3, Frames), "ours are not on L1 yet"),
        ];
        foreach ((Transaction transaction, string says) in cases)
        {
            _l1.Mine(transaction);
            await LookAsync();
            Assert.Contains(says, Assert.Single(_alarms.Current).Text, StringComparison.Ordinal);
        }

        Assert.Contains("its frames are in 3 blobs", _log.Lines[0].Text, StringComparison.Ordinal);
        Assert.Contains($"it goes to {Address.FromNumber(0x1234).ToChecksumString()}", _log.Lines[2].Text, StringComparison.Ordinal);
        Assert.Equal(4, _watch.Count);
    }

    [Fact]
    public async Task The_alarm_ends_hours_after_the_last_one()
    {
        await _watch.BeginAsync(0, default);
        _l1.Mine(_l1.Sign(0, Frames));
        await LookAsync();
        _time.Advance(TimeSpan.FromHours(6) - TimeSpan.FromSeconds(1));
        await LookAsync();
        Assert.Single(_alarms.Current);
        _time.Advance(TimeSpan.FromSeconds(1));
        await LookAsync();
        Assert.Empty(_alarms.Current);
        _l1.Mine(_l1.Sign(1, Frames));
        await LookAsync();
        Assert.Single(_alarms.Current);
    }

    [Fact]
    public async Task A_cancelling_transaction_is_none()
    {
        await _watch.BeginAsync(0, default);
        _l1.Mine(_l1.Sign(0, [], to: _l1.Batcher.Address));
        await LookAsync();
        Assert.Empty(_alarms.Current);
    }

    [Fact]
    public async Task What_was_on_its_way_at_the_start_is_warned_of_and_then_taken_as_an_earlier_runs()
    {
        _l1.PendingCount = 2;
        await _watch.BeginAsync(1, default);
        Assert.Contains("2 transactions of the batcher's account", Assert.Single(_log.Lines).Text, StringComparison.Ordinal);
        Assert.Contains("(nonces 0 to 1), and this batcher knows of 1", _log.Lines[0].Text, StringComparison.Ordinal);
        _l1.PendingCount = 0;
        _l1.Mine(_l1.Sign(0, Frames), _l1.Sign(1, Frames));
        await LookAsync();
        Assert.Empty(_alarms.Current);
        _l1.Mine(_l1.Sign(2, Frames));
        await LookAsync();
        Assert.Single(_alarms.Current);
    }

    [Theory]
    [InlineData(0, 0), InlineData(2, 2), InlineData(1, 3)]
    public async Task What_the_journal_knows_to_be_on_its_way_is_no_warning(int pending, int known)
    {
        _l1.PendingCount = (ulong)pending;
        await _watch.BeginAsync(known, default);
        Assert.Empty(_log.Lines);
    }

    [Fact]
    public async Task A_rival_that_takes_a_nonce_in_a_reorg_is_found_though_the_nonce_is_the_same()
    {
        await _watch.BeginAsync(0, default);
        _l1.Mine();
        await LookAsync();
        _l1.Mine(Own(0));
        await LookAsync();
        _l1.Mine();
        await LookAsync();
        _l1.Reorg(keep: 1);
        _l1.Mine(_l1.Sign(0, Frames));
        _l1.Mine();
        await LookAsync();
        Assert.Contains("L1 block 2", Assert.Single(_alarms.Current).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_reorg_that_takes_ours_back_and_brings_it_again_is_none()
    {
        await _watch.BeginAsync(0, default);
        Transaction own = Own(0);
        for (int i = 0; i < 3; i++)
        {
            _l1.Mine(i == 1 ? [own] : []);
            await LookAsync();
        }

        _l1.Reorg(keep: 0); // shorter, and below all that was seen but the first
        await LookAsync();
        _l1.Mine();
        await LookAsync();
        _l1.Mine(own);
        await LookAsync();
        Assert.Empty(_alarms.Current);
        _l1.Mine(_l1.Sign(1, Frames));
        await LookAsync();
        Assert.Single(_alarms.Current);
    }

    [Fact]
    public async Task After_a_long_pause_the_newest_blocks_are_searched_and_the_rest_is_named()
    {
        await _watch.BeginAsync(0, default);
        _l1.Mine(_l1.Sign(0, Frames));
        for (int i = 0; i < 30; i++) _l1.Mine();
        _l1.Mine(_l1.Sign(1, Frames));
        await LookAsync();
        Assert.Equal(20, _l1.BlocksRead);
        Assert.Equal(1, _log.Count("L1 blocks 1 to 12 were not searched"));
        Assert.Equal(1, _watch.Count);
    }

    [Fact]
    public async Task A_failed_look_is_made_up_for_by_the_next()
    {
        await LookAsync(); // without a beginning, the first look is one
        _l1.Mine(_l1.Sign(0, Frames));
        _l1.IsDown = true;
        await Assert.ThrowsAsync<RpcCallException>(LookAsync);
        _l1.IsDown = false;
        _l1.Mine();
        await LookAsync();
        Assert.Single(_alarms.Current);
    }

    [Fact]
    public async Task Every_version_that_is_published_and_what_is_taken_up_again_is_own()
    {
        var submitter = new Recorded();
        var own = new OwnTransactions(remembered: 4);
        Hash256[] hashes = [.. Enumerable.Range(1, 6).Select(static i => Hash256.FromUInt256((ulong)i))];
        var resume = new TxResume(5, [new TxVersion(5, hashes[0], default!), new TxVersion(5, hashes[1], default!)]);
        var seen = new Recorder();
        await own.Watching(submitter).SubmitAsync([[0]], false, seen, resume, default);
        Assert.True(own.Contains(hashes[0]) && own.Contains(hashes[1]) && !own.Contains(hashes[2]));
        await submitter.Recorder!.PublishingAsync(new TxVersion(5, hashes[2], default!), default);
        Assert.Equal([hashes[2]], seen.Hashes);
        Assert.True(own.Contains(hashes[2]));
        await own.Watching(submitter).SubmitAsync([[0]], false, null, null, default);
        await submitter.Recorder!.PublishingAsync(new TxVersion(6, hashes[3], default!), default);
        await submitter.Recorder!.PublishingAsync(new TxVersion(6, hashes[4], default!), default);
        Assert.Equal([false, true, true, true, true, false], hashes.Select(own.Contains));
    }

    private sealed class Recorder : ITxRecorder
    {
        public List<Hash256> Hashes { get; } = [];

        public ValueTask PublishingAsync(TxVersion version, CancellationToken cancellation)
        {
            Hashes.Add(version.Hash);
            return ValueTask.CompletedTask;
        }
    }

    private sealed class Recorded : IL1Submitter
    {
        public ITxRecorder? Recorder { get; private set; }

        public Task<BlockId> SubmitAsync(IReadOnlyList<byte[]> carriers, bool asBlobs, ITxRecorder? recorder, TxResume? resume, CancellationToken cancellation)
        {
            Recorder = recorder;
            return Task.FromResult(default(BlockId));
        }
    }
}
