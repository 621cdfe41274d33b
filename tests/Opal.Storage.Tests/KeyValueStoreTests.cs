using System.Text;
using System.Text.Json;
using Opal.Testing;

namespace Opal.Storage.Tests;

public sealed class MemoryStoreTests : KeyValueStoreTests
{
    protected override IKeyValueStore Open() => new MemoryStore();
}

/// <summary>What every store does.</summary>
public abstract class KeyValueStoreTests
{
    protected abstract IKeyValueStore Open();

    private static byte[] Bytes(string text) => Encoding.ASCII.GetBytes(text);

    private static string? Get(ISnapshot snapshot, StoreTable table, string key) => snapshot.TryGet(table, Bytes(key), out ReadOnlySpan<byte> value) ? Encoding.ASCII.GetString(value) : null;

    [Fact]
    public void A_snapshot_keeps_its_state()
    {
        using IKeyValueStore store = Open();
        StoreTable table = store.Table("t");
        using (IWriteTransaction write = store.BeginWrite())
        {
            write.Put(table, Bytes("a"), Bytes("1"));
            write.Commit();
        }

        using ISnapshot before = store.OpenSnapshot();
        using (IWriteTransaction write = store.BeginWrite())
        {
            write.Put(table, Bytes("a"), Bytes("2"));
            write.Put(table, Bytes("b"), Bytes("3"));
            Assert.Equal("2", Get(write, table, "a"));
            using ISnapshot beside = store.OpenSnapshot();
            Assert.Equal("1", Get(beside, table, "a"));
            write.Commit();
        }

        using ISnapshot after = store.OpenSnapshot();
        Assert.Equal(("1", null), (Get(before, table, "a"), Get(before, table, "b")));
        Assert.Equal(("2", "3"), (Get(after, table, "a"), Get(after, table, "b")));
        Assert.False(after.TryGet(store.Table("other"), Bytes("a"), out _));
    }

    [Fact]
    public void A_transaction_without_commit_leaves_nothing()
    {
        using IKeyValueStore store = Open();
        StoreTable table = store.Table("t");
        using (IWriteTransaction write = store.BeginWrite()) write.Put(table, Bytes("a"), Bytes("1"));
        using ISnapshot snapshot = store.OpenSnapshot();
        Assert.Null(Get(snapshot, table, "a"));
    }

    [Fact]
    public void There_is_one_writer_at_a_time()
    {
        using IKeyValueStore store = Open();
        using var began = new ManualResetEventSlim();
        IWriteTransaction first = store.BeginWrite();
        var second = new Thread(() =>
        {
            using IWriteTransaction write = store.BeginWrite();
            began.Set();
        });
        second.Start();
        Assert.False(began.Wait(50));
        first.Dispose();
        Assert.True(began.Wait(TimeSpan.FromSeconds(10)));
        second.Join();
    }

    [Fact]
    public void States_are_numbered_by_their_commits()
    {
        using IKeyValueStore store = Open();
        StoreTable table = store.Table("t");
        Assert.Equal(table, store.Table("t"));
        Assert.NotEqual(table, store.Table("u"));
        using ISnapshot old = store.OpenSnapshot();
        ulong id = old.Id;
        for (int i = 0; i < 5; i++)
        {
            using IWriteTransaction write = store.BeginWrite();
            Assert.Equal(id, write.Id);
            write.Put(table, [1], [(byte)i]);
            ulong next = write.Commit();
            Assert.True(next > id);
            id = next;
            using ISnapshot snapshot = store.OpenSnapshot();
            Assert.Equal(id, snapshot.Id);
        }

        using (IWriteTransaction write = store.BeginWrite())
        {
            Assert.False(write.Delete(table, [2]));
            Assert.Equal(id, write.Commit());
        }

        using (IWriteTransaction write = store.BeginWrite()) write.Put(table, [3], [3]);
        using ISnapshot last = store.OpenSnapshot();
        Assert.Equal(id, last.Id);
        Assert.NotEqual(id, old.Id);
    }

    [Fact]
    public void Ascending_keys_have_to_ascend()
    {
        using IKeyValueStore store = Open();
        StoreTable table = store.Table("t");
        using IWriteTransaction write = store.BeginWrite();
        for (int i = 0; i < 1000; i++) write.PutAscending(table, [(byte)(i >> 8), (byte)i], [1]);
        Assert.Throws<ArgumentException>(() => write.PutAscending(table, [3], [1]));
        Assert.Throws<ArgumentException>(() => write.PutAscending(table, [999 >> 8, 999 & 255], [1]));
        Assert.Throws<ArgumentException>(() => write.Put(default, [1], [1]));
        ICursor cursor = write.OpenCursor(table);
        int count = 0;
        while (cursor.MoveNext()) count++;
        Assert.Equal(1000, count);
    }

    [Fact]
    public void Keys_have_bounds_and_what_is_over_is_over()
    {
        using IKeyValueStore store = Open();
        StoreTable table = store.Table("t");
        using IWriteTransaction write = store.BeginWrite();
        Assert.Throws<ArgumentException>(() => write.Put(table, [], [1]));
        Assert.Throws<ArgumentException>(() => write.Put(table, new byte[512], [1]));
        write.Put(table, new byte[511], []);
        write.Commit();
        Assert.Throws<ObjectDisposedException>(() => write.Put(table, [1], [1]));
        ISnapshot snapshot = store.OpenSnapshot();
        snapshot.Dispose();
        Assert.Throws<ObjectDisposedException>(() => snapshot.TryGet(table, [1], out _));
    }

    [Fact]
    public void Random_histories_agree_with_a_sorted_dictionary()
    {
        var random = new Random(4);
        using IKeyValueStore store = Open();
        StoreTable table = store.Table("t");
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
                    Assert.Equal(next.Remove(key), write.Delete(table, Bytes(key)));
                }
                else
                {
                    next[key] = value;
                    write.Put(table, Bytes(key), Bytes(value));
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
            ICursor cursor = snapshot.OpenCursor(table);
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
            using IKeyValueStore store = Open();
        StoreTable table = store.Table("t");
            using IWriteTransaction write = store.BeginWrite();
            foreach (JsonElement key in test.Value.GetProperty("in").EnumerateArray()) write.Put(table, Bytes(key.GetString()!), [1]);
            ICursor cursor = write.OpenCursor(table);
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
