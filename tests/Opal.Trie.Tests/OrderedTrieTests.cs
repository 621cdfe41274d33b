using Opal.Primitives;

namespace Opal.Trie.Tests;

public class OrderedTrieTests
{
    [Theory, InlineData(0), InlineData(1), InlineData(2), InlineData(3), InlineData(16), InlineData(17), InlineData(127), InlineData(128), InlineData(129),
     InlineData(255), InlineData(256), InlineData(257), InlineData(1000), InlineData(70_000)]
    public void Root_equals_that_of_a_trie_from_rlp_of_the_position(int count)
    {
        foreach (int size in new[] { 1, 5, 33, 200 })
        {
            if (count > 1000 && size != 33) continue;
            var random = new Random(count + size);
            var items = new List<ReadOnlyMemory<byte>>();
            var batch = new TrieBatch();
            for (int i = 0; i < count; i++)
            {
                var item = new byte[random.Next(1, size + 1)];
                random.NextBytes(item);
                items.Add(item);
                var key = new RlpWriter();
                key.WriteUInt64((ulong)i);
                batch.Add(key.ToArray(), item);
            }

            Assert.Equal(TrieStatus.Ok, batch.TryApply(PatriciaTrie.Empty, out PatriciaTrie trie));
            Assert.Equal(trie.RootHash, OrderedTrie.Root(items));
        }
    }
}
