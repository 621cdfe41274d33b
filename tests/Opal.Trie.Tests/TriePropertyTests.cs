using Opal.Primitives;

namespace Opal.Trie.Tests;

/// <summary>Random histories against the slow twin: keys crowd together so that splits, collapses and inline nodes are common.</summary>
public class TriePropertyTests
{
    private sealed class Bag : INodeReader
    {
        public Dictionary<Hash256, byte[]> Nodes { get; } = [];

        public bool TryRead(in Hash256 hash, out ReadOnlyMemory<byte> rlp)
        {
            bool found = Nodes.TryGetValue(hash, out byte[]? bytes);
            rlp = bytes;
            return found;
        }

        public void Add(IEnumerable<byte[]> nodes)
        {
            foreach (byte[] node in nodes) Nodes[Keccak256.Hash(node)] = node;
        }
    }

    private static byte[] RandomKey(Random random, int shape)
    {
        if (shape == 0) return Enumerable.Range(0, random.Next(0, 4)).Select(_ => (byte)(random.Next(3) * 0x11)).ToArray(); // one key may begin another
        var key = new byte[shape == 1 ? 3 : 32];
        for (int i = 0; i < key.Length; i++) key[i] = (byte)(random.Next(i < 2 ? 4 : 2) * (random.Next(2) == 0 ? 1 : 0x10));
        return key;
    }

    private static byte[] RandomValue(Random random)
    {
        int length = random.Next(4) == 0 ? random.Next(30, 70) : random.Next(1, 4);
        var value = new byte[length];
        random.NextBytes(value);
        return value;
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void Root_after_random_batches_equals_a_full_rebuild(int shape)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random((shape * 1000) + seed);
            var model = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
            PatriciaTrie trie = PatriciaTrie.Empty;
            for (int round = 0; round < 12; round++)
            {
                var changes = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
                int count = random.Next(1, 12);
                bool mostlyDeletes = random.Next(3) == 0;
                for (int i = 0; i < count; i++)
                {
                    string key = model.Count > 0 && random.Next(2) == 0 ? model.Keys.ElementAt(random.Next(model.Count)) : Hex.Encode(RandomKey(random, shape));
                    changes[key] = random.Next(4) < (mostlyDeletes ? 3 : 1) ? [] : RandomValue(random);
                }

                PatriciaTrie before = trie;
                Hash256 rootBefore = trie.RootHash;
                var batch = new TrieBatch();
                foreach ((string key, byte[] value) in changes)
                {
                    batch.Add(Hex.Decode(key), value);
                    if (value.Length == 0) model.Remove(key);
                    else model[key] = value;
                }

                Assert.Equal(TrieStatus.Ok, batch.TryApply(trie, out trie));
                Hash256 expected = NaiveTrie.Root(model);
                Assert.Equal(expected, trie.RootHash);
                Assert.Equal(rootBefore, before.RootHash);

                PatriciaTrie single = before;
                foreach ((string key, byte[] value) in changes) single = single.Set(Hex.Decode(key), value);
                Assert.Equal(expected, single.RootHash);
                foreach ((string key, byte[] value) in model) Assert.True(value.AsSpan().SequenceEqual(trie.Get(Hex.Decode(key)).Span));
                foreach ((string key, byte[] value) in changes.Where(c => c.Value.Length == 0)) Assert.True(trie.Get(Hex.Decode(key)).IsEmpty);
            }
        }
    }

    [Theory, InlineData(0), InlineData(1), InlineData(2)]
    public void Proofs_of_presence_and_absence_verify_and_fail_when_touched(int shape)
    {
        for (int seed = 0; seed < 60; seed++)
        {
            var random = new Random(77_000 + (shape * 1000) + seed);
            var model = new Dictionary<string, byte[]>();
            PatriciaTrie trie = PatriciaTrie.Empty;
            int count = random.Next(0, 40);
            for (int i = 0; i < count; i++)
            {
                byte[] key = RandomKey(random, shape), value = RandomValue(random);
                model[Hex.Encode(key)] = value;
                trie = trie.Set(key, value);
            }

            foreach (string hex in model.Keys.Concat(Enumerable.Range(0, 10).Select(_ => Hex.Encode(RandomKey(random, shape)))))
            {
                byte[] key = Hex.Decode(hex);
                List<byte[]> proof = trie.Prove(key);
                ProofVerdict verdict = TrieProof.Verify(trie.RootHash, key, proof, out ReadOnlyMemory<byte> value);
                Assert.Equal(model.ContainsKey(hex) ? ProofVerdict.Included : ProofVerdict.Excluded, verdict);
                Assert.Equal(model.GetValueOrDefault(hex, []), value.ToArray());

                Assert.Equal(ProofVerdict.Invalid, TrieProof.Verify(Keccak256.Hash(key), key, proof, out _));
                if (proof.Count == 0) continue;
                Assert.Equal(ProofVerdict.Invalid, TrieProof.Verify(trie.RootHash, key, proof[..^1], out _));
                Assert.Equal(ProofVerdict.Invalid, TrieProof.Verify(trie.RootHash, key, [.. proof, proof[^1]], out _));
                byte[][] bent = proof.Select(n => n.ToArray()).ToArray();
                byte[] victim = bent[random.Next(bent.Length)];
                victim[random.Next(victim.Length)] ^= (byte)(1 << random.Next(8));
                Assert.Equal(ProofVerdict.Invalid, TrieProof.Verify(trie.RootHash, key, bent, out _));
            }
        }
    }

    [Theory, InlineData(1), InlineData(2)]
    public void A_witness_of_proofs_is_enough_to_update_and_a_missing_node_is_a_result(int shape)
    {
        int missing = 0;
        for (int seed = 0; seed < 80; seed++)
        {
            var random = new Random(5_000 + (shape * 1000) + seed);
            PatriciaTrie full = PatriciaTrie.Empty;
            var keys = new List<byte[]>();
            for (int i = 0; i < 60; i++)
            {
                keys.Add(RandomKey(random, shape));
                full = full.Set(keys[^1], RandomValue(random));
            }

            var bag = new Bag();
            List<byte[]> touched = keys.Where(_ => random.Next(5) == 0).DistinctBy(k => Hex.Encode(k)).ToList();
            foreach (byte[] key in touched) bag.Add(full.Prove(key));
            PatriciaTrie partial = PatriciaTrie.Open(full.RootHash, bag);
            Assert.Equal(full.RootHash, partial.RootHash);

            // overwriting needs the paths only
            foreach (byte[] key in touched)
            {
                byte[] value = RandomValue(random);
                full = full.Set(key, value);
                Assert.Equal(TrieStatus.Ok, partial.TrySet(key, value, out partial));
                Assert.Equal(full.RootHash, partial.RootHash);
            }

            // deleting may need a sibling: then it says so and the trie is as before
            foreach (byte[] key in touched)
            {
                Hash256 before = partial.RootHash;
                TrieStatus status = partial.TrySet(key, [], out PatriciaTrie shorter);
                if (status == TrieStatus.MissingNode)
                {
                    missing++;
                    Assert.Equal(before, shorter.RootHash);
                    break;
                }

                Assert.Equal(TrieStatus.Ok, status);
                full = full.Delete(key);
                partial = shorter;
                Assert.Equal(full.RootHash, partial.RootHash);
            }
        }

        Assert.True(missing > 0);
    }

    [Fact]
    public void Damaged_nodes_are_results_not_exceptions()
    {
        var random = new Random(9);
        PatriciaTrie full = PatriciaTrie.Empty;
        var keys = new List<byte[]>();
        for (int i = 0; i < 50; i++)
        {
            keys.Add(RandomKey(random, 1));
            full = full.Set(keys[^1], RandomValue(random));
        }

        int malformed = 0;
        for (int i = 0; i < 3000; i++)
        {
            byte[] key = keys[random.Next(keys.Count)];
            List<byte[]> proof = full.Prove(key);
            var bag = new Bag();
            int victim = random.Next(proof.Count);
            for (int n = 0; n < proof.Count; n++)
            {
                byte[] node = proof[n].ToArray();
                if (n == victim)
                {
                    for (int flips = random.Next(1, 4); flips > 0; flips--) node[random.Next(node.Length)] = (byte)random.Next(256);
                    if (random.Next(4) == 0) node = node[..random.Next(node.Length)];
                }

                bag.Nodes[Keccak256.Hash(proof[n])] = node;
            }

            PatriciaTrie trie = PatriciaTrie.Open(full.RootHash, bag);
            if (trie.TryGet(key, out _) == TrieStatus.MalformedNode) malformed++;
            trie = PatriciaTrie.Open(full.RootHash, bag);
            if (trie.TrySet(key, [1], out PatriciaTrie updated) == TrieStatus.Ok) _ = updated.RootHash;
            if (trie.TrySet(key, [], out updated) == TrieStatus.Ok) _ = updated.RootHash;
        }

        Assert.True(malformed > 500);
    }

    [Fact]
    public void A_key_of_64_digits_that_share_all_but_the_last_is_within_bounds()
    {
        var a = new byte[32];
        var b = new byte[32];
        b[31] = 1;
        PatriciaTrie trie = PatriciaTrie.Empty.Set(a, [1]).Set(b, [2]);
        Assert.Equal(NaiveTrie.Root(new Dictionary<string, byte[]> { [Hex.Encode(a)] = [1], [Hex.Encode(b)] = [2] }), trie.RootHash);
        Assert.True(trie.Delete(a).Delete(b).IsEmpty);
    }

    [Fact]
    public void Unsorted_changes_are_a_bug_of_the_caller() =>
        Assert.Throws<ArgumentException>(() => PatriciaTrie.Empty.TryApply([new TrieChange([2], [1]), new TrieChange([1], [1])], out _));
}
