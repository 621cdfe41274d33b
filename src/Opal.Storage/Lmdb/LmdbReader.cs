using static Opal.Storage.LmdbNative;

namespace Opal.Storage;

/// <summary>A read transaction and its cursors, used again and again: renewing one costs a tenth of beginning one.</summary>
internal sealed unsafe class LmdbReader(LmdbStore store, nint transaction)
{
    private const int KeptCursors = 16;

    private readonly List<(uint Table, nint Cursor)> _cursors = [];
    private int _used; // the first of them are in use

    public nint Transaction => transaction;

    /// <summary>0 when the table is younger than the state.</summary>
    public nint OpenCursor(StoreTable table)
    {
        for (int i = _used; i < _cursors.Count; i++)
        {
            if (_cursors[i].Table != table.Handle) continue;
            store.Check(mdb_cursor_renew(transaction, _cursors[i].Cursor));
            (_cursors[i], _cursors[_used]) = (_cursors[_used], _cursors[i]);
            return _cursors[_used++].Cursor;
        }

        nint cursor;
        int result = mdb_cursor_open(transaction, table.Handle, &cursor);
        if (result == UnknownTable) return 0;
        store.Check(result);
        _cursors.Add((table.Handle, cursor));
        (_cursors[^1], _cursors[_used]) = (_cursors[_used], _cursors[^1]);
        _used++;
        return cursor;
    }

    public void Renew() => store.Check(mdb_txn_renew(transaction));

    public void Reset()
    {
        _used = 0;
        while (_cursors.Count > KeptCursors) CloseLast();
        mdb_txn_reset(transaction);
    }

    public void Close()
    {
        while (_cursors.Count > 0) CloseLast();
        mdb_txn_abort(transaction);
    }

    private void CloseLast()
    {
        mdb_cursor_close(_cursors[^1].Cursor);
        _cursors.RemoveAt(_cursors.Count - 1);
    }
}
