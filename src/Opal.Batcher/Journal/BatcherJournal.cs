using System.Diagnostics;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>
/// What the batcher built, sent and saw confirmed, on disk before anything depends on it: a batcher that was killed at any instant goes on with the channels
/// and transactions that it has, and posts nothing twice.
/// </summary>
/// <remarks>
/// A log of checksummed records. What is appended survives the end of the process; <see cref="Sign"/> makes all of it survive the end of the machine before a
/// version is published. Records of channels that ended are let go of by whole files. For use by several threads.
/// </remarks>
public sealed partial class BatcherJournal : IDisposable
{
    /// <summary>Hashes of versions that are remembered for <see cref="IsOwn"/>.</summary>
    private const int MaxKnownVersions = 10_000;

    private readonly Lock _gate = new();
    private readonly Func<IFrameLog>? _reopen;
    private readonly IDisposable? _exclusive;
    private readonly List<(ChannelId Id, FrameAddress Address)> _live = [];
    private readonly HashSet<Hash256> _known = [];
    private readonly Queue<Hash256> _knownOrder = new();
    private readonly Queue<byte[]> _ends = new(); // of channels that ended and whose records could not be written yet
    private IFrameLog _log;
    private bool _hasFailed;

    internal BatcherJournal(IFrameLog log, IDisposable? exclusive = null, bool wasDamaged = false, Func<IFrameLog>? reopen = null)
        : this(log, exclusive, wasDamaged, reopen, Replay(log) ?? throw new StoreCorruptException("the log holds records that no batcher wrote"))
    {
    }

    private BatcherJournal(IFrameLog log, IDisposable? exclusive, bool wasDamaged, Func<IFrameLog>? reopen, JournalReplay replay)
    {
        _log = log;
        _reopen = reopen;
        _exclusive = exclusive;
        WasDamaged = wasDamaged;
        Left = [.. replay.Live.Select(static live => live.Channel)];
        NextTransaction = replay.NextTransaction;
        foreach ((ClosedChannel channel, FrameAddress address) in replay.Live) _live.Add((channel.Id, address));
        foreach (Hash256 hash in replay.Versions) Know(hash);
    }

    /// <summary>A journal in memory, for networks that end with the process.</summary>
    public static BatcherJournal InMemory() => new(new MemoryFrameLog());

    /// <summary>Whether a damaged journal was put aside at the opening: what an earlier run sent is not known.</summary>
    public bool WasDamaged { get; }

    /// <summary>The channels that an earlier run left unfinished, in the order they were closed.</summary>
    internal IReadOnlyList<ClosedChannel> Left { get; }

    /// <summary>Transactions that an earlier run may have left on their way.</summary>
    public int LeftInFlight => Left.SelectMany(static channel => channel.Transactions).Count(static t => t.State == SentState.Open && t.Versions.Count > 0);

    /// <summary>The number of the first transaction of this run.</summary>
    internal ulong NextTransaction { get; }

    /// <summary>Channels that did not end.</summary>
    public int Channels
    {
        get
        {
            lock (_gate) return _live.Count;
        }
    }

    /// <summary>The ids of the channels that did not end, oldest first.</summary>
    public IReadOnlyList<ChannelId> ChannelIds
    {
        get
        {
            lock (_gate) return [.. _live.Select(static live => live.Id)];
        }
    }

    /// <summary>Bytes on disk.</summary>
    public long Size => _log.Size;

    /// <summary>How long the disk took altogether to make records durable.</summary>
    public TimeSpan SyncTime { get; private set; }

    /// <summary>How often it was asked to.</summary>
    public long Syncs { get; private set; }

    /// <summary>Whether a transaction is one that this account's batcher signed, as far back as the journal goes.</summary>
    public bool IsOwn(Hash256 transaction)
    {
        lock (_gate) return _known.Contains(transaction);
    }

    /// <summary>A channel was closed.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    internal void Close(ClosedChannel channel)
    {
        lock (_gate)
        {
            _live.Add((channel.Id, Write(JournalRecordType.ChannelClosed, JournalRecords.Write(channel))));
        }
    }

    /// <summary>A transaction is to carry frames of a channel.</summary>
    internal void Plan(in ChannelId channel, SentTransaction transaction) => Append(JournalRecordType.TransactionPlanned, JournalRecords.WritePlan(channel, transaction));

    /// <summary>A version is about to be published: it and all before it are durable when this returns.</summary>
    internal void Sign(SentTransaction transaction, in TxVersion version)
    {
        lock (_gate)
        {
            Write(JournalRecordType.VersionSigned, JournalRecords.WriteVersion(transaction.Id, version));
            var clock = Stopwatch.StartNew();
            OnLog(static log =>
            {
                log.Sync();
                return log.End;
            });
            SyncTime += clock.Elapsed;
            Syncs++;
            transaction.Add(version);
            Know(version.Hash);
        }
    }

    /// <summary>A transaction is on L1.</summary>
    internal void Confirm(ulong transaction, BlockId included) => Append(JournalRecordType.TransactionConfirmed, JournalRecords.WriteConfirmed(transaction, included));

    /// <summary>A transaction was given up.</summary>
    internal void Fail(ulong transaction, string reason) => Append(JournalRecordType.TransactionFailed, JournalRecords.WriteTransaction(transaction, reason));

    /// <summary>A transaction is sent again under its own nonce.</summary>
    internal void Reopen(ulong transaction, string reason) => Append(JournalRecordType.TransactionReopened, JournalRecords.WriteTransaction(transaction, reason));

    /// <summary>Nothing of a channel is sent any more. Unknown ones are ignored.</summary>
    /// <exception cref="IOException">It cannot be written now; it is before the next record, or by <see cref="WriteLeft"/>.</exception>
    internal void End(in ChannelId channel, ChannelOutcome outcome, string reason)
    {
        lock (_gate)
        {
            ChannelId id = channel;
            if (_live.RemoveAll(live => live.Id == id) == 0) return;
            _ends.Enqueue(JournalRecords.WriteEnd(id, outcome, reason));
            WriteEnds();
        }
    }

    /// <summary>Writes the ends that could not be written before.</summary>
    internal void WriteLeft()
    {
        lock (_gate) WriteEnds();
    }

    private void Append(JournalRecordType type, byte[] record)
    {
        lock (_gate) Write(type, record);
    }

    private FrameAddress Write(JournalRecordType type, byte[] record)
    {
        WriteEnds(); // a channel with the same blocks may come next
        return OnLog(log => log.Append((byte)type, record));
    }

    private void WriteEnds()
    {
        if (_ends.Count == 0) return;
        while (_ends.TryPeek(out byte[]? end))
        {
            OnLog(log => log.Append((byte)JournalRecordType.ChannelEnded, end));
            _ends.Dequeue();
        }

        OnLog(log =>
        {
            log.DropBefore(_live.Count > 0 ? _live[0].Address : log.End);
            return log.End;
        });
    }

    /// <summary>Uses the log. After a failure it is opened again first: it may have closed itself, as what the disk took is certain only when it is read back.</summary>
    private FrameAddress OnLog(Func<IFrameLog, FrameAddress> use)
    {
        try
        {
            if (_hasFailed && _reopen is not null) Reopen(_reopen);
            FrameAddress address = use(_log);
            _hasFailed = false;
            return address;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or StoreCorruptException)
        {
            _hasFailed = true;
            throw error as IOException ?? new IOException(error.Message, error);
        }
    }

    private void Reopen(Func<IFrameLog> reopen)
    {
        FrameAddress end = _log.End;
        _log.Dispose();
        IFrameLog again = reopen();
        if (again.End.Value >= end.Value)
        {
            _log = again;
            return;
        }

        again.Dispose();
        throw new IOException("the disk lost records of the journal that it had taken: restart the batcher, which goes on with what is left of them");
    }

    private void Know(in Hash256 hash)
    {
        if (!_known.Add(hash)) return;
        _knownOrder.Enqueue(hash);
        if (_knownOrder.Count > MaxKnownVersions) _known.Remove(_knownOrder.Dequeue());
    }

    /// <summary>Reads a log from its beginning; null when a record is none of ours.</summary>
    private static JournalReplay? Replay(IFrameLog log)
    {
        var replay = new JournalReplay();
        foreach (Storage.Frame record in log.ReadFrom(log.Begin))
        {
            if (!replay.TryApply(record)) return null;
        }

        return replay;
    }

    /// <summary>Closes the files, and lets another batcher use the folder.</summary>
    public void Dispose()
    {
        lock (_gate) _log.Dispose();
        _exclusive?.Dispose();
    }
}
