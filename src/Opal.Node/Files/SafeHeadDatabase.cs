using System.Buffers.Binary;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Storage;

namespace Opal.Node;

/// <summary>
/// Safe heads by L1 block on disk. Changes are seen at once and are durable after the next <see cref="Commit"/>; a crash loses what came after it, and
/// leaves a state that was true before. Safe for concurrent readers.
/// </summary>
/// <remarks>Table "safe": L1 number (8 bytes, big-endian) to L1 hash, L2 number (8 bytes, big-endian), L2 hash.</remarks>
public sealed class SafeHeadDatabase(IKeyValueStore store) : ISafeHeads
{
    private const int KeySize = 8, ValueSize = 72;

    private readonly StoreTable _table = store.Table("safe");
    private readonly Lock _lock = new();
    private readonly SortedList<ulong, (BlockId L1, BlockId Safe)> _changes = []; // not committed yet
    private ulong? _cut; // what the store has from this L1 number on does not count
    private long _version;

    /// <inheritdoc/>
    public void Record(BlockId l1, BlockId safe)
    {
        lock (_lock)
        {
            Cut(l1.Number);
            _changes.Add(l1.Number, (l1, safe));
        }
    }

    /// <inheritdoc/>
    public void ResetTo(BlockId safe)
    {
        lock (_lock)
        {
            // safe heads grow with L1: go back to the first record that has this one or a later
            (BlockId L1, BlockId Safe)? first = null;
            ulong below = ulong.MaxValue;
            while (FindBelow(below, out (BlockId L1, BlockId Safe) record) && record.Safe.Number >= safe.Number)
            {
                first = record;
                below = record.L1.Number;
            }

            if (first is not { } rewritten) return;
            bool hasOlder = FindBelow(rewritten.L1.Number, out _);
            Cut(rewritten.L1.Number);
            if (hasOlder) _changes.Add(rewritten.L1.Number, (rewritten.L1, safe));
        }
    }

    /// <inheritdoc/>
    public void CutAfter(ulong l1Number)
    {
        if (l1Number == ulong.MaxValue) return;
        lock (_lock) Cut(l1Number + 1);
    }

    /// <inheritdoc/>
    public bool TryGet(ulong l1Number, out BlockId l1, out BlockId safe)
    {
        bool found;
        (BlockId L1, BlockId Safe) record;
        lock (_lock) found = l1Number == ulong.MaxValue ? FindBelow(l1Number, out record) : FindBelow(l1Number + 1, out record);
        (l1, safe) = record;
        return found;
    }

    /// <summary>Makes the changes so far durable.</summary>
    /// <exception cref="IOException">They could not be written; they stay pending.</exception>
    public void Commit()
    {
        (BlockId L1, BlockId Safe)[] changes;
        ulong? cut;
        long version;
        lock (_lock)
        {
            if (_changes.Count == 0 && _cut is null) return;
            changes = [.. _changes.Values];
            cut = _cut;
            version = _version;
        }

        Span<byte> key = stackalloc byte[KeySize], value = stackalloc byte[ValueSize];
        using (IWriteTransaction transaction = store.BeginWrite())
        {
            if (cut is { } from)
            {
                BinaryPrimitives.WriteUInt64BigEndian(key, from);
                while (true)
                {
                    ICursor cursor = transaction.OpenCursor(_table);
                    if (!cursor.Seek(key)) break;
                    byte[] stale = cursor.Key.ToArray();
                    transaction.Delete(_table, stale);
                }
            }

            foreach ((BlockId l1, BlockId safe) in changes)
            {
                BinaryPrimitives.WriteUInt64BigEndian(key, l1.Number);
                l1.Hash.CopyTo(value);
                BinaryPrimitives.WriteUInt64BigEndian(value[32..], safe.Number);
                safe.Hash.CopyTo(value[40..]);
                transaction.Put(_table, key, value);
            }

            transaction.Commit();
        }

        lock (_lock)
        {
            if (_version != version) return; // there is more by now: all of it is written again, to the same effect
            _changes.Clear();
            _cut = null;
        }
    }

    private void Cut(ulong from)
    {
        _version++;
        while (_changes.Count > 0 && _changes.GetKeyAtIndex(_changes.Count - 1) >= from) _changes.RemoveAt(_changes.Count - 1);
        if (_cut is not { } cut || from < cut) _cut = from;
    }

    private bool FindBelow(ulong l1Number, out (BlockId L1, BlockId Safe) record)
    {
        for (int i = _changes.Count - 1; i >= 0; i--)
        {
            record = _changes.GetValueAtIndex(i);
            if (record.L1.Number < l1Number) return true;
        }

        record = default;
        if (_cut is { } cut && cut < l1Number) l1Number = cut;
        Span<byte> key = stackalloc byte[KeySize];
        BinaryPrimitives.WriteUInt64BigEndian(key, l1Number);
        using ISnapshot snapshot = store.OpenSnapshot();
        ICursor cursor = snapshot.OpenCursor(_table);
        if (!cursor.SeekBefore(key) || cursor.Value.Length != ValueSize) return false;
        ReadOnlySpan<byte> value = cursor.Value;
        record = (
            new BlockId(new Hash256(value[..32]), BinaryPrimitives.ReadUInt64BigEndian(cursor.Key)),
            new BlockId(new Hash256(value[40..]), BinaryPrimitives.ReadUInt64BigEndian(value[32..])));
        return true;
    }
}
