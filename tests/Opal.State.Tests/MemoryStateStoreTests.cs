using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.State.Tests;

public class MemoryStateStoreTests
{
    [Fact]
    public void Random_blocks_and_reorgs_equal_a_full_rebuild()
    {
        for (int seed = 0; seed < 25; seed++)
        {
            var random = new Random(seed);
            var store = new MemoryStateStore();
            var chain = new List<(ModelState State, Hash256 Root)> { (new ModelState(), Hash256.EmptyTrie) };
            for (int block = 1; block <= 30; block++)
            {
                if (random.Next(6) == 0)
                {
                    int kept = random.Next(1, chain.Count + 1);
                    chain.RemoveRange(kept, chain.Count - kept);
                }

                (ModelState parent, Hash256 parentRoot) = chain[^1];
                (StateDiff diff, ModelState next) = parent.RandomBlock(random);
                Hash256 expected = next.Root();

                IStateView view = store.Open(parentRoot)!;
                Address asked = ModelState.AddressOf(random.Next(12));
                StateRoots roots = view.ComputeRoots(diff, asked);
                Assert.Equal(expected, roots.StateRoot);
                Assert.Equal(next.StorageRoot(asked), roots.StorageRoot);
                store.Commit(parentRoot, diff, expected, (ulong)chain.Count);
                chain.Add((next, expected));
                next.AssertSame(store.Open(expected)!, random);
                parent.AssertSame(view, random);
            }
        }
    }

    [Fact]
    public void Computing_roots_commits_nothing_and_a_commit_shares_the_work()
    {
        var store = new MemoryStateStore();
        (StateDiff diff, ModelState next) = new ModelState().RandomBlock(new Random(1));
        StateRoots roots = store.Open(Hash256.EmptyTrie)!.ComputeRoots(diff, null);
        Assert.Null(roots.StorageRoot);
        Assert.Null(store.Open(roots.StateRoot));
        Assert.Equal(0, store.Count);
        store.Commit(Hash256.EmptyTrie, diff, roots.StateRoot, 0);
        next.AssertSame(store.Open(roots.StateRoot)!, new Random(2));
    }

    [Fact]
    public void A_commit_that_does_not_lead_to_its_root_is_refused()
    {
        var store = new MemoryStateStore();
        (StateDiff diff, _) = new ModelState().RandomBlock(new Random(1));
        Assert.Throws<InvalidOperationException>(() => store.Commit(Hash256.EmptyTrie, diff, Keccak256.Hash([1]), 0));
        Assert.Throws<InvalidOperationException>(() => store.Commit(Keccak256.Hash([1]), diff, Keccak256.Hash([1]), 0));
        Assert.Equal(0, store.Count);
    }

    [Fact]
    public void Old_states_go_and_memory_stays_bounded()
    {
        var store = new MemoryStateStore(8);
        Hash256 root = Hash256.EmptyTrie;
        var roots = new List<Hash256>();
        IStateView? oldest = null;
        for (ulong number = 0; number < 50; number++)
        {
            // every fifth block changes nothing: its root is its parent's and must live as long as the newest such block
            StateDiff diff = number % 5 == 4 ? StateDiff.Empty : ModelState.OneAccount(ModelState.AddressOf(0), new Account(number + 1, 1, Hash256.EmptyCode));
            Hash256 next = store.Open(root)!.ComputeRoots(diff, null).StateRoot;
            store.Commit(root, diff, next, number);
            root = next;
            roots.Add(root);
            oldest ??= store.Open(root);
        }

        // the newest eight numbers are 42 to 49; number 44 and 49 end as 43 and 48 do
        for (int i = 0; i < 50; i++) Assert.Equal(i >= 42, store.Open(roots[i]) is not null);
        Assert.Equal(6, store.Count);
        Assert.True(oldest!.TryGetAccount(ModelState.AddressOf(0), out Account account));
        Assert.Equal(1UL, account.Nonce);
    }

    [Fact]
    public void A_dropped_state_is_freed_even_when_its_diff_is_kept()
    {
        var store = new MemoryStateStore(2);
        var diffs = new List<StateDiff>();
        WeakReference first = CommitMany(store, diffs);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(first.IsAlive);
        Assert.Equal(20, diffs.Count);
        Assert.Equal(2, store.Count);
    }

    [System.Runtime.CompilerServices.MethodImpl(System.Runtime.CompilerServices.MethodImplOptions.NoInlining)]
    private static WeakReference CommitMany(MemoryStateStore store, List<StateDiff> diffs)
    {
        Hash256 root = Hash256.EmptyTrie;
        WeakReference? first = null;
        for (ulong number = 0; number < 20; number++)
        {
            StateDiff diff = ModelState.OneAccount(ModelState.AddressOf((int)number % 3), new Account(number + 1, 1, Hash256.EmptyCode));
            Hash256 next = store.Open(root)!.ComputeRoots(diff, null).StateRoot;
            store.Commit(root, diff, next, number);
            diffs.Add(diff);
            first ??= new WeakReference(store.Find(next));
            root = next;
        }

        return first!;
    }

    [Fact]
    public void Code_is_found_by_its_hash()
    {
        var store = new MemoryStateStore();
        byte[] code = [0x60, 0x00];
        Hash256 hash = Keccak256.Hash(code);
        StateDiff plain = ModelState.OneAccount(ModelState.AddressOf(3), new Account(1, 0, hash));
        var diff = new StateDiff { Accounts = plain.Accounts, Codes = [(hash, code)] };
        Hash256 root = store.Open(Hash256.EmptyTrie)!.ComputeRoots(diff, null).StateRoot;
        store.Commit(Hash256.EmptyTrie, diff, root, 1);
        IStateView view = store.Open(root)!;
        Assert.Equal(code, view.GetCode(hash).ToArray());
        Assert.True(view.GetCode(Hash256.EmptyCode).IsEmpty);
        Assert.Throws<MissingStateException>(() => view.GetCode(Keccak256.Hash([7])));
    }

    [Fact]
    public async Task Many_readers_beside_a_writer_see_whole_states()
    {
        var store = new MemoryStateStore(64);
        var random = new Random(5);
        var model = new ModelState();
        Hash256 root = Hash256.EmptyTrie;
        var published = new System.Collections.Concurrent.ConcurrentQueue<(ModelState, Hash256)>();
        using var stop = new CancellationTokenSource();
        Task[] readers = Enumerable.Range(0, 3).Select(n => Task.Run(() =>
        {
            var mine = new Random(n);
            int seen = 0;
            while (!stop.IsCancellationRequested || seen == 0)
            {
                if (!published.TryPeek(out (ModelState Model, Hash256 Root) state)) continue;
                if (store.Open(state.Root) is { } view) state.Model.AssertSame(view, mine);
                if (published.Count > 10) published.TryDequeue(out _);
                seen++;
            }
        })).ToArray();
        for (ulong number = 0; number < 300; number++)
        {
            (StateDiff diff, ModelState next) = model.RandomBlock(random);
            Hash256 after = store.Open(root)!.ComputeRoots(diff, null).StateRoot;
            store.Commit(root, diff, after, number);
            (model, root) = (next, after);
            published.Enqueue((next, after));
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }
}
