using Opal.Primitives;
using Opal.State.Flat;
using Opal.Storage;
using Opal.Trie;

namespace Opal.State.Durable;

/// <summary>
/// Reads one state: what the layers it covers say, else what history says has changed since its persisted block, else the tables.
/// For one thread at a time.
/// </summary>
/// <remarks>
/// The order makes it right whatever moves meanwhile: first the version map, then the position, then the snapshot, which says itself
/// whose block it holds. A flush commits tables, then moves positions, then replaces the map; so what the map no longer has is in
/// the snapshot. History is only cut or pruned after a counter moved, which is compared after the read.
/// </remarks>
internal sealed class StateReader(DurableStateStore store, StatePoint point) : IFlatState, IDisposable
{
    /// <summary>Reads by one snapshot: it must not live long.</summary>
    private const int ReadsBySnapshot = 256;

    /// <summary>How many neighbours in the tables are tried before history is searched for one.</summary>
    private const int TriedNeighbours = 8;

    private readonly byte[] _value = new byte[BranchRecord.MaxSize], _seekKey = new byte[StateSchema.MaxKeySize + 1];
    private ISnapshot? _snapshot;
    private BaseState? _base;
    private int _reads, _generation;

    public Hash256 Root => point.Block.Root;

    /// <summary>Ends the snapshot; reading goes on with a new one.</summary>
    public void Dispose()
    {
        _snapshot?.Dispose();
        _snapshot = null;
    }

    private Position Current() => point.Position ?? throw Gone();

    private MissingStateException Gone() => new($"the state of block {point.Block.Number} ({point.Block.Hash}) is no longer kept: the block left the chain, or the store was taken back below it");

    /// <summary>Whether a flush has moved the state since its position was taken: what is gone for the old place may be there in the new one.</summary>
    private bool HasMoved(Position position) => !ReferenceEquals(point.Position, position);

    /// <summary>A snapshot that is no older than a position taken before; null when the state has moved from there meanwhile.</summary>
    private ISnapshot? Snapshot(Position position, out BaseState held)
    {
        if (_snapshot is not null && (++_reads > ReadsBySnapshot || _base!.Number < position.Anchor || _base.Timeline < position.Timeline)) Dispose();
        if (_snapshot is null)
        {
            _generation = store.Generation;
            _snapshot = store.OpenSnapshot(out _base);
            _reads = 0;
        }

        held = _base!;
        if (held.Timeline == position.Timeline || store.Holds(position, held.Timeline)) return _snapshot;
        return HasMoved(position) ? null : throw Gone();
    }

    /// <summary>Whether history was cut since the snapshot was taken: then what it said may lack something.</summary>
    private bool HistoryMoved()
    {
        Volatile.ReadBarrier(); // history was read before the counter is
        if (store.Generation == _generation) return false;
        Dispose();
        return true;
    }

    public bool TryGet(scoped in Hash256 owner, Table table, scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        Span<byte> row = stackalloc byte[StateSchema.MaxKeySize];
        while (true)
        {
            VersionMap map = store.Map;
            Position position = Current();
            if (map.TryFind(position, owner, table, key, out value, out _)) return !value.IsEmpty;
            if (position.Anchor < 0) return false;
            if (Snapshot(position, out BaseState held) is not { } snapshot) continue;
            bool found = snapshot.TryGet(store.Schema.TableOf(owner, table), row[..StateSchema.WriteKey(row, owner, key)], out ReadOnlySpan<byte> there);
            if (found) CheckRow(owner, table, key, there);

            if (held.Number == position.Anchor)
            {
                there.CopyTo(_value);
                value = _value.AsSpan(0, there.Length);
                return found;
            }

            int length;
            try
            {
                length = ReadPast(owner, table, key, position, held, there);
                store.CheckKept(table, position.Anchor, held.Number);
            }
            catch (Exception fault) when (fault is ArgumentOutOfRangeException or MissingStateException or StoreCorruptException or IOException)
            {
                // the history may have been cut or pruned under the read
                if (HistoryMoved() || HasMoved(position)) continue;
                store.CheckKept(table, position.Anchor, held.Number);
                throw;
            }

            if (HistoryMoved()) continue;
            value = _value.AsSpan(0, length);
            return length > 0;
        }
    }

    /// <summary>Checks that a row of the tables is of a form that there can be.</summary>
    /// <exception cref="StoreCorruptException">It is not.</exception>
    public static void CheckRow(in Hash256 owner, Table table, scoped ReadOnlySpan<byte> key, scoped ReadOnlySpan<byte> value)
    {
        bool good = table == Table.Branches ? value.Length <= BranchRecord.MaxSize : owner.IsZero ? value.Length <= BranchRecord.MaxSize && FlatAccount.IsWellFormed(value) : value.Length is > 0 and <= 32;
        if (!good) throw new StoreCorruptException($"{StateSchema.Name(owner, table, key)}: the row is damaged; stop the node and run 'opal db verify'");
    }

    /// <summary>Puts what was under a key after an old block into the buffer, and gives its size back.</summary>
    private int ReadPast(in Hash256 owner, Table table, ReadOnlySpan<byte> key, Position position, BaseState held, ReadOnlySpan<byte> current)
    {
        store.CheckKept(table, position.Anchor, held.Number);
        ulong after = (ulong)position.Anchor, upTo = (ulong)held.Number;
        if (table == Table.Branches) return RecordHistory.Read(store.TrieHistory, owner, key, after, upTo, current, _value);
        Span<byte> entry = stackalloc byte[HistoryKeys.MaxSize];
        if (store.FlatHistory.TryFind(entry[..HistoryKeys.Write(entry, owner, key)], after, upTo, out ReadOnlyMemory<byte> old)) current = old.Span;
        current.CopyTo(_value);
        return current.Length;
    }

    public bool TrySeekLeaf(scoped in Hash256 owner, scoped in TriePath path, out Hash256 key, out ReadOnlySpan<byte> value)
    {
        Span<byte> lower = stackalloc byte[Hash256.Size], upper = stackalloc byte[Hash256.Size];
        path.Digits.CopyTo(lower);
        upper.Fill(0xff);
        lower[..(path.Length >> 1)].CopyTo(upper);
        if ((path.Length & 1) == 1) upper[path.Length >> 1] = (byte)(lower[path.Length >> 1] | 15);
        bool found = TrySeek(owner, Table.Leaves, lower, upper, out ReadOnlySpan<byte> bytes, out value);
        key = found ? new Hash256(bytes) : default;
        return found;
    }

    /// <summary>
    /// The first entry of a trie whose key is within bounds; false when there is none. Key and value are valid until the next call.
    /// Of an old state it may be another one within the bounds: the trie code asks where there is one at most.
    /// </summary>
    public bool TrySeek(scoped in Hash256 owner, Table table, scoped ReadOnlySpan<byte> lower, scoped ReadOnlySpan<byte> upper, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        // searching history for a neighbour is slow, and the one looked for is mostly still there
        if (table == Table.Leaves && NeedsHistory() && TrySeek(owner, table, lower, upper, false, out key, out value)) return true;
        return TrySeek(owner, table, lower, upper, true, out key, out value);
    }

    private bool TrySeek(scoped in Hash256 owner, Table table, scoped ReadOnlySpan<byte> lower, scoped ReadOnlySpan<byte> upper, bool withHistory, out ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        // keys that layers, history or the tables know are tried in their order: each may be one that this state does not have
        Span<byte> at = stackalloc byte[TriePath.MaxKeySize + 1], lowest = stackalloc byte[TriePath.MaxKeySize];
        lower.CopyTo(at);
        int length = lower.Length;
        for (int tried = 0; withHistory || tried < TriedNeighbours; tried++)
        {
            int found = Lowest(owner, table, at[..length], upper, lowest, withHistory);
            if (found == 0) break;
            if (TryGet(owner, table, lowest[..found], out value))
            {
                lowest[..found].CopyTo(_seekKey);
                key = _seekKey.AsSpan(0, found);
                return true;
            }

            lowest[..found].CopyTo(at);
            at[found] = 0;
            length = found + 1;
        }

        key = value = default;
        return false;
    }

    private bool NeedsHistory()
    {
        while (true)
        {
            Position position = Current();
            if (position.Anchor < 0) return false;
            if (Snapshot(position, out BaseState held) is not null) return held.Number != position.Anchor;
        }
    }

    /// <summary>The lowest key within bounds that anything knows; 0 for none, else its size.</summary>
    private int Lowest(in Hash256 owner, Table table, ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, Span<byte> lowest, bool withHistory)
    {
        Span<byte> row = stackalloc byte[StateSchema.MaxKeySize + 1];
        while (true)
        {
            int found = 0;
            Position position = Current();
            foreach (Layer layer in position.Chain)
            {
                if (owner.IsZero && table == Table.Leaves && !layer.MayHaveAccount(lower, upper)) continue;
                if (layer.Run(owner, table) is not { } run) continue;
                int index = run.Find(lower, out _);
                if (index < run.Count) Take(run.Key(index), upper, lowest, ref found);
            }

            if (position.Anchor < 0) return found;
            if (Snapshot(position, out BaseState held) is not { } snapshot) continue;
            ICursor cursor = snapshot.OpenCursor(store.Schema.TableOf(owner, table));
            if (cursor.Seek(row[..StateSchema.WriteKey(row, owner, lower)]))
            {
                ReadOnlySpan<byte> there = cursor.Key;
                if (owner.IsZero) Take(there, upper, lowest, ref found);
                else if (there.Length > Hash256.Size && there[..Hash256.Size].SequenceEqual(row[..Hash256.Size])) Take(there[Hash256.Size..], upper, lowest, ref found);
            }

            if (held.Number == position.Anchor || !withHistory) return found;
            if (table == Table.Branches) throw new InvalidOperationException("records are only enumerated where the tables stand");
            try
            {
                found = TakeFromHistory(owner, lower, upper, position, held, lowest, found);
            }
            catch (Exception fault) when (fault is ArgumentOutOfRangeException or MissingStateException or StoreCorruptException or IOException)
            {
                if (HistoryMoved() || HasMoved(position)) continue;
                store.CheckKept(Table.Leaves, position.Anchor, held.Number);
                throw;
            }

            if (!HistoryMoved()) return found;
        }
    }

    private int TakeFromHistory(in Hash256 owner, ReadOnlySpan<byte> lower, ReadOnlySpan<byte> upper, Position position, BaseState held, Span<byte> lowest, int found)
    {
        store.CheckKept(Table.Leaves, position.Anchor, held.Number);
        var first = new byte[HistoryKeys.MaxSize];
        var last = new byte[HistoryKeys.MaxSize];
        int firstSize = HistoryKeys.Write(first, owner, lower), lastSize = HistoryKeys.Write(last, owner, upper);
        foreach (ReadOnlyMemory<byte> entry in store.FlatHistory.KeysBetween(first.AsMemory(0, firstSize), last.AsMemory(0, lastSize), (ulong)position.Anchor, (ulong)held.Number))
        {
            if (HistoryKeys.TryRead(entry.Span, out _, out ReadOnlySpan<byte> key)) Take(key, upper, lowest, ref found);
            break;
        }

        return found;
    }

    private static void Take(ReadOnlySpan<byte> key, ReadOnlySpan<byte> upper, Span<byte> lowest, ref int found)
    {
        if (key.SequenceCompareTo(upper) > 0 || (found > 0 && key.SequenceCompareTo(lowest[..found]) >= 0)) return;
        key.CopyTo(lowest);
        found = key.Length;
    }
}
