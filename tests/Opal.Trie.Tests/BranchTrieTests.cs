using System.Globalization;
using Opal.Primitives;

namespace Opal.Trie.Tests;

/// <summary>The trie of branch records against a fresh build of records and against the trie of node objects, over crowded keys.</summary>
public class BranchTrieTests
{
    /// <summary>How many random batches to run, if not the usual number.</summary>
    private const string BatchesVariable = "OPAL_TRIE_BATCHES";

    private static int Batches => int.TryParse(Environment.GetEnvironmentVariable(BatchesVariable), NumberStyles.None, CultureInfo.InvariantCulture, out int batches) ? batches : 40_000;

    /// <summary>A key that shares many digits with another one, as somebody who grinds hashes would choose it.</summary>
    private static Hash256 RandomKey(Random random, int shape, IReadOnlyList<Hash256> known)
    {
        Hash256 key = default;
        int from = 0;
        if (known.Count > 0 && random.Next(3) > 0)
        {
            int kept = shape switch { 0 => random.Next(4), 1 => random.Next(64), 2 => 58 + random.Next(6), _ => 10 + random.Next(10) };
            key = known[random.Next(known.Count)].FirstDigits(kept);
            from = kept;
        }

        int digits = 1 + random.Next(3);
        bool sparse = random.Next(2) == 0;
        for (int i = from; i < 64; i++)
        {
            if (!sparse || random.Next(4) == 0 || i == from) key = key.WithDigit(i, shape == 0 && i > 3 ? random.Next(16) : random.Next(digits + 1));
        }

        return key;
    }

    private static byte[] RandomValue(Random random, bool small)
    {
        var value = new byte[small && random.Next(8) > 0 ? 1 : random.Next(3) == 0 ? random.Next(30, BranchTrie.MaxLeafValue + 1) : random.Next(1, 6)];
        random.NextBytes(value);
        return value;
    }

    [Fact]
    public void Root_and_records_after_random_batches_equal_a_fresh_build()
    {
        var trie = new BranchTrie();
        var twin = new BranchTrie();
        int batches = Batches, done = 0;
        for (int seed = 0; done < batches; seed++)
        {
            var random = new Random(seed);
            int shape = seed % 4, size = 1 << random.Next(1, 6);
            bool small = random.Next(2) == 0;
            var store = new RecordStore();
            var history = new Stack<(RecordStore Store, Hash256 Root)>();
            var known = new List<Hash256>();
            Hash256 root = Hash256.EmptyTrie;
            for (int round = 0; round < 40 && done < batches; round++, done++)
            {
                if (history.Count > 0 && random.Next(10) == 0)
                {
                    // a reorg: back by some blocks
                    for (int back = random.Next(history.Count) + 1; back > 0; back--) (store, root) = history.Pop();
                }

                bool wiped = random.Next(30) == 0;
                int wave = random.Next(6); // 0: mostly deletes, 1: everything goes
                var changes = new SortedDictionary<Hash256, byte[]>();
                if (wave == 1)
                {
                    foreach (Hash256 key in store.Leaves.Keys) changes[key] = [];
                    if (random.Next(2) == 0 && changes.Count > 0) changes.Remove(changes.Keys.ElementAt(random.Next(changes.Count)));
                }

                for (int i = random.Next(wave == 1 ? 2 : size); i >= 0; i--)
                {
                    bool old = store.Leaves.Count > 0 && random.Next(2) == 0;
                    Hash256 key = old ? store.Leaves.Keys.ElementAt(random.Next(store.Leaves.Count)) : RandomKey(random, shape, known);
                    if (!old && known.Count < 64) known.Add(key);
                    changes[key] = random.Next(4) < (wave == 0 ? 3 : 1) ? [] : RandomValue(random, small);
                }

                Hash256 after = store.Apply(trie, changes, wiped, out RecordStore before);
                history.Push((before, root));
                root = after;
                store.AssertSameRecords(store.Rebuilt(twin, out Hash256 expected));
                Assert.True(expected == after, $"seed {seed}, round {round}: {after} instead of {expected}");
                if (done % 8 == 0) Assert.Equal(store.PatriciaRoot(), after);
            }
        }
    }

    [Fact]
    public void Many_tries_hashed_together_have_the_roots_they_have_alone()
    {
        var random = new Random(3);
        var trie = new BranchTrie();
        var store = new RecordStore();
        trie.Reset(store);
        var expected = new List<Hash256>();
        for (int i = 0; i < 50; i++)
        {
            var alone = new RecordStore();
            trie.Begin(Keccak256.Hash([(byte)i]), true);
            for (int n = random.Next(20); n > 0; n--)
            {
                Hash256 key = Keccak256.Hash([(byte)n, (byte)i]);
                byte[] value = RandomValue(random, true);
                trie.Set(key, value, false);
                alone.Leaves[key] = value;
            }

            Assert.Equal(TrieStatus.Ok, trie.Walk(out int number));
            Assert.Equal(i, number);
            expected.Add(alone.PatriciaRoot());
            if (i == 30) trie.Hash(); // what is hashed stays, what comes later is hashed later
        }

        trie.Hash();
        for (int i = 0; i < 50; i++) Assert.Equal(expected[i], trie.RootOf(i));
    }

    [Fact]
    public void Without_changes_the_root_is_read()
    {
        var trie = new BranchTrie();
        var store = new RecordStore();
        for (int i = 0; i < 20; i++)
        {
            Hash256 root = store.Apply(trie, [], false, out _);
            Assert.Equal(store.PatriciaRoot(), root);
            store.Apply(trie, new() { [Keccak256.Hash([(byte)i])] = [1] }, false, out _);
        }
    }

    [Fact]
    public void Records_that_do_not_fit_the_leaves_are_a_result()
    {
        int damaged = 0;
        for (int seed = 0; seed < 2000; seed++)
        {
            var random = new Random(seed);
            var trie = new BranchTrie();
            var store = new RecordStore();
            var changes = new SortedDictionary<Hash256, byte[]>();
            for (int i = 0; i < 12; i++) changes[RandomKey(random, 1, changes.Keys.ToList())] = RandomValue(random, true);
            store.Apply(trie, changes, false, out _);
            if (random.Next(3) == 0)
            {
                store.Leaves.Remove(store.Leaves.Keys.ElementAt(random.Next(store.Leaves.Count)));
            }
            else
            {
                TriePath path = store.Records.Keys.ElementAt(random.Next(store.Records.Count));
                byte[] record = store.Records[path];
                if (random.Next(2) == 0) store.Records.Remove(path);
                else if (random.Next(2) == 0) store.Records[path] = record[..random.Next(record.Length)];
                else record[random.Next(6)] ^= (byte)(1 << random.Next(8));
            }

            trie.Reset(store);
            trie.Begin(default, false);
            foreach (Hash256 key in changes.Keys) trie.Set(key, random.Next(2) == 0 ? [] : [7], store.Leaves.ContainsKey(key));
            if (trie.Walk(out _) != TrieStatus.Ok) damaged++;
        }

        Assert.True(damaged > 500);
    }

    [Fact]
    public void A_key_changed_twice_is_a_bug_of_the_caller()
    {
        var trie = new BranchTrie();
        trie.Reset(new RecordStore());
        trie.Begin(default, true);
        trie.Set(default, [1], false);
        trie.Set(default, [2], false);
        Assert.Throws<ArgumentException>(() => trie.Walk(out _));
    }

    [Fact]
    public void Path_keys_are_unique_readable_and_in_the_order_of_paths()
    {
        var random = new Random(1);
        var paths = new List<TriePath>();
        for (int i = 0; i < 4000; i++) paths.Add(new TriePath(RandomKey(random, i % 4, paths.Select(p => p.Digits).Take(50).ToList()), random.Next(65)));
        paths = paths.Distinct().Order().ToList();
        byte[]? last = null;
        foreach (TriePath path in paths)
        {
            var key = new byte[TriePath.MaxKeySize];
            key = key[..path.WriteKey(key)];
            Assert.Equal(path.Length > TriePath.MaxShortLength ? TriePath.MaxKeySize : 8, key.Length);
            Assert.True(last is null || last.AsSpan().SequenceCompareTo(key) < 0);
            Assert.True(TriePath.TryReadKey(key, out TriePath read));
            Assert.Equal(path, read);
            Assert.False(TriePath.TryReadKey(key.AsSpan(0, key.Length - 1), out _));
            last = key;
        }

        Assert.False(TriePath.TryReadKey([0, 0, 0, 0, 0, 0, 0x10, 3], out _)); // a digit beyond the count
    }
}
