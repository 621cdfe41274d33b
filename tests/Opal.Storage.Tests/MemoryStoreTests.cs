using System.Text;
using System.Text.Json;
using Opal.Testing;

namespace Opal.Storage.Tests;

public class MemoryStoreTests
{
    private static readonly StoreTable T = new MemoryStore().Table("t"); // the first table of any

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static string? Get(ISnapshot snapshot, string key) => snapshot.TryGet(T, Bytes(key), out ReadOnlySpan<byte> value) ? Encoding.ASCII.GetString(value) : null;

    [Fact]
    public void A_snapshot_keeps_its_state()
    {
        using var store = new MemoryStore();
        Assert.Equal(T, store.Table("t"));
        using (IWriteTransaction write = store.BeginWrite())
        {
            write.Put(T, Bytes("a"), Bytes("1"));
            write.Commit();
        }

        using ISnapshot before = store.OpenSnapshot();
        using (IWriteTransaction write = store.BeginWrite())
        {
            write.Put(T, Bytes("a"), Bytes("2"));
            write.Put(T, Bytes("b"), Bytes("3"));
            Assert.Equal("2", Get(write, "a"));
            using ISnapshot beside = store.OpenSnapshot();
            Assert.Equal("1", Get(beside, "a"));
            write.Commit();
        }

        using ISnapshot after = store.OpenSnapshot();
        Assert.Equal(("1", null), (Get(before, "a"), Get(before, "b")));
        Assert.Equal(("2", "3"), (Get(after, "a"), Get(after, "b")));
        Assert.False(after.TryGet(store.Table("other"), Bytes("a"), out _));
    }

    [Fact]
    public void A_transaction_without_commit_leaves_nothing()
    {
        using var store = new MemoryStore();
        using (IWriteTransaction write = store.BeginWrite()) write.Put(T, Bytes("a"), Bytes("1"));
        using ISnapshot snapshot = store.OpenSnapshot();
        Assert.Null(Get(snapshot, "a"));
    }

    [Fact]
    public async Task There_is_one_writer_at_a_time()
    {
        using var store = new MemoryStore();
        IWriteTransaction first = store.BeginWrite();
        Task<IWriteTransaction> second = Task.Run(store.BeginWrite);
        Assert.NotSame(second, await Task.WhenAny(second, Task.Delay(50)));
        first.Dispose();
        (await second.WaitAsync(TimeSpan.FromSeconds(10))).Dispose();
    }

    [Fact]
    public void Keys_have_bounds_and_what_is_over_is_over()
    {
        using var store = new MemoryStore();
        using IWriteTransaction write = store.BeginWrite();
        Assert.Throws<ArgumentException>(() => write.Put(T, [], [1]));
        Assert.Throws<ArgumentException>(() => write.Put(T, new byte[512], [1]));
        write.Commit();
        Assert.Throws<ObjectDisposedException>(() => write.Put(T, [1], [1]));
        ISnapshot snapshot = store.OpenSnapshot();
        snapshot.Dispose();
        Assert.Throws<ObjectDisposedException>(() => snapshot.TryGet(T, [1], out _));
    }

    [Fact]
    public void Random_histories_agree_with_a_sorted_dictionary()
    {
        var random = new Random(4);
        using var store = new MemoryStore();
        var model = new SortedDictionary<string, string>(StringComparer.Ordinal);
        for (int round = 0; round < 200; round++)
        {
            using IWriteTransaction write = store.BeginWrite();
            var next = new SortedDictionary<string, string>(model, StringComparer.Ordinal);
            for (int i = random.Next(8); i >= 0; i--)
            {
                string key = new((char)('a' + random.Next(5)), random.Next(1, 5)), value = random.Next().ToString();
                if (random.Next(3) == 0)
                {
                    Assert.Equal(next.Remove(key), write.Delete(T, Bytes(key)));
                }
                else
                {
                    next[key] = value;
                    write.Put(T, Bytes(key), Bytes(value));
                }
            }

            if (random.Next(4) != 0)
            {
                write.Commit();
                model = next;
            }
            else
            {
                write.Dispose();
            }

            using ISnapshot snapshot = store.OpenSnapshot();
            ICursor cursor = snapshot.OpenCursor(T);
            foreach ((string key, string value) in model)
            {
                Assert.True(cursor.MoveNext());
                Assert.Equal((key, value), (Encoding.ASCII.GetString(cursor.Key), Encoding.ASCII.GetString(cursor.Value)));
            }

            Assert.False(cursor.MoveNext());
            string probe = new((char)('a' + random.Next(6)), random.Next(1, 5));
            string? notBelow = model.Keys.FirstOrDefault(k => string.CompareOrdinal(k, probe) >= 0), below = model.Keys.LastOrDefault(k => string.CompareOrdinal(k, probe) < 0);
            Assert.Equal(notBelow, cursor.Seek(Bytes(probe)) ? Encoding.ASCII.GetString(cursor.Key) : null);
            Assert.Equal(below, cursor.SeekBefore(Bytes(probe)) ? Encoding.ASCII.GetString(cursor.Key) : null);
        }
    }

    [VectorFact]
    public void Neighbours_are_those_of_the_official_cases()
    {
        byte[] json = Vectors.ReadArchive("crypto/ethereum-tests-trietests.tar.gz").Single(f => Path.GetFileName(f.Name) == "trietestnextprev.json").Data;
        foreach (JsonProperty test in JsonDocument.Parse(json).RootElement.EnumerateObject())
        {
            using var store = new MemoryStore();
            using IWriteTransaction write = store.BeginWrite();
            foreach (JsonElement key in test.Value.GetProperty("in").EnumerateArray()) write.Put(T, Bytes(key.GetString()!), [1]);
            ICursor cursor = write.OpenCursor(T);
            foreach (JsonElement step in test.Value.GetProperty("tests").EnumerateArray())
            {
                byte[] at = Bytes(step[0].GetString()!);
                bool found = cursor.Seek(at) && (!cursor.Key.SequenceEqual(at) || cursor.MoveNext());
                Assert.Equal(step[2].GetString(), found ? Encoding.ASCII.GetString(cursor.Key) : "");
                Assert.Equal(step[1].GetString(), cursor.SeekBefore(at) ? Encoding.ASCII.GetString(cursor.Key) : "");
            }
        }
    }
}
