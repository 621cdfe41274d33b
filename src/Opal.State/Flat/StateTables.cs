using System.Collections.Concurrent;
using Opal.Primitives;

namespace Opal.State.Flat;

/// <summary>The tables of the newest of a family of states. Older ones, and forks, are told by what differs on the way to it (<see cref="StateVersion"/>).</summary>
/// <remarks>One writer at a time; readers go through a version, which notices when <see cref="Epoch"/> has moved under a read.</remarks>
internal sealed class StateTables
{
    private readonly SortedRunBuilder _builder = new();
    private int _epoch;

    public TrieTable Accounts { get; } = new();

    public ConcurrentDictionary<Hash256, TrieTable> Storages { get; } = [];

    /// <summary>The version that the tables hold. For the writer.</summary>
    public StateVersion Newest { get; private set; }

    /// <summary>Moves on before any change of the tables.</summary>
    public int Epoch => Volatile.Read(ref _epoch);

    /// <summary>Tables of the empty state.</summary>
    public StateTables() => Newest = new StateVersion(this, Hash256.EmptyTrie);

    /// <summary>The table of a trie; null when it has none.</summary>
    public TrieTable? Trie(in Hash256 owner) => owner.IsZero ? Accounts : Storages.GetValueOrDefault(owner);

    /// <summary>Makes the state that <paramref name="update"/> leads to from <paramref name="parent"/> the newest.</summary>
    public StateVersion Commit(StateVersion parent, StateUpdate update)
    {
        while (Newest != parent) StepTowards(parent);
        StateDelta delta = DeltaOf(update), undo = Inverse(delta);
        var next = new StateVersion(this, update.Root);
        parent.Leave(undo, next);
        Interlocked.Increment(ref _epoch);
        Apply(delta);
        Newest = next;
        return next;
    }

    /// <summary>Adds to the newest state without keeping the state before: for a bulk load, while nobody reads.</summary>
    public void Append(StateUpdate update)
    {
        Interlocked.Increment(ref _epoch);
        Apply(DeltaOf(update));
        Newest = new StateVersion(this, update.Root);
    }

    private StateDelta DeltaOf(StateUpdate update)
    {
        var storages = new Dictionary<Hash256, StorageDelta>(update.Storages.Count);
        foreach ((Hash256 owner, StorageUpdate storage) in update.Storages)
        {
            storages[owner] = storage.Fresh ? StorageDelta.ReplaceBy(storage.Changes is null ? null : NewTable(storage.Changes)) : StorageDelta.Of(storage.Changes!);
        }

        return new StateDelta(update.Accounts, storages);
    }

    private TrieTable NewTable(TrieDelta delta)
    {
        var table = new TrieTable();
        table.Reserve(delta.Leaves.Count);
        table.Apply(delta, _builder);
        return table;
    }

    /// <summary>Makes the version next to the newest on the way to <paramref name="target"/> the newest.</summary>
    private void StepTowards(StateVersion target)
    {
        StateVersion newest = Newest, step = target;
        while (step.Undo!.Next != newest) step = step.Undo.Next;
        StateDelta undo = step.Undo.Delta;

        // until the tables hold the older version, both tell how they differ from the other: their readers wait for the end
        newest.Leave(Inverse(undo), step);
        Interlocked.Increment(ref _epoch);
        Apply(undo);
        step.Arrive();
        Newest = step;
    }

    private StateDelta Inverse(StateDelta delta)
    {
        var storages = new Dictionary<Hash256, StorageDelta>(delta.Storages.Count);
        foreach ((Hash256 owner, StorageDelta change) in delta.Storages)
        {
            TrieTable? table = Storages.GetValueOrDefault(owner);
            storages[owner] = change.Changes is { } changes && table is not null ? StorageDelta.Of(table.Inverse(changes, _builder)) : StorageDelta.ReplaceBy(table);
        }

        return new StateDelta(Accounts.Inverse(delta.Accounts, _builder), storages);
    }

    private void Apply(StateDelta delta)
    {
        foreach ((Hash256 owner, StorageDelta change) in delta.Storages)
        {
            if (change.Changes is { } changes) Storages[owner].Apply(changes, _builder);
            else if (change.Replacement is { } table) Storages[owner] = table;
            else Storages.TryRemove(owner, out _);
        }

        Accounts.Apply(delta.Accounts, _builder);
    }
}
