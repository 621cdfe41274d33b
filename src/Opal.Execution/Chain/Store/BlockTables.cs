using System.Buffers.Binary;
using Opal.Primitives;
using Opal.Storage;

namespace Opal.Execution;

/// <summary>Where a canonical block is.</summary>
/// <param name="Hash">Its hash.</param>
/// <param name="Address">Its frame in the journal.</param>
internal readonly record struct CanonicalEntry(Hash256 Hash, FrameAddress Address);

/// <summary>A block that a fork choice may still name.</summary>
/// <param name="Number">Its number.</param>
/// <param name="Parent">Its parent's hash.</param>
/// <param name="Address">Its frame in the journal.</param>
internal readonly record struct RecentEntry(ulong Number, Hash256 Parent, FrameAddress Address);

/// <summary>What holds for the tables: everything in the journal before a frame is in them.</summary>
/// <param name="Scan">The first frame that is not.</param>
/// <param name="Top">The number of the highest canonical block in them.</param>
/// <param name="Sections">Sections below this one are in the log index (<see cref="LogSections"/>).</param>
/// <param name="Heads">The heads then.</param>
internal readonly record struct TableCheckpoint(FrameAddress Scan, ulong Top, ulong Sections, StoredHeads Heads);

/// <summary>
/// The tables beside the journal: <c>number</c> (canonical number, big-endian -> hash, address), <c>side</c> (number, hash -> parent, address),
/// <c>bloom</c> (number -> log filter, until its section is complete), <c>bits</c> (<see cref="LogSections"/>), <c>meta</c> (the checkpoint).
/// </summary>
internal sealed class BlockTables(IKeyValueStore store) : IDisposable
{
    private readonly StoreTable _numbers = store.Table("number"), _side = store.Table("side"), _meta = store.Table("meta");

    public StoreTable Blooms { get; } = store.Table("bloom");

    public StoreTable Bits { get; } = store.Table("bits");

    private const int EntrySize = 32 + 8, SideKeySize = 8 + 32, CheckpointSize = 24 + StoredHeads.Size;

    public ISnapshot OpenSnapshot() => store.OpenSnapshot();

    public IWriteTransaction BeginWrite() => store.BeginWrite();

    public static void WriteKey(Span<byte> key, ulong number) => BinaryPrimitives.WriteUInt64BigEndian(key, number);

    public static ulong ReadKey(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadUInt64BigEndian(key);

    public bool TryGetCanonical(ulong number, out CanonicalEntry entry)
    {
        using ISnapshot snapshot = store.OpenSnapshot();
        return TryGetCanonical(snapshot, number, out entry);
    }

    private bool TryGetCanonical(ISnapshot snapshot, ulong number, out CanonicalEntry entry)
    {
        Span<byte> key = stackalloc byte[8];
        WriteKey(key, number);
        bool found = snapshot.TryGet(_numbers, key, out ReadOnlySpan<byte> value);
        entry = found ? ReadEntry(value) : default;
        return found;
    }

    private static CanonicalEntry ReadEntry(ReadOnlySpan<byte> value) => value.Length == EntrySize
        ? new CanonicalEntry(new Hash256(value[..32]), new FrameAddress(BinaryPrimitives.ReadUInt64LittleEndian(value[32..])))
        : throw Damaged("an entry of the block table has the wrong size");

    private static StoreCorruptException Damaged(string problem) => new($"{problem}; remove the data directory and sync again, or restore it from a backup");

    public void PutCanonical(IWriteTransaction transaction, ulong number, in CanonicalEntry entry)
    {
        Span<byte> key = stackalloc byte[8], value = stackalloc byte[EntrySize];
        WriteKey(key, number);
        entry.Hash.CopyTo(value);
        BinaryPrimitives.WriteUInt64LittleEndian(value[32..], entry.Address.Value);
        transaction.Put(_numbers, key, value);
    }

    /// <summary>Removes a number that is not canonical any more.</summary>
    public void Delete(IWriteTransaction transaction, ulong number)
    {
        Span<byte> key = stackalloc byte[8];
        WriteKey(key, number);
        transaction.Delete(_numbers, key);
        transaction.Delete(Blooms, key);
    }

    /// <summary>Canonical entries from a number on, ascending, as far as they go without a gap.</summary>
    public List<CanonicalEntry> ReadCanonical(ulong from, ulong to)
    {
        List<CanonicalEntry> entries = [];
        using ISnapshot snapshot = store.OpenSnapshot();
        ICursor cursor = snapshot.OpenCursor(_numbers);
        Span<byte> key = stackalloc byte[8];
        WriteKey(key, from);
        for (bool more = cursor.Seek(key); more && from + (ulong)entries.Count <= to; more = cursor.MoveNext())
        {
            if (ReadKey(cursor.Key) != from + (ulong)entries.Count) break;
            entries.Add(ReadEntry(cursor.Value));
        }

        return entries;
    }

    /// <summary>Puts the blocks that are not canonical in the place of those that were there.</summary>
    public void ReplaceSide(IWriteTransaction transaction, IEnumerable<(Hash256 Hash, RecentEntry Entry)> blocks)
    {
        List<byte[]> old = [];
        ICursor cursor = transaction.OpenCursor(_side);
        while (cursor.MoveNext()) old.Add(cursor.Key.ToArray());
        foreach (byte[] key in old) transaction.Delete(_side, key);
        Span<byte> sideKey = stackalloc byte[SideKeySize], value = stackalloc byte[EntrySize];
        foreach ((Hash256 hash, RecentEntry entry) in blocks)
        {
            WriteKey(sideKey, entry.Number);
            hash.CopyTo(sideKey[8..]);
            entry.Parent.CopyTo(value);
            BinaryPrimitives.WriteUInt64LittleEndian(value[32..], entry.Address.Value);
            transaction.Put(_side, sideKey, value);
        }
    }

    public List<(Hash256 Hash, RecentEntry Entry)> ReadSide()
    {
        List<(Hash256, RecentEntry)> blocks = [];
        using ISnapshot snapshot = store.OpenSnapshot();
        ICursor cursor = snapshot.OpenCursor(_side);
        while (cursor.MoveNext())
        {
            if (cursor.Key.Length != SideKeySize) throw Damaged("an entry of the table of side blocks has the wrong size");
            CanonicalEntry parent = ReadEntry(cursor.Value);
            blocks.Add((new Hash256(cursor.Key[8..]), new RecentEntry(ReadKey(cursor.Key), parent.Hash, parent.Address)));
        }

        return blocks;
    }

    public void WriteCheckpoint(IWriteTransaction transaction, in TableCheckpoint checkpoint)
    {
        Span<byte> value = stackalloc byte[CheckpointSize];
        BinaryPrimitives.WriteUInt64LittleEndian(value, checkpoint.Scan.Value);
        BinaryPrimitives.WriteUInt64LittleEndian(value[8..], checkpoint.Top);
        BinaryPrimitives.WriteUInt64LittleEndian(value[16..], checkpoint.Sections);
        checkpoint.Heads.WriteTo(value[24..]);
        transaction.Put(_meta, "checkpoint"u8, value);
    }

    /// <summary>The newest checkpoint; null for new tables.</summary>
    public TableCheckpoint? ReadCheckpoint()
    {
        using ISnapshot snapshot = store.OpenSnapshot();
        return ReadCheckpoint(snapshot);
    }

    public TableCheckpoint? ReadCheckpoint(ISnapshot snapshot)
    {
        if (!snapshot.TryGet(_meta, "checkpoint"u8, out ReadOnlySpan<byte> value)) return null;
        if (value.Length != CheckpointSize || !StoredHeads.TryRead(value[24..], out StoredHeads heads)) throw Damaged("the checkpoint of the block tables is malformed");
        return new TableCheckpoint(
            new FrameAddress(BinaryPrimitives.ReadUInt64LittleEndian(value)), BinaryPrimitives.ReadUInt64LittleEndian(value[8..]), BinaryPrimitives.ReadUInt64LittleEndian(value[16..]), heads);
    }

    public void Dispose() => store.Dispose();
}
