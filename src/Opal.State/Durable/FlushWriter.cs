using System.Buffers.Binary;
using Opal.Primitives;
using Opal.State.Flat;
using Opal.Storage;
using Opal.Trie;

namespace Opal.State.Durable;

/// <summary>Writes canonical layers: what each replaced to the histories, and the newest values to the tables.</summary>
/// <param name="store">The store; nobody else changes its files meanwhile.</param>
/// <param name="chain">The layers, ascending.</param>
/// <param name="held">The block that the tables hold, on which the first layer is.</param>
internal sealed class FlushWriter(DurableStateStore store, Layer[] chain, BaseState held)
{
    private const int RowsAtOnce = 4096;

    private readonly HistoryBlock _flat = new(), _trie = new();

    private StateReader ReaderBelow(int index)
    {
        BlockState block = index > 0 ? chain[index - 1].Block : held.Block ?? BlockState.Empty;
        return new StateReader(store, new StatePoint(block, new Position(chain[..index], held.Number, held.Timeline)));
    }

    /// <summary>Appends what a layer replaced to both histories.</summary>
    public void AppendHistory(int index, in BlockState parent)
    {
        Layer layer = chain[index];
        using StateReader before = ReaderBelow(index);
        _flat.Clear();
        _trie.Clear();
        AddTrie(before, Hash256.Zero, layer.Update.Accounts);
        foreach (Hash256 owner in layer.Update.Storages.Keys.Order())
        {
            StorageUpdate storage = layer.Update.Storages[owner];
            if (storage.Fresh && storage.HadStorage) AddReplaced(before, owner, storage.Changes);
            else AddTrie(before, owner, storage.Changes!);
        }

        Span<byte> label = stackalloc byte[HistoryKeys.LabelSize];
        HistoryKeys.WriteLabel(label, layer.Block, parent);
        _flat.Append(store.FlatHistory, layer.Block.Number, label);
        _trie.Append(store.TrieHistory, layer.Block.Number, label);
    }

    private void AddTrie(StateReader before, in Hash256 owner, TrieDelta delta)
    {
        for (int i = 0; i < delta.Leaves.Count; i++) AddLeaf(before, owner, delta.Leaves.Key(i), delta.Leaves.Value(i));
        for (int i = 0; i < delta.Branches.Count; i++) AddBranch(before, owner, delta.Branches.Key(i), delta.Branches.Value(i));
    }

    private void AddLeaf(StateReader before, in Hash256 owner, ReadOnlySpan<byte> key, ReadOnlySpan<byte> after)
    {
        before.TryGet(owner, Table.Leaves, key, out ReadOnlySpan<byte> old);
        if (old.SequenceEqual(after)) return;
        Span<byte> entry = stackalloc byte[HistoryKeys.MaxSize];
        _flat.Add(entry[..HistoryKeys.Write(entry, owner, key)], old);
    }

    private void AddBranch(StateReader before, in Hash256 owner, ReadOnlySpan<byte> path, ReadOnlySpan<byte> after)
    {
        before.TryGet(owner, Table.Branches, path, out ReadOnlySpan<byte> old);
        RecordHistory.Add(_trie, owner, path, old, after);
    }

    /// <summary>A storage that went as a whole: every slot and record that was there, and every one that is there now.</summary>
    private void AddReplaced(StateReader before, in Hash256 owner, TrieDelta? changes)
    {
        foreach (byte[] key in Keys(before, owner, Table.Leaves, changes?.Leaves)) AddLeaf(before, owner, key, ValueIn(changes?.Leaves, key));
        foreach (byte[] path in Keys(before, owner, Table.Branches, changes?.Branches)) AddBranch(before, owner, path, ValueIn(changes?.Branches, path));
    }

    private static ReadOnlySpan<byte> ValueIn(SortedRun? run, ReadOnlySpan<byte> key) => run is { } changes && changes.TryGet(key, out ReadOnlySpan<byte> value) ? value : default;

    private static SortedSet<byte[]> Keys(StateReader before, Hash256 owner, Table table, SortedRun? changes)
    {
        var keys = new SortedSet<byte[]>(Comparer<byte[]>.Create((x, y) => x.AsSpan().SequenceCompareTo(y)));
        for (int i = 0; i < (changes?.Count ?? 0); i++) keys.Add(changes!.Value.Key(i).ToArray());
        byte[] from = new byte[table == Table.Leaves ? Hash256.Size : sizeof(ulong)];
        var last = new byte[table == Table.Leaves ? Hash256.Size : TriePath.MaxKeySize];
        last.AsSpan().Fill(0xff);
        while (before.TrySeek(owner, table, from, last, out ReadOnlySpan<byte> key, out _))
        {
            keys.Add(key.ToArray());
            from = [.. key, 0];
        }

        return keys;
    }

    /// <summary>Brings the tables to the last layer.</summary>
    public void WriteTables(IWriteTransaction transaction)
    {
        var wiped = new SortedDictionary<Hash256, int>(); // by the last layer that did it
        for (int i = 0; i < chain.Length; i++)
        {
            foreach (Hash256 owner in chain[i].Wiped) wiped[owner] = i;
        }

        foreach (Hash256 owner in wiped.Keys)
        {
            DeleteAll(transaction, store.Schema.Slots, owner);
            DeleteAll(transaction, store.Schema.StorageBranches, owner);
        }

        WriteTable(transaction, store.Schema.Accounts, wiped, run => run.Owner.IsZero && run.Table == Table.Leaves);
        WriteTable(transaction, store.Schema.Slots, wiped, run => !run.Owner.IsZero && run.Table == Table.Leaves);
        WriteTable(transaction, store.Schema.AccountBranches, wiped, run => run.Owner.IsZero && run.Table == Table.Branches);
        WriteTable(transaction, store.Schema.StorageBranches, wiped, run => !run.Owner.IsZero && run.Table == Table.Branches);
        WriteCodes(transaction);
    }

    /// <summary>Deletes the rows of one storage, some at a time: there may be far more than a block has changes.</summary>
    private static void DeleteAll(IWriteTransaction transaction, StoreTable table, in Hash256 owner)
    {
        Span<byte> prefix = stackalloc byte[Hash256.Size];
        owner.CopyTo(prefix);
        var keys = new List<byte[]>();
        do
        {
            keys.Clear();
            ICursor cursor = transaction.OpenCursor(table);
            for (bool there = cursor.Seek(prefix); there && keys.Count < RowsAtOnce && cursor.Key.StartsWith(prefix); there = cursor.MoveNext()) keys.Add(cursor.Key.ToArray());
            foreach (byte[] key in keys) transaction.Delete(table, key);
        }
        while (keys.Count == RowsAtOnce);
    }

    /// <summary>A change that is to be written.</summary>
    /// <param name="Head">The first eight bytes of the row's key, as a number: most comparisons end there.</param>
    /// <param name="Layer">Which of the layers it is of.</param>
    /// <param name="Index">Its place in the run.</param>
    /// <param name="Run">The run.</param>
    private readonly record struct Row(ulong Head, int Layer, int Index, LayerRun Run)
    {
        public ReadOnlySpan<byte> Key => Run.Run.Key(Index);

        public bool SameKey(in Row other) => Head == other.Head && Run.Owner == other.Run.Owner && Key.SequenceEqual(other.Key);
    }

    /// <summary>In the order of keys; of the same key, the newest first.</summary>
    private readonly struct ByKey : IComparer<Row>
    {
        public int Compare(Row x, Row y)
        {
            if (x.Head != y.Head) return x.Head < y.Head ? -1 : 1;
            int order = x.Run.Owner.CompareTo(y.Run.Owner);
            if (order == 0) order = x.Key.SequenceCompareTo(y.Key);
            return order != 0 ? order : y.Layer.CompareTo(x.Layer);
        }
    }

    /// <summary>Writes the newest value of each key, in the order of keys.</summary>
    private void WriteTable(IWriteTransaction transaction, StoreTable table, SortedDictionary<Hash256, int> wiped, Predicate<LayerRun> belongs)
    {
        var rows = new List<Row>();
        Span<byte> key = stackalloc byte[StateSchema.MaxKeySize];
        for (int layer = 0; layer < chain.Length; layer++)
        {
            foreach (LayerRun run in chain[layer].Runs)
            {
                if (!belongs(run) || (wiped.Count > 0 && wiped.TryGetValue(run.Owner, out int last) && last > layer)) continue;
                run.Owner.CopyTo(key);
                ulong head = BinaryPrimitives.ReadUInt64BigEndian(key);
                for (int i = 0; i < run.Run.Count; i++) rows.Add(new Row(run.Owner.IsZero ? BinaryPrimitives.ReadUInt64BigEndian(run.Run.Key(i)) : head, layer, i, run));
            }
        }

        rows.Sort(default(ByKey));
        for (int i = 0; i < rows.Count; i++)
        {
            Row row = rows[i];
            if (i > 0 && row.SameKey(rows[i - 1])) continue;
            ReadOnlySpan<byte> bytes = key[..StateSchema.WriteKey(key, row.Run.Owner, row.Key)], value = row.Run.Run.Value(row.Index);
            if (value.IsEmpty) transaction.Delete(table, bytes);
            else transaction.Put(table, bytes, value);
        }
    }

    private void WriteCodes(IWriteTransaction transaction)
    {
        var codes = new SortedDictionary<Hash256, byte[]>();
        foreach (Layer layer in chain)
        {
            foreach ((Hash256 hash, byte[] code) in layer.Codes) codes[hash] = code;
        }

        Span<byte> key = stackalloc byte[Hash256.Size];
        foreach ((Hash256 hash, byte[] code) in codes)
        {
            hash.CopyTo(key);
            if (!transaction.TryGet(store.Schema.Code, key, out _)) transaction.Put(store.Schema.Code, key, code);
        }
    }
}
