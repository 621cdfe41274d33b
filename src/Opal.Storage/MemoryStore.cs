using System.Collections.Immutable;

namespace Opal.Storage;

/// <summary>The store in memory, for tests and ephemeral networks: tables are immutable sorted sets, so a snapshot is one reference.</summary>
public sealed class MemoryStore : IKeyValueStore
{
    private const int MaxKeySize = 511;

    private readonly SemaphoreSlim _writer = new(1, 1);
    private readonly Dictionary<string, StoreTable> _names = [];
    private volatile State _state = new(ImmutableDictionary<uint, ImmutableSortedSet<Entry>>.Empty, 0);

    private sealed record State(ImmutableDictionary<uint, ImmutableSortedSet<Entry>> Tables, ulong Id)
    {
        public ImmutableSortedSet<Entry> Table(StoreTable table) =>
            table.Handle != 0 ? Tables.GetValueOrDefault(table.Handle, ImmutableSortedSet<Entry>.Empty) : throw new ArgumentException("no table of this store", nameof(table));
    }

    /// <summary>Ordered by key alone, so that one without a value finds its like.</summary>
    private readonly record struct Entry(byte[] Key, byte[] Value) : IComparable<Entry>
    {
        public int CompareTo(Entry other) => Key.AsSpan().SequenceCompareTo(other.Key);
    }

    /// <inheritdoc/>
    public StoreTable Table(string name)
    {
        lock (_names)
        {
            if (!_names.TryGetValue(name, out StoreTable table)) _names.Add(name, table = new StoreTable((uint)_names.Count + 1));
            return table;
        }
    }

    /// <inheritdoc/>
    public ISnapshot OpenSnapshot() => new Snapshot(_state);

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

    private sealed class Snapshot(State state) : ISnapshot
    {
        private bool _over;

        private ImmutableSortedSet<Entry> Table(StoreTable table)
        {
            ObjectDisposedException.ThrowIf(_over, this);
            return state.Table(table);
        }

        public ulong Id => state.Id;

        public bool TryGet(StoreTable table, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value) => TryFind(Table(table), key, out value);

        public ICursor OpenCursor(StoreTable table) => new Cursor(Table(table));

        public void Dispose() => _over = true;
    }

    private sealed class Transaction(MemoryStore store) : IWriteTransaction
    {
        private readonly State _before = store._state;
        private readonly Dictionary<StoreTable, ImmutableSortedSet<Entry>.Builder> _changed = [];
        private bool _over;

        private ImmutableSortedSet<Entry>.Builder Table(StoreTable table)
        {
            ObjectDisposedException.ThrowIf(_over, this);
            if (!_changed.TryGetValue(table, out ImmutableSortedSet<Entry>.Builder? entries)) _changed.Add(table, entries = _before.Table(table).ToBuilder());
            return entries;
        }

        public ulong Id => _before.Id;

        public bool TryGet(StoreTable table, ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
        {
            bool found = Table(table).TryGetValue(new Entry(KeyOf(key), []), out Entry entry);
            value = found ? entry.Value : default;
            return found;
        }

        public ICursor OpenCursor(StoreTable table) => new Cursor(Table(table).ToImmutable());

        public void Put(StoreTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            ImmutableSortedSet<Entry>.Builder entries = Table(table);
            var entry = new Entry(KeyOf(key), value.ToArray());
            if (!entries.Add(entry))
            {
                entries.Remove(entry);
                entries.Add(entry);
            }
        }

        public void PutAscending(StoreTable table, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
        {
            ImmutableSortedSet<Entry>.Builder entries = Table(table);
            var entry = new Entry(KeyOf(key), value.ToArray());
            if (entries.Count > 0 && entries.Max.CompareTo(entry) >= 0) throw new ArgumentException("the table has a key that is not below", nameof(key));
            entries.Add(entry);
        }

        public bool Delete(StoreTable table, ReadOnlySpan<byte> key) => Table(table).Remove(new Entry(KeyOf(key), []));

        public ulong Commit()
        {
            ObjectDisposedException.ThrowIf(_over, this);
            ImmutableDictionary<uint, ImmutableSortedSet<Entry>> tables = _before.Tables;
            bool any = false;
            foreach ((StoreTable table, ImmutableSortedSet<Entry>.Builder entries) in _changed)
            {
                ImmutableSortedSet<Entry> now = entries.ToImmutable();
                if (ReferenceEquals(now, _before.Table(table))) continue;
                tables = tables.SetItem(table.Handle, now);
                any = true;
            }

            State after = any ? new State(tables, _before.Id + 1) : _before;
            store._state = after;
            Dispose();
            return after.Id;
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
