using System.Collections.Concurrent;
using System.Runtime.CompilerServices;
using Opal.Evm;
using Opal.Primitives;
using Opal.State.Durable;
using Opal.State.Flat;
using Opal.Storage;

namespace Opal.State;

/// <summary>
/// The states after blocks on disk: the newest, of all branches, as layers in memory; below them the state of one canonical block in
/// tables; below that, what history can take back.
/// </summary>
/// <remarks>
/// <para>A view is a list of layers on top of a persisted block: a value is that of the newest of its layers that has it, else what
/// history says has changed since the block, else what the tables hold. Nobody waits for a reader, and a reader waits for nobody.</para>
/// <para><see cref="Advance"/> says which layers are canonical; a thread writes them down when there are many: reverse differences to
/// both histories, made durable; then the newest value of each key to the tables, in one transaction. A crash in between leaves
/// history that is too long, which opening cuts. A branch whose parent is persisted already, or that replaces persisted blocks, is a
/// list of layers like any other; making it canonical takes the tables back first.</para>
/// <para>The store does not own the files: whoever opened them closes them, after this.</para>
/// </remarks>
public sealed partial class DurableStateStore : IStateStore, IDisposable
{
    private readonly IKeyValueStore _store;
    private readonly DurableStateOptions _options;
    private readonly CodeStore _codes;
    private readonly ConcurrentQueue<RootComputer> _computers = []; // not a bag: its places by thread would keep a store alive as long as the thread
    private readonly ConditionalWeakTable<StateDiff, Computed> _computed = [];

    /// <summary>For what is below; taken after <see cref="_flushing"/>.</summary>
    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<Hash256, StatePoint> _layers = [];

    /// <summary>All layers, each after those below it.</summary>
    private readonly List<StatePoint> _order = [];

    /// <summary>The layers that are known to be canonical, ascending, the first one on a persisted block (or the empty state).</summary>
    private readonly List<StatePoint> _canonical = [];
    private volatile BaseState _base;
    private volatile VersionMap _map = VersionMap.Of([]);
    private volatile RewindMark[] _rewinds = [];
    private int _generation;

    /// <summary>The lowest block that pruning leaves in a history; it moves before files go.</summary>
    private ulong _flatFloor, _trieFloor;
    private long _sequence, _dropSequence;
    private long _layerBytes;
    private volatile bool _disposed;

    private sealed record Computed(StatePoint Before, StateUpdate Update);

    /// <summary>In a timeline's beginning the tables were taken back to a block.</summary>
    private readonly record struct RewindMark(ulong Timeline, long To);

    private DurableStateStore(IKeyValueStore store, IHistoryLog flat, IHistoryLog trie, DurableStateOptions options, IStateKeys? keys)
    {
        _store = store;
        _options = options;
        FlatHistory = flat;
        TrieHistory = trie;
        Keys = keys;
        Schema = new StateSchema(store);
        _codes = new CodeStore(store, Schema, options.CodeCache);
        using (ISnapshot snapshot = store.OpenSnapshot())
        {
            _base = Schema.ReadState(snapshot);
            if (snapshot.TryGet(Schema.Meta, StateSchema.LoadKey, out _))
            {
                throw new StoreCorruptException("the state database holds a genesis state that was not loaded to its end; remove the state directory and initialize again");
            }
        }

        MatchHistory(flat, "state");
        MatchHistory(trie, "trie");
        _flusher = new Thread(FlushLoop) { IsBackground = true, Name = "state flush" };
        _flusher.Start();
    }

    /// <summary>Opens a store on its files, new or not.</summary>
    /// <param name="store">The tables.</param>
    /// <param name="flat">The history of accounts and slots.</param>
    /// <param name="trie">The history of branch records.</param>
    /// <param name="options">What is kept.</param>
    /// <exception cref="StoreCorruptException">The files do not belong together, or are damaged.</exception>
    public static DurableStateStore Open(IKeyValueStore store, IHistoryLog flat, IHistoryLog trie, DurableStateOptions options) => new(store, flat, trie, options, null);

    internal static DurableStateStore Open(IKeyValueStore store, IHistoryLog flat, IHistoryLog trie, DurableStateOptions options, IStateKeys? keys) => new(store, flat, trie, options, keys);

    /// <summary>A history may be ahead of the tables after a crash; it is never behind.</summary>
    private void MatchHistory(IHistoryLog log, string name)
    {
        if (log.First == log.Next) return;
        if (_base.Block is not { } block) throw new StoreCorruptException($"there is a {name} history but no state: remove the directory of the {name} history, or put the state database back that belongs to it");
        if (log.Next > block.Number + 1)
        {
            if (log.First > block.Number + 1) throw new StoreCorruptException($"the {name} history begins at block {log.First}, after the state's block {block.Number}: remove the directory of the {name} history to go on without older states");
            _options.Report?.Invoke($"the {name} history was ahead of the state on disk, whose block is {block.Number}: {log.Next - 1 - block.Number} blocks of it are cut off, and come again with their state");
            log.TruncateAfter(block.Number);
        }

        if (log.First != log.Next && log.Next != block.Number + 1) throw new StoreCorruptException($"the {name} history ends at block {log.Next - 1}, before the state's block {block.Number}: remove the directory of the {name} history to go on without older states");
    }

    internal StateSchema Schema { get; }

    internal IHistoryLog FlatHistory { get; }

    internal IHistoryLog TrieHistory { get; }

    /// <summary>How keys are hashed; null for keccak256.</summary>
    internal IStateKeys? Keys { get; }

    internal VersionMap Map => _map;

    /// <summary>Moves before history is cut.</summary>
    internal int Generation => Volatile.Read(ref _generation);

    /// <inheritdoc/>
    public BlockState? Persisted => _base.Block;

    /// <summary>Canonical and other blocks that are in memory alone.</summary>
    public int LayerCount
    {
        get
        {
            lock (_gate) return _order.Count;
        }
    }

    /// <summary>The memory of the layers, about, in bytes.</summary>
    public long LayerBytes => Volatile.Read(ref _layerBytes);

    /// <inheritdoc/>
    public ulong OldestState => OldestOf(FlatHistory, Volatile.Read(ref _flatFloor), _options.StateHistory);

    /// <summary>The oldest block of the canonical chain for which proofs can be made.</summary>
    public ulong OldestProof => OldestOf(TrieHistory, Volatile.Read(ref _trieFloor), _options.ProofHistory);

    /// <summary>History is pruned by whole files: what is below the floor may be there still, and counts as gone.</summary>
    private ulong OldestOf(IHistoryLog log, ulong floor, ulong window)
    {
        if (_base.Block is not { } block) return 0;
        ulong first = Math.Max(log.First, floor), oldest = first >= log.Next ? block.Number : first - 1;
        return window == 0 || block.Number < window ? oldest : Math.Max(oldest, block.Number - window);
    }

    internal string DescribeKept() => $"states are kept from block {OldestState} on, proofs from block {OldestProof} on";

    /// <summary>A snapshot of the tables, and what it holds.</summary>
    internal ISnapshot OpenSnapshot(out BaseState held)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        ISnapshot snapshot = _store.OpenSnapshot();
        BaseState known = _base;
        held = known.SnapshotId == snapshot.Id ? known : Schema.ReadState(snapshot); // in the moment between a commit and its announcement
        return snapshot;
    }

    /// <summary>Whether a position's persisted block is still what its number names in a later timeline.</summary>
    internal bool Holds(Position position, ulong timeline)
    {
        foreach (RewindMark rewind in _rewinds)
        {
            if (rewind.Timeline > position.Timeline && rewind.Timeline <= timeline && rewind.To < position.Anchor) return false;
        }

        return true;
    }

    /// <summary>Checks that a history reaches back to a block.</summary>
    /// <exception cref="MissingStateException">It does not; the message names what is kept.</exception>
    internal void CheckKept(Table table, long anchor, long number)
    {
        IHistoryLog log = table == Table.Leaves ? FlatHistory : TrieHistory;
        ulong first = Math.Max(log.First, Volatile.Read(ref table == Table.Leaves ? ref _flatFloor : ref _trieFloor));
        if (anchor == number || (first < log.Next && (ulong)anchor + 1 >= first)) return;
        throw new MissingStateException($"{(table == Table.Leaves ? "the state" : "the trie")} of block {anchor} is not kept: {DescribeKept()}");
    }

    /// <inheritdoc/>
    public IStateView? Open(in BlockState block) => Find(block) is { } point ? new DurableView(this, point) : null;

    private StatePoint? Find(in BlockState block)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (block == BlockState.Empty) return new StatePoint(block, new Position([], -1, _base.Timeline));
        if (_layers.TryGetValue(block.Hash, out StatePoint? layer)) return layer;
        lock (_gate)
        {
            if (_layers.TryGetValue(block.Hash, out layer)) return layer;
            BaseState held = _base; // read once: a flush sets it without the gate
            return FindPersisted(block, held) is { } persisted ? new StatePoint(persisted, new Position([], (long)persisted.Number, held.Timeline)) : null;
        }
    }

    /// <summary>A block of the chain that is in the tables, if its state can be read. Under the gate.</summary>
    private BlockState? FindPersisted(in BlockState block) => FindPersisted(block, _base);

    private BlockState? FindPersisted(in BlockState block, BaseState held)
    {
        if (held.Block is not { } top || block.Number > top.Number || block.Number < OldestState) return null;
        return BlockAt(block.Number, top) is { } there && there.Hash == block.Hash ? there : null;
    }

    /// <summary>The block of a number on the chain that is in the tables; null when it is below history. Under the gate.</summary>
    private BlockState? BlockAt(ulong number, in BlockState top)
    {
        if (number == top.Number) return top;
        if (FlatHistory.First == FlatHistory.Next || number + 1 < FlatHistory.First) return null;
        return number >= FlatHistory.First ? HistoryKeys.BlockOf(number, FlatHistory.Label(number).Span) : HistoryKeys.ParentOf(number + 1, FlatHistory.Label(number + 1).Span);
    }

    /// <inheritdoc/>
    public void Commit(in BlockState parent, StateDiff diff, in BlockState block)
    {
        ThrowFault();
        StatePoint before = Find(parent) ?? throw new InvalidOperationException($"the state of block {parent.Number} ({parent.Hash}) is not in the store");
        if (before.Position is { Anchor: >= 0 } && block.Number != parent.Number + 1) throw new ArgumentException($"block {block.Number} does not follow block {parent.Number}");
        StateUpdate update = Compute(before, diff);
        if (update.Root != block.Root) throw new InvalidOperationException($"the changes of block {block.Number} lead to the state root {update.Root}, not to {block.Root}");
        lock (_gate)
        {
            if (_layers.ContainsKey(block.Hash) || FindPersisted(block) is not null) return;
            Position below = before.Position ?? throw new InvalidOperationException($"the state of block {parent.Number} ({parent.Hash}) was dropped");
            if (below.Chain.Length > 0 && block.Number != below.Chain[^1].Block.Number + 1) throw new ArgumentException($"block {block.Number} does not follow block {parent.Number}");
            var layer = new Layer(block, update, diff.Codes);
            var point = new StatePoint(block, below with { Chain = [.. below.Chain, layer] }) { Sequence = ++_sequence };
            _codes.Add(layer);
            _map = _map.With(layer);
            _layerBytes += layer.Bytes;
            _order.Add(point);
            _layers[block.Hash] = point;
        }

        _computed.Remove(diff);
    }

    /// <summary>What <paramref name="diff"/> leads to, computed once for a diff object and the state it belongs to.</summary>
    internal StateUpdate Compute(StatePoint before, StateDiff diff)
    {
        if (_computed.TryGetValue(diff, out Computed? known) && known.Before.Block.Root == before.Block.Root) return known.Update;
        if (!_computers.TryDequeue(out RootComputer? computer)) computer = new RootComputer(Keys, true);
        using var reader = new StateReader(this, before);
        StateUpdate update = computer.Compute(reader, diff);
        _computers.Enqueue(computer);
        _computed.AddOrUpdate(diff, new Computed(before, update));
        return update;
    }

    internal ReadOnlyMemory<byte> GetCode(in Hash256 hash)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (hash == Hash256.EmptyCode) return default;
        return _codes.TryGet(hash, out byte[] code) ? code : throw new MissingStateException($"the code {hash} is not in the store");
    }

    /// <summary>Code by its hash, of whatever state, for challengers (<c>debug_dbGet</c>). Trie nodes are kept by path, and are not found by hash.</summary>
    public bool TryGetCode(in Hash256 hash, out ReadOnlyMemory<byte> code)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        bool found = _codes.TryGet(hash, out byte[] bytes);
        code = found ? bytes : default;
        return found;
    }
}
