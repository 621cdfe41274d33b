using System.Buffers.Binary;
using Opal.Primitives;
using Opal.State.Flat;
using Opal.Storage;
using Opal.Trie;

namespace Opal.State.Durable;

/// <summary>The tables of the persisted state, and how their keys are made.</summary>
/// <remarks>
/// <code>
/// account  hashed address                   flat account (FlatAccount)
/// slot     hashed address + hashed slot     value, minimal big-endian
/// trieA    path (TriePath.WriteKey)         branch record
/// trieS    hashed address + path            branch record
/// code     keccak256                        code
/// meta     name                             "state": which block the tables hold; "load": a bulk load that has not ended
/// </code>
/// </remarks>
internal sealed class StateSchema(IKeyValueStore store)
{
    /// <summary>Changes when an older program could not read the tables.</summary>
    public const uint Version = 1;

    /// <summary>The longest key: a storage trie's record at a long path.</summary>
    public const int MaxKeySize = Hash256.Size + TriePath.MaxKeySize;

    public StoreTable Accounts { get; } = store.Table("account");

    public StoreTable Slots { get; } = store.Table("slot");

    public StoreTable AccountBranches { get; } = store.Table("trieA");

    public StoreTable StorageBranches { get; } = store.Table("trieS");

    public StoreTable Code { get; } = store.Table("code");

    public StoreTable Meta { get; } = store.Table("meta");

    public static ReadOnlySpan<byte> StateKey => "state"u8;

    public static ReadOnlySpan<byte> LoadKey => "load"u8;

    /// <summary>Where a trie's leaves or records are.</summary>
    public StoreTable TableOf(in Hash256 owner, Table table) =>
        owner.IsZero ? table == Table.Leaves ? Accounts : AccountBranches : table == Table.Leaves ? Slots : StorageBranches;

    /// <summary>Writes the key of a row and gives its size back.</summary>
    public static int WriteKey(Span<byte> to, in Hash256 owner, ReadOnlySpan<byte> key)
    {
        int at = 0;
        if (!owner.IsZero)
        {
            owner.CopyTo(to);
            at = Hash256.Size;
        }

        key.CopyTo(to[at..]);
        return at + key.Length;
    }

    /// <summary>Text for messages: the table and the key of a row.</summary>
    public static string Name(in Hash256 owner, Table table, ReadOnlySpan<byte> key)
    {
        Span<byte> row = stackalloc byte[MaxKeySize + 1];
        string name = owner.IsZero ? table == Table.Leaves ? "account" : "trieA" : table == Table.Leaves ? "slot" : "trieS";
        return $"table {name}, key {Hex.Encode(row[..WriteKey(row, owner, key)])}";
    }

    private const int StateSize = 4 + 8 + Hash256.Size + Hash256.Size + 8;

    /// <summary>Writes the row that says which block the tables hold.</summary>
    public void WriteState(IWriteTransaction transaction, in BlockState block, ulong timeline)
    {
        Span<byte> row = stackalloc byte[StateSize];
        BinaryPrimitives.WriteUInt32BigEndian(row, Version);
        BinaryPrimitives.WriteUInt64BigEndian(row[4..], block.Number);
        block.Hash.CopyTo(row[12..]);
        block.Root.CopyTo(row[44..]);
        BinaryPrimitives.WriteUInt64BigEndian(row[76..], timeline);
        transaction.Put(Meta, StateKey, row);
    }

    /// <summary>Which block a snapshot holds.</summary>
    /// <exception cref="StoreCorruptException">The row is damaged, or of another version of the program.</exception>
    public BaseState ReadState(ISnapshot snapshot)
    {
        if (!snapshot.TryGet(Meta, StateKey, out ReadOnlySpan<byte> row)) return new BaseState(null, 0, snapshot.Id);
        if (row.Length < 4 || BinaryPrimitives.ReadUInt32BigEndian(row) != Version)
        {
            throw new StoreCorruptException($"table meta, key state: the state database is of another version than {Version}, or damaged; run the program that wrote it, or remove the state directory and let the node build it again");
        }

        if (row.Length != StateSize) throw new StoreCorruptException("table meta, key state: damaged; remove the state directory and let the node build it again");
        var block = new BlockState(BinaryPrimitives.ReadUInt64BigEndian(row[4..]), new Hash256(row.Slice(12, 32)), new Hash256(row.Slice(44, 32)));
        return new BaseState(block, BinaryPrimitives.ReadUInt64BigEndian(row[76..]), snapshot.Id);
    }
}

/// <summary>What a snapshot of the tables holds.</summary>
/// <param name="Block">The block whose state it is; null before genesis.</param>
/// <param name="Timeline">Grows with each step back: block numbers of one timeline name one block each.</param>
/// <param name="SnapshotId">The snapshot's <see cref="ISnapshot.Id"/>.</param>
internal sealed record BaseState(BlockState? Block, ulong Timeline, ulong SnapshotId)
{
    /// <summary>The block's number; -1 before genesis.</summary>
    public long Number => Block is { } block ? (long)block.Number : -1;
}
