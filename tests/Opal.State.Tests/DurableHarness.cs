using Opal.Evm;
using Opal.Primitives;
using Opal.Storage;

namespace Opal.State.Tests;

/// <summary>A durable store beside a model that keeps every block's whole state.</summary>
internal sealed class DurableHarness
{
    public sealed record Node(BlockState Block, ModelState Model, Node? Parent)
    {
        /// <summary>From the oldest block down to this one, without the empty state.</summary>
        public List<Node> Chain()
        {
            var chain = new List<Node>();
            for (Node at = this; at.Parent is not null; at = at.Parent) chain.Add(at);
            chain.Reverse();
            return chain;
        }
    }

    private readonly Random _random;
    private readonly DurableFiles _files;
    private readonly DurableStateOptions _options;
    private readonly IStateKeys? _keys;
    private ulong _hashes;

    public DurableHarness(DurableFiles files, DurableStateOptions options, IStateKeys? keys, Random random)
    {
        (_files, _options, _keys, _random) = (files, options, keys, random);
        Store = DurableStateStore.Open(files.Store, files.Flat, files.Trie, options, keys);
        Root = new Node(BlockState.Empty, new ModelState(keys), null);
        Head = Root;
        Nodes.Add(Root);
    }

    public DurableStateStore Store { get; private set; }

    public Node Root { get; }

    public Node Head { get; set; }

    /// <summary>All blocks ever made.</summary>
    public List<Node> Nodes { get; } = [];

    public List<(Node Node, IStateView View)> Held { get; } = [];

    /// <summary>Makes a block on another one. A flush beside it may drop a branch that was left behind: then the other one is the answer.</summary>
    public Node Commit(Node parent)
    {
        (StateDiff diff, ModelState next) = parent.Model.RandomBlock(_random);
        Hash256 root = next.Root();
        byte[] id = [.. BitConverter.GetBytes(_hashes++), 1];
        var block = new BlockState(parent.Parent is null ? 7 : parent.Block.Number + 1, Keccak256.Hash(id), root);
        try
        {
            if (_random.Next(2) == 0 && Store.Open(parent.Block) is { } view) Assert.Equal(root, view.ComputeRoots(diff, null).StateRoot);
            Store.Commit(parent.Block, diff, block);
        }
        catch (Exception fault) when (fault is InvalidOperationException or MissingStateException && Store.Open(parent.Block) is null)
        {
            return parent;
        }

        var node = new Node(block, next, parent);
        Nodes.Add(node);
        return node;
    }

    /// <summary>Tells the store that the chain up to a block is canonical.</summary>
    public void Advance(Node node)
    {
        List<BlockState> chain = node.Chain().Select(n => n.Block).ToList();
        if (Store.Persisted is { } persisted)
        {
            // from the block after the persisted one, or lower where the chain branches off below
            int known = chain.FindIndex(b => b.Number > persisted.Number || !IsPersisted(b));
            if (known < 0) return;
            chain.RemoveRange(0, Math.Max(0, known - _random.Next(2)));
        }

        Store.Advance(chain);
    }

    public bool IsPersisted(BlockState block)
    {
        for (Node? at = Nodes.Find(n => Store.Persisted is { } top && n.Block.Hash == top.Hash); at is not null; at = at.Parent)
        {
            if (at.Block == block) return true;
        }

        return false;
    }

    public Node PersistedNode() => Store.Persisted is { } top ? Nodes.First(n => n.Block.Hash == top.Hash) : Root;

    /// <summary>A head that was never told to be canonical may have been dropped as a branch left behind.</summary>
    public void Settle()
    {
        if (Store.Open(Head.Block) is null || Head.Chain().Exists(n => n.Block.Number >= Store.OldestState && Store.Open(n.Block) is null)) Head = PersistedNode();
    }

    public void Crash()
    {
        Store.Abandon();
        Reopen();
    }

    public void Reopen()
    {
        BlockState? before = Store.Persisted;
        Held.Clear();
        _files.Reopen();
        Store = DurableStateStore.Open(_files.Store, _files.Flat, _files.Trie, _options, _keys);
        Assert.Equal(before, Store.Persisted);
        Head = PersistedNode();
    }

    /// <summary>Checks the tables, a block of any kind, and one of the chain.</summary>
    public void Check()
    {
        Store.VerifyAll(null, default);
        Node node = Nodes[_random.Next(Nodes.Count)];
        IStateView? view = Store.Open(node.Block);
        if (view is not null) TryAssertSame(node, view);
        List<Node> chain = Head.Chain();
        if (chain.Count == 0) return;
        Node there = chain[_random.Next(chain.Count)];
        view = Store.Open(there.Block);
        if (view is null)
        {
            Assert.True(!IsPersisted(there.Block) || there.Block.Number < Store.OldestState); // a head that was left behind, or a short history
            return;
        }

        Assert.Equal(there.Block.Root, view.StateRoot);
        TryAssertSame(there, view);
        if (_random.Next(4) == 0) Held.Add((there, view));
        if (Held.Count > 0) CheckHeld(_random.Next(Held.Count));
    }

    private void CheckHeld(int index)
    {
        if (!TryAssertSame(Held[index].Node, Held[index].View)) Held.RemoveAt(index);
    }

    /// <summary>False when the state is gone, which only a block may be that left the chain, or that fell out of history; the store may flush and prune meanwhile.</summary>
    private bool TryAssertSame(Node node, IStateView view)
    {
        try
        {
            node.Model.AssertSame(view, _random);
            return true;
        }
        catch (MissingStateException missing)
        {
            IStateView? again = Store.Open(node.Block);
            if (again is null) return false;
            Assert.True(!IsPersisted(node.Block) || node.Block.Number <= Store.OldestState, $"block {node.Block.Number}, oldest state {Store.OldestState}, persisted {Store.Persisted}: {missing}");
            return false;
        }
    }
}

/// <summary>The files of a store: in memory, or on disk.</summary>
internal class DurableFiles(IKeyValueStore store, IHistoryLog flat, IHistoryLog trie)
{
    public IKeyValueStore Store { get; protected set; } = store;

    public IHistoryLog Flat { get; protected set; } = flat;

    public IHistoryLog Trie { get; protected set; } = trie;

    public static DurableFiles InMemory() => new(new MemoryStore(), new MemoryHistoryLog(), new MemoryHistoryLog());

    /// <summary>As a new process finds them.</summary>
    public virtual void Reopen()
    {
    }
}

/// <summary>LMDB, and histories with index segments so small that there are many.</summary>
internal sealed class DurableDiskFiles(string folder) : DurableFiles(LmdbStore.Open(Path.Combine(folder, "state")), History(folder, "flat"), History(folder, "trie")), IDisposable
{
    private static FileHistoryLog History(string folder, string name) => FileHistoryLog.Open(Path.Combine(folder, name), new FileHistoryOptions { SealAt = 200, MaxFileSize = 1 << 15 });

    public override void Reopen()
    {
        Store.Dispose();
        Flat.Dispose();
        Trie.Dispose();
        Store = LmdbStore.Open(Path.Combine(folder, "state"));
        (Flat, Trie) = (History(folder, "flat"), History(folder, "trie"));
    }

    public void Dispose()
    {
        Store.Dispose();
        Flat.Dispose();
        Trie.Dispose();
        Directory.Delete(folder, true);
    }
}
