using static Opal.Storage.LmdbNative;

namespace Opal.Storage;

/// <summary>What a cursor lives in.</summary>
internal interface ILmdbCursorOwner
{
    bool IsOver { get; }
}

/// <summary>A cursor of a snapshot or a transaction.</summary>
/// <param name="store">The store.</param>
/// <param name="owner">What it lives in.</param>
/// <param name="cursor">0 for a table that is younger than the snapshot: there is nothing in it.</param>
internal sealed unsafe class LmdbCursor(LmdbStore store, ILmdbCursorOwner owner, nint cursor) : ICursor
{
    private const int MaxKeySize = 511;

    private enum Place : byte
    {
        Start,
        Entry,
        End,
    }

    private Value _key, _value;
    private Place _place;

    public ReadOnlySpan<byte> Key => Here(_key);

    public ReadOnlySpan<byte> Value => Here(_value);

    private ReadOnlySpan<byte> Here(in Value value)
    {
        ObjectDisposedException.ThrowIf(owner.IsOver, this);
        return _place == Place.Entry ? value.Span : throw new InvalidOperationException("the cursor stands at no entry");
    }

    public bool Seek(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty) return Go(OpFirst, Place.End);
        Check(key);
        fixed (byte* bytes = key)
        {
            _key = new Value { Size = (nuint)key.Length, Data = bytes };
            return Go(OpSetRange, Place.End);
        }
    }

    public bool SeekBefore(ReadOnlySpan<byte> key) => Go(Seek(key) ? OpPrevious : OpLast, Place.Start);

    public bool MoveNext() => _place != Place.End && Go(_place == Place.Start ? OpFirst : OpNext, Place.End);

    private bool Go(int operation, Place otherwise)
    {
        ObjectDisposedException.ThrowIf(owner.IsOver, this);
        Value key = _key, value = default;
        int result = cursor == 0 ? NotFound : mdb_cursor_get(cursor, &key, &value, operation);
        if (result == 0)
        {
            (_key, _value, _place) = (key, value, Place.Entry);
            return true;
        }

        _place = otherwise;
        if (result != NotFound) store.Check(result);
        return false;
    }

    public static void Check(ReadOnlySpan<byte> key)
    {
        if (key.Length is 0 or > MaxKeySize) throw new ArgumentException($"a key has 1 to {MaxKeySize} bytes", nameof(key));
    }

    public static void Check(StoreTable table)
    {
        if (table.Handle == 0) throw new ArgumentException("no table of this store", nameof(table));
    }
}
