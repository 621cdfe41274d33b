using Opal.State.Flat;

namespace Opal.State.Tests;

public class PagedMapTests
{
    [Theory, InlineData(32), InlineData(8), InlineData(34)]
    public void Random_batches_equal_a_sorted_map_and_inverses_take_them_back(int keySize)
    {
        var builder = new SortedRunBuilder();
        for (int seed = 0; seed < 30; seed++)
        {
            var random = new Random(seed);
            var map = new PagedMap(4);
            if (random.Next(3) == 0) map.Reserve(1000);
            var model = new SortedDictionary<byte[], byte[]>(Comparer<byte[]>.Create((x, y) => x.AsSpan().SequenceCompareTo(y)));
            bool crowded = random.Next(2) == 0;
            for (int round = 0; round < 40; round++)
            {
                var batch = new SortedDictionary<byte[], byte[]>(model.Comparer);
                for (int i = random.Next(1, 30); i > 0; i--)
                {
                    var key = new byte[keySize];
                    if (!crowded) random.NextBytes(key);
                    else key[random.Next(keySize)] = (byte)random.Next(256);
                    if (model.Count > 0 && random.Next(2) == 0) key = model.Keys.ElementAt(random.Next(model.Count));
                    batch[key] = new byte[random.Next(4) == 0 ? 0 : random.Next(1, 50)];
                    random.NextBytes(batch[key]);
                }

                foreach ((byte[] key, byte[] value) in batch) builder.Add(key, value);
                SortedRun changes = builder.ToRun();
                SortedRun undo = map.Inverse(changes, builder);
                map.Apply(changes, builder);
                if (random.Next(4) == 0)
                {
                    map.Apply(undo, builder);
                }
                else
                {
                    foreach ((byte[] key, byte[] value) in batch)
                    {
                        if (value.Length == 0) model.Remove(key);
                        else model[key] = value;
                    }
                }

                Assert.Equal(model.Count, map.Count);
                var last = new byte[keySize];
                last.AsSpan().Fill(0xff);
                foreach (byte[] key in batch.Keys)
                {
                    Assert.Equal(model.TryGetValue(key, out byte[]? expected), map.TryGet(key, out ReadOnlySpan<byte> value));
                    Assert.True(value.SequenceEqual(expected));
                    byte[]? next = model.Keys.FirstOrDefault(k => k.AsSpan().SequenceCompareTo(key) >= 0);
                    Assert.Equal(next is not null, map.TrySeek(key, last, out ReadOnlySpan<byte> found, out _));
                    Assert.True(found.SequenceEqual(next));
                }
            }
        }
    }
}
