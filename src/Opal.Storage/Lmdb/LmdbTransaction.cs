using static Opal.Storage.LmdbNative;

namespace Opal.Storage;

/// <summary>The one write transaction. It belongs to the thread that began it: the lock behind it does.</summary>
internal sealed unsafe class LmdbTransaction : IWriteTransaction, ILmdbCursorOwner
{
    private readonly LmdbStore _store;
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly ulong _before;
    private readonly List<nint> _cursors = [];

    /// <summary>A cursor a table for puts: one that follows the one before in the order of keys starts from there.</summary>
    private readonly List<(uint Table, nint Cursor)> _putters = [];
    private nint _transaction;
    private bool _dirty;

    public LmdbTransaction(LmdbStore store, nint transaction)
    {
        _store = store;
        _transaction = transaction;
        _before = mdb_txn_id(transaction) - 1;
    }

    public bool IsOver => _transaction == 0;

    public ulong Id => _before;

    private nint Transaction
    {
        get
        {
            ObjectDisposedException.ThrowIf(_transaction == 0, this);
            return _transaction;
        }
    }

    public bool TryGet(StoreTable table, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value) => LmdbSnapshot.TryGet(_store, Transaction, table, key, out value);

    public ICursor OpenCursor(StoreTable table)
    {
        LmdbCursor.Check(table);
        nint cursor;
        _store.Check(mdb_cursor_open(Transaction, table.Handle, &cursor));
        _cursors.Add(cursor);
        return new LmdbCursor(_store, this, cursor);
    }

    public void Put(StoreTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) => Put(table, key, value, 0);

    public void PutAscending(StoreTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (Put(table, key, value, Append) == KeyExists) throw new ArgumentException("the table has a key that is not below", nameof(key));
    }

    private int Put(StoreTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, uint flags)
    {
        LmdbCursor.Check(table);
        LmdbCursor.Check(key);
        int result;
        fixed (byte* keyBytes = key, valueBytes = value)
        {
            Value k = new() { Size = (nuint)key.Length, Data = keyBytes }, v = new() { Size = (nuint)value.Length, Data = valueBytes };
            result = mdb_cursor_put(PutterOf(table), &k, &v, flags);
        }

        if (result == KeyExists) return result;
        Written(result);
        _dirty = true;
        return 0;
    }

    private nint PutterOf(StoreTable table)
    {
        foreach ((uint known, nint its) in _putters)
        {
            if (known == table.Handle) return its;
        }

        nint cursor;
        _store.Check(mdb_cursor_open(Transaction, table.Handle, &cursor));
        _cursors.Add(cursor);
        _putters.Add((table.Handle, cursor));
        return cursor;
    }

    public bool Delete(StoreTable table, ReadOnlySpan<byte> key)
    {
        LmdbCursor.Check(table);
        LmdbCursor.Check(key);
        int result;
        fixed (byte* bytes = key)
        {
            Value k = new() { Size = (nuint)key.Length, Data = bytes };
            result = mdb_del(Transaction, table.Handle, &k, null);
        }

        if (result == NotFound) return false;
        Written(result);
        _dirty = true;
        return true;
    }

    // a write that failed leaves the transaction without use
    private void Written(int result)
    {
        if (result == 0) return;
        if (result == MapFull) _store.NoteFull();
        Dispose();
        _store.Check(result);
    }

    public ulong Commit()
    {
        nint transaction = Transaction;
        CheckThread();
        CloseCursors();
        _transaction = 0;
        int result = mdb_txn_commit(transaction); // frees it in every case
        _store.WriterIsDone();
        if (result == MapFull) _store.NoteFull();
        _store.Check(result);
        return _dirty ? _before + 1 : _before;
    }

    public void Dispose()
    {
        if (_transaction == 0) return;
        CheckThread();
        CloseCursors();
        mdb_txn_abort(_transaction);
        _transaction = 0;
        _store.WriterIsDone();
    }

    private void CheckThread()
    {
        if (Environment.CurrentManagedThreadId != _thread) throw new InvalidOperationException("a write transaction ends on the thread that began it");
    }

    private void CloseCursors()
    {
        foreach (nint cursor in _cursors) mdb_cursor_close(cursor);
        _cursors.Clear();
        _putters.Clear();
    }
}
