using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Opal.Evm;
using Opal.Primitives;
using Opal.State.Flat;

namespace Opal.State;

/// <summary>The states after the newest blocks, in memory: flat tables of accounts, slots and branch records for the newest, differences for the others. Those too old are dropped.</summary>
/// <remarks>
/// Any number of threads may read and compute; commits take turns. The empty state (<see cref="Hash256.EmptyTrie"/>) is always
/// there: genesis is a commit on top of it, with tables of its own. Code is kept for ever. The newest state is the fastest to
/// read, an older one asks the difference of each block since.
/// </remarks>
public sealed class MemoryStateStore : IStateStore
{
    /// <summary>The number of newest block numbers whose states are kept, unless said otherwise.</summary>
    public const int DefaultKeptBlocks = 4096;

    private readonly Lock _gate = new();

    /// <summary>Held by the one who changes tables; taken before <see cref="_gate"/>.</summary>
    private readonly Lock _writer = new();
    private readonly ConcurrentQueue<RootComputer> _computers = []; // not a bag: its places by thread would keep a store alive as long as the thread
    private readonly ulong _keptBlocks;
    private readonly Dictionary<Hash256, Entry> _byRoot = [];
    private readonly SortedDictionary<ulong, List<Hash256>> _rootsByNumber = [];
    private readonly ConcurrentDictionary<Hash256, byte[]> _codes = [];
    private readonly ConditionalWeakTable<StateDiff, Computed> _computed = [];
    private ulong _highest;

    /// <param name="Version">The state.</param>
    /// <param name="Number">The highest block number that ends in it.</param>
    private readonly record struct Entry(StateVersion Version, ulong Number);

    private sealed record Computed(StateVersion Before, StateUpdate Update);

    /// <summary>A store that has the empty state only.</summary>
    /// <param name="keptBlocks">How many of the newest block numbers keep their states; at least 1.</param>
    public MemoryStateStore(int keptBlocks = DefaultKeptBlocks)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(keptBlocks, 1);
        _keptBlocks = (ulong)keptBlocks;
    }

    /// <summary>The number of states held (not counting the empty one).</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _byRoot.Count;
        }
    }

    BlockState? IStateStore.Persisted => null;

    ulong IStateStore.OldestState
    {
        get
        {
            lock (_gate) return _rootsByNumber.Count == 0 ? 0 : _rootsByNumber.First().Key;
        }
    }

    IStateView? IStateStore.Open(in BlockState block) => Open(block.Root);

    void IStateStore.Commit(in BlockState parent, StateDiff diff, in BlockState block) => Commit(parent.Root, diff, block.Root, block.Number);

    void IStateStore.Advance(IReadOnlyList<BlockState> canonical)
    {
        // nothing of it outlives the process
    }

    void IStateStore.Flush()
    {
        // as above
    }

    bool IStateStore.TryRewind(in BlockState block) => Open(block.Root) is not null;

    /// <summary>The state of a root; null when it was never committed or is too old. A view stays good when the store drops its state.</summary>
    public IStateView? Open(in Hash256 stateRoot)
    {
        StateVersion? version = Find(stateRoot);
        return version is null ? null : new FlatView(this, version);
    }

    internal StateVersion? Find(in Hash256 stateRoot)
    {
        if (stateRoot == Hash256.EmptyTrie) return EmptyState();
        lock (_gate) return _byRoot.TryGetValue(stateRoot, out Entry entry) ? entry.Version : null;
    }

    /// <summary>The empty state of tables of its own: what is committed on it starts a family of states.</summary>
    private static StateVersion EmptyState() => new StateTables().Newest;

    /// <summary>Makes the state after a block available.</summary>
    /// <param name="parentStateRoot">The state the block was executed on; it must be in the store.</param>
    /// <param name="diff">What the block changed.</param>
    /// <param name="newStateRoot">The root the header has; the diff must lead to it.</param>
    /// <param name="number">The block's number: states more than the kept number of blocks below the highest are dropped.</param>
    /// <exception cref="InvalidOperationException">The parent's state is gone, or the diff does not lead to that root.</exception>
    public void Commit(in Hash256 parentStateRoot, StateDiff diff, in Hash256 newStateRoot, ulong number)
    {
        StateVersion before = Find(parentStateRoot) ?? throw new InvalidOperationException($"the state {parentStateRoot} is not in the store");
        StateUpdate update = Compute(before, diff);
        if (update.Root != newStateRoot) throw new InvalidOperationException($"the changes of block {number} lead to the state root {update.Root}, not to {newStateRoot}");
        foreach ((Hash256 hash, byte[] code) in diff.Codes) _codes.TryAdd(hash, code);
        lock (_writer)
        {
            // a state that is there already (the same block again, or a block that changed nothing) is only kept longer
            StateVersion? after = newStateRoot == Hash256.EmptyTrie ? null : Find(newStateRoot) ?? before.Tables.Commit(before, update);
            lock (_gate)
            {
                if (after is not null) Keep(newStateRoot, after, number);
                _highest = Math.Max(_highest, number);
                Prune();
            }
        }

        _computed.Remove(diff); // somebody may hold on to the diff for long; the state before it must not live as long
    }

    /// <summary>Begins to build a state of many accounts, which need not be in memory at once; faster than a commit, and nothing is kept of how it grew.</summary>
    /// <param name="first">Accounts with storage, their code, and any others: on top of the empty state.</param>
    public StateLoader BeginLoad(StateDiff first) => new(this, first);

    /// <summary>Takes in a state with tables of its own.</summary>
    internal void Adopt(StateVersion version, StateDiff codes, ulong number)
    {
        foreach ((Hash256 hash, byte[] code) in codes.Codes) _codes.TryAdd(hash, code);
        if (version.Root == Hash256.EmptyTrie) return;
        lock (_gate)
        {
            Keep(version.Root, version, number);
            _highest = Math.Max(_highest, number);
            Prune();
        }
    }

    private void Keep(in Hash256 root, StateVersion version, ulong number)
    {
        bool known = _byRoot.TryGetValue(root, out Entry entry);
        if (known && entry.Number >= number) return;
        _byRoot[root] = new Entry(known ? entry.Version : version, number);
        if (!_rootsByNumber.TryGetValue(number, out List<Hash256>? roots)) _rootsByNumber[number] = roots = [];
        roots.Add(root);
    }

    private void Prune()
    {
        while (_rootsByNumber.Count > 0)
        {
            (ulong number, List<Hash256> roots) = _rootsByNumber.First();
            if (_highest - number < _keptBlocks) return;
            foreach (Hash256 root in roots)
            {
                if (_byRoot[root].Number == number) _byRoot.Remove(root); // else a later block ends in the same state
            }

            _rootsByNumber.Remove(number);
        }
    }

    /// <summary>What <paramref name="diff"/> leads to, computed once for a diff object and the state it belongs to.</summary>
    internal StateUpdate Compute(StateVersion before, StateDiff diff)
    {
        if (_computed.TryGetValue(diff, out Computed? known) && known.Before.Root == before.Root) return known.Update;
        if (!_computers.TryDequeue(out RootComputer? computer)) computer = new RootComputer();
        StateUpdate update = computer.Compute(before, diff);
        _computers.Enqueue(computer);
        _computed.AddOrUpdate(diff, new Computed(before, update));
        return update;
    }

    internal ReadOnlyMemory<byte> GetCode(in Hash256 codeHash)
    {
        if (codeHash == Hash256.EmptyCode) return default;
        return _codes.TryGetValue(codeHash, out byte[]? code) ? code : throw new MissingStateException($"the code {codeHash} is not in the store");
    }
}
