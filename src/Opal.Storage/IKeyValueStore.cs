namespace Opal.Storage;

/// <summary>An ordered key-value store with named tables: any number of snapshots beside one writer, and nobody waits for a reader.</summary>
/// <remarks>Keys are ordered bytewise. A table springs into being when it is first written.</remarks>
public interface IKeyValueStore : IDisposable
{
    /// <summary>Opens the newest committed state. It stays as it is, whatever is written later. Keep it short: it holds on to old pages.</summary>
    ISnapshot OpenSnapshot();

    /// <summary>Begins the one write transaction there can be; waits until the one before has ended.</summary>
    IWriteTransaction BeginWrite();
}

/// <summary>One state of the store. Not for use by two threads at once.</summary>
public interface ISnapshot : IDisposable
{
    /// <summary>Looks up a key.</summary>
    /// <param name="table">The table's name.</param>
    /// <param name="key">1 to 511 bytes.</param>
    /// <param name="value">Valid until the snapshot ends or, in a transaction, until its next write.</param>
    bool TryGet(string table, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value);

    /// <summary>A cursor over a table; it stands before the first entry.</summary>
    ICursor OpenCursor(string table);
}

/// <summary>Changes that happen together or not at all. Ending it without <see cref="Commit"/> drops them. It reads what it has written.</summary>
public interface IWriteTransaction : ISnapshot
{
    /// <summary>Stores a value, in place of an older one.</summary>
    /// <param name="table">The table's name.</param>
    /// <param name="key">1 to 511 bytes.</param>
    /// <param name="value">Any length.</param>
    void Put(string table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value);

    /// <summary>Removes a key.</summary>
    /// <returns>False when it was not there.</returns>
    bool Delete(string table, ReadOnlySpan<byte> key);

    /// <summary>Makes the changes durable and visible to snapshots opened from now on. The transaction is over then.</summary>
    void Commit();
}

/// <summary>Walks over a table in the order of keys. What it yields is valid until it moves, or its snapshot ends or writes.</summary>
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
