using Opal.Evm;
using Opal.State.Durable;
using Opal.Storage;

namespace Opal.State;

/// <content>A genesis of millions of accounts.</content>
public sealed partial class DurableStateStore
{
    /// <summary>Whether the tables hold a part of a genesis state whose load was cut short: nothing in them is of use.</summary>
    public static bool IsHalfLoaded(IKeyValueStore store)
    {
        var schema = new StateSchema(store);
        using ISnapshot snapshot = store.OpenSnapshot();
        return snapshot.TryGet(schema.Meta, StateSchema.LoadKey, out _);
    }

    /// <summary>Begins to write a genesis state of many accounts, which need not be in memory at once. The store is empty, and nobody reads it meanwhile.</summary>
    /// <param name="first">Accounts with storage, their code, and any others: on top of the empty state.</param>
    /// <exception cref="InvalidOperationException">The store has a state.</exception>
    public DurableStateLoader BeginLoad(StateDiff first)
    {
        lock (_gate)
        {
            if (_base.Block is not null || _order.Count > 0) throw new InvalidOperationException("the store has a state already: a genesis is loaded into an empty one");
        }

        return new DurableStateLoader(this, _store, first);
    }

    internal void FinishLoad(in BlockState genesis)
    {
        lock (_flushing)
        {
            using IWriteTransaction transaction = _store.BeginWrite();
            transaction.Delete(Schema.Meta, StateSchema.LoadKey);
            Schema.WriteState(transaction, genesis, _base.Timeline);
            ulong id = transaction.Commit();
            _base = new BaseState(genesis, _base.Timeline, id);
        }
    }

    /// <summary>What the store holds.</summary>
    public DurableStateStatistics GetStatistics()
    {
        using ISnapshot snapshot = OpenSnapshot(out BaseState held);
        StateRowCount rows = new(CountRows(snapshot, Schema.Accounts, out long accounts), CountRows(snapshot, Schema.Slots, out long slots), CountRows(snapshot, Schema.AccountBranches, out long accountBranches) + CountRows(snapshot, Schema.StorageBranches, out long storageBranches));
        long codes = CountRows(snapshot, Schema.Code, out long codeBytes);
        return new DurableStateStatistics
        {
            Persisted = held.Block,
            Rows = rows,
            Codes = codes,
            AccountBytes = accounts,
            SlotBytes = slots,
            RecordBytes = accountBranches + storageBranches,
            CodeBytes = codeBytes,
            Layers = LayerCount,
            LayerBytes = LayerBytes,
            OldestState = OldestState,
            OldestProof = OldestProof,
            StateHistoryBytes = FlatHistory.Size,
            ProofHistoryBytes = TrieHistory.Size,
        };
    }

    private static long CountRows(ISnapshot snapshot, StoreTable table, out long bytes)
    {
        long rows = 0;
        bytes = 0;
        ICursor cursor = snapshot.OpenCursor(table);
        for (; cursor.MoveNext(); rows++) bytes += cursor.Key.Length + cursor.Value.Length;
        return rows;
    }
}
