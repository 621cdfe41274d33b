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

    private readonly FlushRow[] _accounts = FlushRows.Of(chain, true, Table.Leaves), _slots = FlushRows.Of(chain, false, Table.Leaves);
    private readonly FlushRow[] _accountBranches = FlushRows.Of(chain, true, Table.Branches), _storageBranches = FlushRows.Of(chain, false, Table.Branches);

    private StateReader ReaderBelow(int index)
    {
        BlockState block = index > 0 ? chain[index - 1].Block : held.Block ?? BlockState.Empty;
        return new StateReader(store, new StatePoint(block, new Position(chain[..index], held.Number, held.Timeline)));
    }

    /// <summary>Appends what the layers replaced to both histories: in one pass over each table, in the order of its keys.</summary>
    /// <param name="parent">The block below the first layer.</param>
    public void AppendHistory(BlockState parent)
    {
        if (chain.Any(layer => layer.Wiped.Count > 0))
        {
            AppendHistoryByLayer(parent);
            return;
        }

        HistoryBlock[] flat = NewBlocks(), trie = NewBlocks();
        using (ISnapshot snapshot = store.OpenSnapshot(out _))
        {
            AddOld(snapshot, _accounts, Table.Leaves, flat);
            AddOld(snapshot, _slots, Table.Leaves, flat);
            AddOld(snapshot, _accountBranches, Table.Branches, trie);
            AddOld(snapshot, _storageBranches, Table.Branches, trie);
        }

        for (int i = 0; i < chain.Length; i++)
        {
            Append(i, parent, flat[i], trie[i]);
            parent = chain[i].Block;
        }
    }

    private HistoryBlock[] NewBlocks() => Array.ConvertAll(chain, _ => new HistoryBlock());

    private void Append(int index, in BlockState parent, HistoryBlock flat, HistoryBlock trie)
    {
        Span<byte> label = stackalloc byte[HistoryKeys.LabelSize];
        BlockState block = chain[index].Block;
        HistoryKeys.WriteLabel(label, block, parent);
        flat.Append(store.FlatHistory, block.Number, label);
        trie.Append(store.TrieHistory, block.Number, label);
    }

    /// <summary>Adds what rows replaced to the blocks of their layers: what the layer before it with the key has, else what the table has.</summary>
    private void AddOld(ISnapshot snapshot, FlushRow[] rows, Table table, HistoryBlock[] blocks)
    {
        if (rows.Length == 0) return;
        Span<byte> key = stackalloc byte[StateSchema.MaxKeySize];
        ICursor cursor = snapshot.OpenCursor(store.Schema.TableOf(rows[0].Run.Owner, table));
        for (int i = 0; i < rows.Length; i++)
        {
            FlushRow row = rows[i];
            ReadOnlySpan<byte> before = default;
            if (i > 0 && row.HasKeyOf(rows[i - 1]))
            {
                before = rows[i - 1].Value;
            }
            else
            {
                ReadOnlySpan<byte> bytes = key[..StateSchema.WriteKey(key, row.Run.Owner, row.Key)];
                if (cursor.Seek(bytes) && cursor.Key.SequenceEqual(bytes))
                {
                    before = cursor.Value;
                    StateReader.CheckRow(row.Run.Owner, table, row.Key, before);
                }
            }

            if (table == Table.Leaves) AddLeaf(blocks[row.Layer], row.Run.Owner, row.Key, before, row.Value);
            else RecordHistory.Add(blocks[row.Layer], row.Run.Owner, row.Key, before, row.Value);
        }
    }

    /// <summary>As <see cref="AppendHistory"/>, layer by layer and key by key through the reader of the state below: also where storages were wiped as a whole.</summary>
    internal void AppendHistoryByLayer(BlockState parent)
    {
        HistoryBlock flat = new(), trie = new();
        for (int i = 0; i < chain.Length; i++)
        {
            Layer layer = chain[i];
            using StateReader before = ReaderBelow(i);
            AddTrie(before, Hash256.Zero, layer.Update.Accounts, flat, trie);
            foreach (Hash256 owner in layer.Update.Storages.Keys.Order())
            {
                StorageUpdate storage = layer.Update.Storages[owner];
                if (storage.Fresh && storage.HadStorage) AddReplaced(before, owner, storage.Changes, flat, trie);
                else if (storage.Changes is { } changes) AddTrie(before, owner, changes, flat, trie);
            }

            Append(i, parent, flat, trie);
            parent = layer.Block;
        }
    }

    private static void AddTrie(StateReader before, in Hash256 owner, TrieDelta delta, HistoryBlock flat, HistoryBlock trie)
    {
        for (int i = 0; i < delta.Leaves.Count; i++) AddLeaf(before, owner, delta.Leaves.Key(i), delta.Leaves.Value(i), flat);
        for (int i = 0; i < delta.Branches.Count; i++) AddBranch(before, owner, delta.Branches.Key(i), delta.Branches.Value(i), trie);
    }

    private static void AddLeaf(StateReader before, in Hash256 owner, ReadOnlySpan<byte> key, ReadOnlySpan<byte> after, HistoryBlock flat)
    {
        before.TryGet(owner, Table.Leaves, key, out ReadOnlySpan<byte> old);
        AddLeaf(flat, owner, key, old, after);
    }

    private static void AddLeaf(HistoryBlock flat, in Hash256 owner, ReadOnlySpan<byte> key, ReadOnlySpan<byte> before, ReadOnlySpan<byte> after)
    {
        if (before.SequenceEqual(after)) return;
        Span<byte> entry = stackalloc byte[HistoryKeys.MaxSize];
        flat.Add(entry[..HistoryKeys.Write(entry, owner, key)], before);
    }

    private static void AddBranch(StateReader before, in Hash256 owner, ReadOnlySpan<byte> path, ReadOnlySpan<byte> after, HistoryBlock trie)
    {
        before.TryGet(owner, Table.Branches, path, out ReadOnlySpan<byte> old);
        RecordHistory.Add(trie, owner, path, old, after);
    }

    /// <summary>A storage that went as a whole: every slot and record that was there, and every one that is there now.</summary>
    private static void AddReplaced(StateReader before, in Hash256 owner, TrieDelta? changes, HistoryBlock flat, HistoryBlock trie)
    {
        foreach (byte[] key in Keys(before, owner, Table.Leaves, changes?.Leaves)) AddLeaf(before, owner, key, ValueIn(changes?.Leaves, key), flat);
        foreach (byte[] path in Keys(before, owner, Table.Branches, changes?.Branches)) AddBranch(before, owner, path, ValueIn(changes?.Branches, path), trie);
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

        WriteTable(transaction, store.Schema.Accounts, _accounts, wiped);
        WriteTable(transaction, store.Schema.Slots, _slots, wiped);
        WriteTable(transaction, store.Schema.AccountBranches, _accountBranches, wiped);
        WriteTable(transaction, store.Schema.StorageBranches, _storageBranches, wiped);
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

    /// <summary>Writes the newest value of each key, in the order of keys.</summary>
    private static void WriteTable(IWriteTransaction transaction, StoreTable table, FlushRow[] rows, SortedDictionary<Hash256, int> wiped)
    {
        Span<byte> key = stackalloc byte[StateSchema.MaxKeySize];
        for (int i = 0; i < rows.Length; i++)
        {
            FlushRow row = rows[i];
            if (i + 1 < rows.Length && rows[i + 1].HasKeyOf(row)) continue;
            if (wiped.Count > 0 && wiped.TryGetValue(row.Run.Owner, out int last) && last > row.Layer) continue;
            ReadOnlySpan<byte> bytes = key[..StateSchema.WriteKey(key, row.Run.Owner, row.Key)], value = row.Value;
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
