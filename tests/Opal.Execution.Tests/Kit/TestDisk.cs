using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Opal.Primitives;
using Opal.State;
using Opal.Storage;

namespace Opal.Execution.Tests;

/// <summary>A write that the test's disk did not take.</summary>
internal sealed class DiskException(string message) : IOException(message);

/// <summary>
/// The files of a client, in memory: they outlive the client that has them open, may fail at any write, and may lose what was not synced. States are
/// in memory and gone with the client, so each opening executes all blocks again.
/// </summary>
internal sealed class TestDisk : IDisposable
{
    private readonly TestLog _journal;
    private readonly TestTables _tables;
    private readonly TestIndex _blocks, _transactions;

    public TestDisk()
    {
        _journal = new TestLog(this);
        _tables = new TestTables(this);
        _blocks = new TestIndex(this);
        _transactions = new TestIndex(this);
    }

    /// <summary>Small numbers, so that short chains reach every path.</summary>
    public JournalOptions Options { get; init; } = new() { CheckpointBlocks = 5, RecentBlocks = 12, RecentTransactionBlocks = 4, CachedBlocks = 4, SectionDepth = 8 };

    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Writes that still succeed.</summary>
    public int WritesLeft { get; set; } = int.MaxValue;

    /// <summary>Writes so far.</summary>
    public int Writes { get; private set; }

    public IFrameLog Journal => _journal;

    public void Dispose()
    {
        // a disk is not closed: whoever has files of it open closes those
    }

    private void Write()
    {
        if (WritesLeft <= 0) throw new DiskException("no space left on device");
        WritesLeft--;
        Writes++;
    }

    public ChainStorage Open() => Open(new MemoryStateStore());

    public ChainStorage Open(IStateStore states) => new(states, OpenBlocks(), new StorageGuard(null, 0, Logger), []);

    public JournalBlockStore OpenBlocks() => new(_journal, _tables, _blocks, _transactions, Options, Logger);

    /// <summary>What a loss of power does: of the writes since the last sync, any number from the first on are there.</summary>
    public void LosePower(Random random)
    {
        _journal.LoseUnsynced(random);
        _blocks.Lose(random);
        _transactions.Lose(random);
    }

    private sealed class TestLog(TestDisk disk) : IFrameLog
    {
        private readonly MemoryFrameLog _log = new();
        private FrameAddress _synced = new MemoryFrameLog().End;

        public FrameAddress Begin => _log.Begin;

        public FrameAddress End => _log.End;

        public long Size => _log.Size;

        public FrameAddress Append(byte type, ReadOnlySpan<byte> payload)
        {
            disk.Write();
            return _log.Append(type, payload);
        }

        public void Sync()
        {
            disk.Write();
            _synced = _log.End;
        }

        public Frame Read(FrameAddress address) => _log.Read(address);

        public IEnumerable<Frame> ReadFrom(FrameAddress address) => _log.ReadFrom(address);

        public void Truncate(FrameAddress end) => _log.Truncate(end);

        public void DropBefore(FrameAddress address) => _log.DropBefore(address);

        public void LoseUnsynced(Random random)
        {
            List<Frame> unsynced = [.. _log.ReadFrom(_synced)];
            int kept = random.Next(unsynced.Count + 1);
            if (kept < unsynced.Count) _log.Truncate(unsynced[kept].Address);
        }

        public void Dispose()
        {
        }
    }

    private sealed class TestTables(TestDisk disk) : IKeyValueStore
    {
        private readonly MemoryStore _store = new();

        public StoreTable Table(string name) => _store.Table(name);

        public ISnapshot OpenSnapshot() => _store.OpenSnapshot();

        public IWriteTransaction BeginWrite() => new Transaction(disk, _store.BeginWrite());

        public void Dispose()
        {
        }

        private sealed class Transaction(TestDisk disk, IWriteTransaction inner) : IWriteTransaction
        {
            public ulong Id => inner.Id;

            public bool TryGet(StoreTable table, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value) => inner.TryGet(table, key, out value);

            public ICursor OpenCursor(StoreTable table) => inner.OpenCursor(table);

            public void Put(StoreTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => inner.Put(table, key, value);

            public void PutAscending(StoreTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => inner.PutAscending(table, key, value);

            public bool Delete(StoreTable table, ReadOnlySpan<byte> key) => inner.Delete(table, key);

            public ulong Commit()
            {
                disk.Write();
                return inner.Commit();
            }

            public void Dispose() => inner.Dispose();
        }
    }

    private sealed class TestIndex(TestDisk disk) : IHashIndex
    {
        private readonly MemoryHashIndex _index = new();

        public ulong Next => _index.Next;

        public long Size => _index.Size;

        public void Append(ulong number, ReadOnlySpan<Hash256> hashes)
        {
            disk.Write();
            _index.Append(number, hashes);
        }

        public void Find(in Hash256 hash, List<HashPlace> places) => _index.Find(hash, places);

        public void TruncateAfter(ulong number) => _index.TruncateAfter(number);

        public void PruneBefore(ulong number) => _index.PruneBefore(number);

        public void Lose(Random random)
        {
            if (_index.Next > 1) _index.TruncateAfter((ulong)random.NextInt64((long)_index.Next));
        }

        public void Dispose()
        {
        }
    }
}
