namespace Opal.Storage;

/// <summary>An ordered key-value store with named tables: any number of snapshots beside one writer, and nobody waits for a reader.</summary>
/// <remarks>Keys are ordered bytewise.</remarks>
public interface IKeyValueStore : IDisposable
{
    /// <summary>The table of a name, made when there was none. Ask once, at start: it may wait for the writer, and the thread that is the writer must not ask.</summary>
    /// <param name="name">Letters and digits.</param>
    StoreTable Table(string name);

    /// <summary>Opens the newest committed state. It stays as it is, whatever is written later. Keep it short: it holds on to old pages.</summary>
    ISnapshot OpenSnapshot();

    /// <summary>Begins the one write transaction there can be; waits until the one before has ended. It ends on the thread that began it.</summary>
    IWriteTransaction BeginWrite();
}

/// <summary>A table of one store: what <see cref="IKeyValueStore.Table"/> gave, of use with that store alone.</summary>
/// <param name="Handle">Its number in the store; the default, 0, is no table.</param>
public readonly record struct StoreTable(uint Handle);

/// <summary>One state of the store. Not for use by two threads at once.</summary>
public interface ISnapshot : IDisposable
{
    /// <summary>The number of the commit that this state shows; it only grows. In a transaction: that of the state it began with.</summary>
    ulong Id { get; }

    /// <summary>Looks up a key.</summary>
    /// <param name="table">The table.</param>
    /// <param name="key">1 to 511 bytes.</param>
    /// <param name="value">Valid until the snapshot ends or, in a transaction, until its next write.</param>
    bool TryGet(StoreTable table, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value);

    /// <summary>A cursor over a table; it stands before the first entry.</summary>
    ICursor OpenCursor(StoreTable table);
}

/// <summary>Changes that happen together or not at all. Ending it without <see cref="Commit"/> drops them. It reads what it has written.</summary>
public interface IWriteTransaction : ISnapshot
{
    /// <summary>Stores a value, in place of an older one.</summary>
    /// <param name="table">The table.</param>
    /// <param name="key">1 to 511 bytes.</param>
    /// <param name="value">Any length.</param>
    void Put(StoreTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>Stores a value whose key is above all keys of the table: faster, and it fills pages to the brim.</summary>
    /// <param name="table">The table.</param>
    /// <param name="key">1 to 511 bytes.</param>
    /// <param name="value">Any length.</param>
    /// <exception cref="ArgumentException">The table has a key that is not below.</exception>
    void PutAscending(StoreTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>Removes a key.</summary>
    /// <returns>False when it was not there.</returns>
    bool Delete(StoreTable table, ReadOnlySpan<byte> key);

    /// <summary>Makes the changes durable and visible to snapshots opened from now on. The transaction is over then.</summary>
    /// <returns>The number of the new state (<see cref="ISnapshot.Id"/>); when nothing was written, that of the old one.</returns>
    /// <exception cref="IOException">They could not be written (a full disk, say): none of them is there, the store is as it was before.</exception>
    ulong Commit();
}

/// <summary>Walks over a table in the order of keys. What it yields is valid until it moves, or its snapshot ends or writes; after a write it has to be sought again.</summary>
/// <remarks>Keep one for many seeks: those that a snapshot opened live as long as it.</remarks>
public interface ICursor
{
    /// <summary>The key where the cursor stands.</summary>
    ReadOnlySpan<byte> Key { get; }

    /// <summary>The value where the cursor stands.</summary>
    ReadOnlySpan<byte> Value { get; }

    /// <summary>Goes to the first entry whose key is not below <paramref name="key"/>; false when there is none.</summary>
    bool Seek(ReadOnlySpan<byte> key);

    /// <summary>Goes to the last entry whose key is below <paramref name="key"/>; false when there is none.</summary>
    bool SeekBefore(ReadOnlySpan<byte> key);

    /// <summary>Goes to the next entry (the first one, at the start); false at the end.</summary>
    bool MoveNext();
}
