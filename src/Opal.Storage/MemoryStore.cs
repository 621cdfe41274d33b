using System.Collections.Immutable;

namespace Opal.Storage;

/// <summary>The store in memory, for tests and ephemeral networks: tables are immutable sorted sets, so a snapshot is one reference.</summary>
public sealed class MemoryStore : IKeyValueStore
{
    private const int MaxKeySize = 511;

    private readonly SemaphoreSlim _writer = new(1, 1);
    private volatile ImmutableDictionary<string, ImmutableSortedSet<Entry>> _tables = ImmutableDictionary<string, ImmutableSortedSet<Entry>>.Empty;

    /// <summary>Ordered by key alone, so that one without a value finds its like.</summary>
    private readonly record struct Entry(byte[] Key, byte[] Value) : IComparable<Entry>
    {
        public int CompareTo(Entry other) => Key.AsSpan().SequenceCompareTo(other.Key);
    }

    /// <inheritdoc/>
    public ISnapshot OpenSnapshot() => new Snapshot(_tables);

    /// <inheritdoc/>
    public IWriteTransaction BeginWrite()
    {
        _writer.Wait();
        return new Transaction(this);
    }

    /// <inheritdoc/>
    public void Dispose() => _writer.Dispose();

    private static byte[] KeyOf(ReadOnlySpan<byte> key) =>
        key.Length is > 0 and <= MaxKeySize ? key.ToArray() : throw new ArgumentException($"a key has 1 to {MaxKeySize} bytes", nameof(key));

    private static bool TryFind(ImmutableSortedSet<Entry> table, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        bool found = table.TryGetValue(new Entry(KeyOf(key), []), out Entry entry);
        value = found ? entry.Value : default;
        return found;
    }

    private sealed class Snapshot(ImmutableDictionary<string, ImmutableSortedSet<Entry>> tables) : ISnapshot
    {
        private ImmutableDictionary<string, ImmutableSortedSet<Entry>>? _tables = tables;

        private ImmutableSortedSet<Entry> Table(string name)
        {
            ObjectDisposedException.ThrowIf(_tables is null, this);
            return _tables.GetValueOrDefault(name, ImmutableSortedSet<Entry>.Empty);
        }

        public bool TryGet(string table, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value) => TryFind(Table(table), key, out value);

        public ICursor OpenCursor(string table) => new Cursor(Table(table));

        public void Dispose() => _tables = null;
    }

    private sealed class Transaction(MemoryStore store) : IWriteTransaction
    {
        private readonly Dictionary<string, ImmutableSortedSet<Entry>.Builder> _changed = [];
        private bool _over;

        private ImmutableSortedSet<Entry>.Builder Table(string name)
        {
            ObjectDisposedException.ThrowIf(_over, this);
            if (!_changed.TryGetValue(name, out ImmutableSortedSet<Entry>.Builder? table))
            {
                table = store._tables.GetValueOrDefault(name, ImmutableSortedSet<Entry>.Empty).ToBuilder();
                _changed.Add(name, table);
            }

            return table;
        }

        public bool TryGet(string table, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
        {
            bool found = Table(table).TryGetValue(new Entry(KeyOf(key), []), out Entry entry);
            value = found ? entry.Value : default;
            return found;
        }

        public ICursor OpenCursor(string table) => new Cursor(Table(table).ToImmutable());

        public void Put(string table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            ImmutableSortedSet<Entry>.Builder entries = Table(table);
            var entry = new Entry(KeyOf(key), value.ToArray());
            if (!entries.Add(entry))
            {
                entries.Remove(entry);
                entries.Add(entry);
            }
        }

        public bool Delete(string table, ReadOnlySpan<byte> key) => Table(table).Remove(new Entry(KeyOf(key), []));

        public void Commit()
        {
            ObjectDisposedException.ThrowIf(_over, this);
            ImmutableDictionary<string, ImmutableSortedSet<Entry>> tables = store._tables;
            foreach ((string name, ImmutableSortedSet<Entry>.Builder table) in _changed) tables = tables.SetItem(name, table.ToImmutable());
            store._tables = tables;
            Dispose();
        }

        public void Dispose()
        {
            if (_over) return;
            _over = true;
            store._writer.Release();
        }
    }

    private sealed class Cursor(ImmutableSortedSet<Entry> table) : ICursor
    {
        private int _at = -1;

        public ReadOnlySpan<byte> Key => table[_at].Key;

        public ReadOnlySpan<byte> Value => table[_at].Value;

        public bool Seek(ReadOnlySpan<byte> key) => GoTo(FirstNotBelow(key));

        public bool SeekBefore(ReadOnlySpan<byte> key) => GoTo(FirstNotBelow(key) - 1);

        public bool MoveNext() => GoTo(_at + 1);

        private int FirstNotBelow(ReadOnlySpan<byte> key)
        {
            int index = table.IndexOf(new Entry(key.ToArray(), []));
            return index >= 0 ? index : ~index;
        }

        private bool GoTo(int index)
        {
            _at = Math.Clamp(index, -1, table.Count);
            return _at >= 0 && _at < table.Count;
        }
    }
}
