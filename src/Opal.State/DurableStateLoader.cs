using Opal.Evm;
using Opal.Primitives;
using Opal.State.Durable;
using Opal.State.Flat;
using Opal.Storage;
using Opal.Trie;

namespace Opal.State;

/// <summary>Builds a large genesis state in the tables of an empty store, in the order of keys. See <see cref="DurableStateStore.BeginLoad"/>. For one thread.</summary>
/// <remarks>Accounts are gathered by the first byte of their hashed address, some 45 bytes each, then sorted, hashed and written part by part. A load that was cut short leaves a mark, and the store does not open again (<see cref="DurableStateStore.IsHalfLoaded"/>).</remarks>
public sealed class DurableStateLoader
{
    private readonly DurableStateStore _store;
    private readonly IKeyValueStore _files;
    private readonly StateDiff _first;
    private readonly AccountParts _parts = new();
    private bool _over;

    internal DurableStateLoader(DurableStateStore store, IKeyValueStore files, StateDiff first) => (_store, _files, _first) = (store, files, first);

    /// <summary>Adds an account without storage. Its code, if any, is among those of the first diff.</summary>
    /// <param name="address">Not among those of the first diff, and not added before.</param>
    /// <param name="account">Its values.</param>
    public void Add(in Address address, in Account account)
    {
        ObjectDisposedException.ThrowIf(_over, this);
        _parts.Add(address, account);
    }

    /// <summary>The root of what was added; writes everything but the block it is the state of. <see cref="Commit"/> must follow.</summary>
    /// <param name="progress">Told after each part how much is written, from 0 to 1.</param>
    /// <exception cref="ArgumentException">An address was added twice.</exception>
    public Hash256 Write(Action<double>? progress = null)
    {
        ObjectDisposedException.ThrowIf(_over, this);
        _over = true;
        using (IWriteTransaction mark = _files.BeginWrite())
        {
            mark.Put(_store.Schema.Meta, StateSchema.LoadKey, [1]);
            mark.Commit();
        }

        using (IWriteTransaction storages = _files.BeginWrite())
        {
            WriteFirst(storages);
            storages.Commit();
        }

        _parts.Settle();
        var computer = new RootComputer(_store.Keys);
        var state = new LoadedState(_store.Schema);
        for (int i = 0; i < AccountParts.Count; i++)
        {
            if (_parts.IsEmpty(i)) continue;
            using IWriteTransaction transaction = _files.BeginWrite();
            state.Transaction = transaction;
            computer.Begin(state, false);
            _parts.Take(i, computer.AddNew);
            StateUpdate update = computer.End();
            Put(transaction, _store.Schema.Accounts, update.Accounts.Leaves, Hash256.Zero);
            Put(transaction, _store.Schema.AccountBranches, update.Accounts.Branches, Hash256.Zero);
            state.Root = update.Root;
            transaction.Commit();
            progress?.Invoke((i + 1.0) / AccountParts.Count);
        }

        return state.Root;
    }

    /// <summary>Names the block whose state was written. The store holds it then.</summary>
    /// <param name="genesis">The block; its root is that of <see cref="Write"/>.</param>
    public void Commit(in BlockState genesis) => _store.FinishLoad(genesis);

    /// <summary>Accounts with storage: their tries, and their leaves among the other accounts.</summary>
    private void WriteFirst(IWriteTransaction transaction)
    {
        StateUpdate update = new RootComputer(_store.Keys).Compute(new LoadedState(_store.Schema) { Transaction = transaction }, _first);
        foreach (Hash256 owner in update.Storages.Keys.Order())
        {
            if (update.Storages[owner].Changes is not { } changes) continue;
            Put(transaction, _store.Schema.Slots, changes.Leaves, owner);
            Put(transaction, _store.Schema.StorageBranches, changes.Branches, owner);
        }

        SortedRun accounts = update.Accounts.Leaves;
        for (int i = 0; i < accounts.Count; i++)
        {
            if (!accounts.Value(i).IsEmpty) _parts.Add(new Hash256(accounts.Key(i)), accounts.Value(i));
        }

        Span<byte> key = stackalloc byte[Hash256.Size];
        foreach ((Hash256 hash, byte[] code) in _first.Codes)
        {
            hash.CopyTo(key);
            transaction.Put(_store.Schema.Code, key, code);
        }
    }

    /// <summary>Puts rows, at the end of the table as long as they come in order: records on the way to the root come again and again.</summary>
    private static void Put(IWriteTransaction transaction, StoreTable table, SortedRun run, in Hash256 owner)
    {
        Span<byte> row = stackalloc byte[StateSchema.MaxKeySize];
        Span<byte> last = stackalloc byte[StateSchema.MaxKeySize];
        ICursor cursor = transaction.OpenCursor(table);
        last.Fill(0xff);
        int lastSize = 0;
        if (cursor.SeekBefore(last))
        {
            cursor.Key.CopyTo(last);
            lastSize = cursor.Key.Length;
        }

        for (int i = 0; i < run.Count; i++)
        {
            ReadOnlySpan<byte> key = row[..StateSchema.WriteKey(row, owner, run.Key(i))], value = run.Value(i);
            if (value.IsEmpty)
            {
                transaction.Delete(table, key);
            }
            else if (key.SequenceCompareTo(last[..lastSize]) > 0)
            {
                transaction.PutAscending(table, key, value);
                key.CopyTo(last);
                lastSize = key.Length;
            }
            else
            {
                transaction.Put(table, key, value);
            }
        }
    }

    /// <summary>The accounts written so far, as a transaction sees them.</summary>
    private sealed class LoadedState(StateSchema schema) : IFlatState
    {
        private readonly byte[] _key = new byte[Hash256.Size], _value = new byte[BranchRecord.MaxSize];

        public IWriteTransaction? Transaction { get; set; }

        public Hash256 Root { get; set; } = Hash256.EmptyTrie;

        public bool TryGet(scoped in Hash256 owner, Table table, scoped ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
        {
            value = default;
            if (!owner.IsZero || Root == Hash256.EmptyTrie) return false;
            key.CopyTo(_value);
            bool found = Transaction!.TryGet(schema.TableOf(owner, table), _value.AsSpan(0, key.Length), out ReadOnlySpan<byte> there);
            there.CopyTo(_value);
            value = _value.AsSpan(0, there.Length);
            return found;
        }

        public bool TrySeekLeaf(scoped in Hash256 owner, scoped in TriePath path, out Hash256 key, out ReadOnlySpan<byte> value)
        {
            key = default;
            value = default;
            if (!owner.IsZero || Root == Hash256.EmptyTrie) return false;
            path.Digits.CopyTo(_key);
            ICursor cursor = Transaction!.OpenCursor(schema.Accounts);
            if (!cursor.Seek(_key)) return false;
            key = new Hash256(cursor.Key);
            ReadOnlySpan<byte> there = cursor.Value;
            there.CopyTo(_value);
            value = _value.AsSpan(0, there.Length);
            return path.Covers(key);
        }
    }
}
