using static Opal.Storage.LmdbNative;

namespace Opal.Storage;

/// <summary>A state of the store: a reader, for as long as nobody has ended it.</summary>
internal sealed unsafe class LmdbSnapshot(LmdbStore store, LmdbReader reader) : ISnapshot, ILmdbCursorOwner
{
    private LmdbReader? _reader = reader;

    public bool IsOver => _reader is null;

    public ulong Id => mdb_txn_id(Reader.Transaction);

    private LmdbReader Reader => _reader ?? throw new ObjectDisposedException(nameof(ISnapshot));

    public bool TryGet(StoreTable table, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value) => TryGet(store, Reader.Transaction, table, key, out value);

    public ICursor OpenCursor(StoreTable table)
    {
        LmdbCursor.Check(table);
        return new LmdbCursor(store, this, Reader.OpenCursor(table));
    }

    public void Dispose()
    {
        if (Interlocked.Exchange(ref _reader, null) is { } reader) store.Return(reader);
    }

    public static bool TryGet(LmdbStore store, nint transaction, StoreTable table, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        LmdbCursor.Check(table);
        LmdbCursor.Check(key);
        int result;
        Value found;
        fixed (byte* bytes = key)
        {
            Value wanted = new() { Size = (nuint)key.Length, Data = bytes };
            result = mdb_get(transaction, table.Handle, &wanted, &found);
        }

        if (result == 0)
        {
            value = found.Span;
            return true;
        }

        if (result is not (NotFound or UnknownTable)) store.Check(result);
        value = default;
        return false;
    }
}
