using Opal.Evm;
using Opal.Primitives;

namespace Opal.State.Tests;

/// <summary>Views of many states, old ones and forks, while the store moves to and fro between them.</summary>
public class HeldViewsTests
{
    [Fact]
    public void Every_held_view_stays_as_it_was_whatever_is_committed_where()
    {
        for (int seed = 0; seed < 12; seed++)
        {
            var random = new Random(900 + seed);
            var store = new MemoryStateStore(seed % 3 == 0 ? 5 : 1000);
            var held = new List<(ModelState State, Hash256 Root, IStateView View, ulong Number)> { (new ModelState(), Hash256.EmptyTrie, store.Open(Hash256.EmptyTrie)!, 0) };
            for (int block = 0; block < 60; block++)
            {
                // mostly on the last one, often on any other: the store must go there and back
                (ModelState parent, Hash256 parentRoot, IStateView view, ulong number) = held[random.Next(3) > 0 ? held.Count - 1 : random.Next(held.Count)];
                (StateDiff diff, ModelState next) = parent.RandomBlock(random);
                Hash256 root = next.Root();
                Assert.Equal(root, view.ComputeRoots(diff, null).StateRoot);
                if (store.Open(parentRoot) is null) continue; // too old to build on, though its view is good
                store.Commit(parentRoot, diff, root, number + 1);
                if (root != Hash256.EmptyTrie && store.Open(root) is { } after) held.Add((next, root, after, number + 1));
                for (int i = 0; i < 3; i++)
                {
                    var any = held[random.Next(held.Count)];
                    any.State.AssertSame(any.View, random);
                }
            }

            foreach (var any in held) any.State.AssertSame(any.View, random);
        }
    }

    [Fact]
    public async Task Readers_of_old_states_and_forks_are_right_while_the_store_reorganizes()
    {
        var store = new MemoryStateStore();
        var random = new Random(6);
        var held = new List<(ModelState State, Hash256 Root, IStateView View)> { (new ModelState(), Hash256.EmptyTrie, store.Open(Hash256.EmptyTrie)!) };
        using var stop = new CancellationTokenSource();
        var gate = new Lock();
        Task[] readers = Enumerable.Range(0, 3).Select(n => Task.Run(() =>
        {
            var mine = new Random(n);
            while (!stop.IsCancellationRequested)
            {
                (ModelState State, Hash256 Root, IStateView View) any;
                lock (gate) any = held[mine.Next(held.Count)];
                any.State.AssertSame(any.View, mine);
            }
        })).ToArray();
        for (ulong number = 1; number < 250; number++)
        {
            (ModelState State, Hash256 Root, IStateView View) parent = held[random.Next(2) == 0 ? held.Count - 1 : random.Next(held.Count)];
            (StateDiff diff, ModelState next) = parent.State.RandomBlock(random);
            Hash256 root = parent.View.ComputeRoots(diff, null).StateRoot;
            store.Commit(parent.Root, diff, root, number);
            if (root == Hash256.EmptyTrie) continue;
            IStateView view = store.Open(root)!;
            lock (gate) held.Add((next, root, view));
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }
}
