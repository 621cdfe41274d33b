using Opal.Primitives;
using Opal.State.Flat;
using Opal.Storage;
using Opal.Trie;

namespace Opal.State.Durable;

/// <summary>Takes the tables back block by block, within one transaction.</summary>
internal sealed class Unwinder(DurableStateStore store, IWriteTransaction transaction)
{
    private readonly byte[] _current = new byte[BranchRecord.MaxSize], _record = new byte[BranchRecord.MaxSize], _header = new byte[6 + 32];
    private readonly List<(int Digit, byte[] Reference)> _references = [];

    /// <summary>From the state after one block to that after a lower one.</summary>
    public void Run(ulong from, ulong to)
    {
        for (ulong number = from; number > to; number--)
        {
            UnwindLeaves(number);
            UnwindBranches(number);
        }
    }

    private void UnwindLeaves(ulong number)
    {
        Span<byte> row = stackalloc byte[StateSchema.MaxKeySize];
        foreach (HistoryEntry entry in store.FlatHistory.ReadBlock(number))
        {
            if (!HistoryKeys.TryRead(entry.Key.Span, out Hash256 owner, out ReadOnlySpan<byte> key)) throw Damaged("state", number);
            Set(store.Schema.TableOf(owner, Table.Leaves), row[..StateSchema.WriteKey(row, owner, key)], entry.OldValue.Span);
        }
    }

    private void Set(StoreTable table, ReadOnlySpan<byte> row, ReadOnlySpan<byte> value)
    {
        if (value.IsEmpty) transaction.Delete(table, row);
        else transaction.Put(table, row, value);
    }

    private void UnwindBranches(ulong number)
    {
        // the entries of one record are neighbours: its header, if that changed, then references
        byte[] place = [];
        int header = -1;
        _references.Clear();
        foreach (HistoryEntry entry in store.TrieHistory.ReadBlock(number))
        {
            ReadOnlySpan<byte> key = entry.Key.Span, old = entry.OldValue.Span;
            if (key.Length < 2 || key[^1] > RecordHistory.FirstReference + 15) throw Damaged("trie", number);
            if (!key[..^1].SequenceEqual(place))
            {
                UnwindRecord(number, place, header);
                place = key[..^1].ToArray();
                header = -1;
            }

            if (key[^1] == RecordHistory.Header)
            {
                if (old.Length > _header.Length) throw Damaged("trie", number);
                old.CopyTo(_header);
                header = old.Length;
            }
            else
            {
                _references.Add((key[^1] - RecordHistory.FirstReference, old.ToArray()));
            }
        }

        UnwindRecord(number, place, header);
    }

    /// <param name="number">The block, for messages.</param>
    /// <param name="place">The record's key in the history, without the last byte; empty for none.</param>
    /// <param name="header">The size of the old header; 0 when there was no record, -1 when it did not change.</param>
    private void UnwindRecord(ulong number, byte[] place, int header)
    {
        if (place.Length == 0) return;
        if (!HistoryKeys.TryRead(place, out Hash256 owner, out ReadOnlySpan<byte> path)) throw Damaged("trie", number);
        StoreTable table = store.Schema.TableOf(owner, Table.Branches);
        ReadOnlySpan<byte> row = place.AsSpan(1);
        int length = 0;
        if (transaction.TryGet(table, row, out ReadOnlySpan<byte> there))
        {
            there.CopyTo(_current);
            length = there.Length;
        }

        var record = new RecordRebuild(owner, path, _current.AsSpan(0, length));
        if (header >= 0) record.SetHeader(_header.AsSpan(0, header));
        foreach ((int digit, byte[] reference) in _references) record.SetReference(digit, reference);
        _references.Clear();
        Set(table, row, _record.AsSpan(0, record.Write(_record)));
    }

    private static StoreCorruptException Damaged(string name, ulong number) =>
        new($"the {name} history of block {number} is damaged: remove the directory of the {name} history to go on without older states");
}
