using System.Buffers.Binary;

namespace Opal.Storage.Tests;

public sealed class LmdbStoreTests : KeyValueStoreTests, IDisposable
{
    private readonly ScratchFolder _folder = new();

    protected override IKeyValueStore Open() => LmdbStore.Open(Directory.CreateDirectory(_folder[Path.GetRandomFileName()]).FullName);

    public void Dispose() => _folder.Dispose();

    private static byte[] Key(int number)
    {
        var key = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(key, number);
        return key;
    }

    private static void Fill(LmdbStore store, StoreTable table, int from, int count, int size)
    {
        using IWriteTransaction write = store.BeginWrite();
        for (int i = from; i < from + count; i++) write.Put(table, Key(i), Enumerable.Repeat((byte)i, size).ToArray());
        write.Commit();
    }

    private static int Count(LmdbStore store, StoreTable table)
    {
        using ISnapshot snapshot = store.OpenSnapshot();
        ICursor cursor = snapshot.OpenCursor(table);
        int count = 0;
        for (; cursor.MoveNext(); count++)
        {
            Assert.Equal(count, BinaryPrimitives.ReadInt32BigEndian(cursor.Key));
            Assert.True(cursor.Value.IndexOfAnyExcept((byte)count) < 0);
        }

        return count;
    }

    [Fact]
    public void What_was_committed_is_there_after_reopening()
    {
        string path = _folder["store"];
        ulong id;
        using (LmdbStore store = LmdbStore.Open(path))
        {
            Fill(store, store.Table("t"), 0, 1000, 100);
            using ISnapshot snapshot = store.OpenSnapshot();
            id = snapshot.Id;
        }

        using (LmdbStore store = LmdbStore.Open(path))
        {
            Assert.Equal(1000, Count(store, store.Table("t")));
            Assert.Throws<InvalidOperationException>(() => LmdbStore.Open(path));
            using ISnapshot snapshot = store.OpenSnapshot();
            Assert.Equal(id, snapshot.Id);
            Assert.True(store.Size > 100_000);
        }

        Assert.Equal(["data.mdb", "lock.mdb"], Directory.EnumerateFiles(path).Select(Path.GetFileName).Order());
    }

    [Fact]
    public void A_foreign_file_is_refused_by_name()
    {
        Directory.CreateDirectory(_folder["store"]);
        File.WriteAllText(_folder["store/data.mdb"], string.Concat(Enumerable.Repeat("not a store. ", 1000)));
        StoreCorruptException error = Assert.Throws<StoreCorruptException>(() => LmdbStore.Open(_folder["store"]));
        Assert.Contains(_folder["store/data.mdb"], error.Message);
    }

    [Fact]
    public void A_file_cut_short_is_an_error_and_no_crash()
    {
        string path = _folder["store"];
        using (LmdbStore store = LmdbStore.Open(path)) Fill(store, store.Table("t"), 0, 5000, 100);
        using (FileStream file = File.OpenWrite(Path.Combine(path, "data.mdb"))) file.SetLength(file.Length / 2 & ~4095L);
        using LmdbStore cut = LmdbStore.Open(path);
        Assert.Throws<StoreCorruptException>(() => Count(cut, cut.Table("t")));
    }

    [Fact]
    public void Snapshots_and_cursors_are_used_again_and_see_the_newest_state()
    {
        using LmdbStore store = LmdbStore.Open(_folder["store"]);
        StoreTable t = store.Table("t"), u = store.Table("u");
        for (int i = 0; i < 100; i++)
        {
            using (IWriteTransaction write = store.BeginWrite())
            {
                write.Put(i % 2 == 0 ? t : u, Key(i), [(byte)i]);
                write.Commit();
            }

            using ISnapshot snapshot = store.OpenSnapshot();
            using ISnapshot second = store.OpenSnapshot();
            for (int k = 0; k < 40; k++)
            {
                ICursor cursor = (k % 2 == 0 ? snapshot : second).OpenCursor(i % 2 == 0 ? t : u);
                Assert.False(cursor.SeekBefore(Key(i % 2)));
                Assert.True(cursor.MoveNext());
                Assert.Equal(Key(i % 2), cursor.Key.ToArray());
                Assert.True(cursor.SeekBefore(Key(1000)));
                Assert.Equal(Key(i), cursor.Key.ToArray());
            }
        }

        ISnapshot over = store.OpenSnapshot();
        ICursor left = over.OpenCursor(t);
        over.Dispose();
        over.Dispose();
        Assert.Throws<ObjectDisposedException>(() => left.MoveNext());
        Assert.Throws<ObjectDisposedException>(() => over.Id);
    }

    [Fact]
    public void A_transaction_of_another_thread_cannot_be_ended()
    {
        using LmdbStore store = LmdbStore.Open(_folder["store"]);
        using IWriteTransaction write = store.BeginWrite();
        Exception? error = null;
        var thread = new Thread(() => error = Record.Exception(() => write.Commit()));
        thread.Start();
        thread.Join();
        Assert.IsType<InvalidOperationException>(error);
    }

    [Fact]
    public void A_small_map_grows_between_transactions()
    {
        using LmdbStore store = LmdbStore.Open(_folder["store"], new LmdbOptions { MapSize = 1 << 20 });
        StoreTable table = store.Table("t");
        for (int i = 0; i < 100; i++) Fill(store, table, i * 100, 100, 1000);
        Assert.Equal(10_000, Count(store, table));
        Assert.True(store.Size > 8 << 20);

        // one transaction that needs more than there is fails whole, and finds room when it comes again
        IOException? full = null;
        for (int attempt = 0; attempt < 8; attempt++)
        {
            full = Record.Exception(() => Fill(store, table, 10_000, 40_000, 1000)) as IOException;
            if (full is null) break;
            Assert.Equal(10_000, Count(store, table));
        }

        Assert.Null(full);
        Assert.Equal(50_000, Count(store, table));
    }

    [Fact]
    public void Unsynced_commits_are_synced_at_the_end()
    {
        using LmdbStore store = LmdbStore.Open(_folder["store"]);
        StoreTable table = store.Table("t");
        store.BeginUnsynced();
        for (int i = 0; i < 50; i++) Fill(store, table, i * 10, 10, 10);
        store.EndUnsynced();
        Assert.Equal(500, Count(store, table));
    }

    [Fact]
    public void Readers_beside_the_writer_see_whole_commits()
    {
        using LmdbStore store = LmdbStore.Open(_folder["store"]);
        StoreTable table = store.Table("t");
        Fill(store, table, 0, 100, 8);
        bool stop = false;
        Exception? error = null;
        var threads = Enumerable.Range(0, 3).Select(_ => new Thread(() =>
        {
            error ??= Record.Exception(() =>
            {
                while (!Volatile.Read(ref stop))
                {
                    using ISnapshot snapshot = store.OpenSnapshot();
                    Assert.True(snapshot.TryGet(table, Key(3), out ReadOnlySpan<byte> first));
                    byte[] copy = first.ToArray();
                    Assert.True(snapshot.TryGet(table, Key(97), out ReadOnlySpan<byte> second));
                    Assert.Equal(snapshot.Id % 251, second[0]);
                    Assert.Equal(copy[0], second[0]);
                }
            });
        })).ToArray();
        Write();
        foreach (Thread thread in threads) thread.Start();
        for (int i = 0; i < 200; i++) Write();
        Volatile.Write(ref stop, true);
        foreach (Thread thread in threads) thread.Join();
        Assert.Null(error);

        void Write()
        {
            using IWriteTransaction write = store.BeginWrite();
            for (int k = 0; k < 100; k++) write.Put(table, Key(k), [(byte)((write.Id + 1) % 251)]);
            write.Commit();
        }
    }

    [Fact]
    public void Free_space_is_that_of_the_disk() => Assert.InRange(DiskSpace.Free(_folder["not/there/yet"]), 1, long.MaxValue);
}

[Collection("full disk")]
public sealed class LmdbFullDiskTests
{
    [Fact]
    public void A_full_disk_undoes_the_transaction_and_the_store_goes_on_when_there_is_room()
    {
        using var folder = new ScratchFolder();
        using LmdbStore store = LmdbStore.Open(folder["store"]);
        StoreTable table = store.Table("t");
        Fill(0, 1000);
        using (new FileSizeLimit(2 << 20))
        {
            IOException error = Assert.Throws<IOException>(() => Fill(1, 10_000));
            Assert.Contains("data.mdb", error.Message);
            using ISnapshot snapshot = store.OpenSnapshot();
            Check(snapshot, 0, 1000);
            Assert.False(snapshot.TryGet(table, BitConverter.GetBytes(5000), out _));
        }

        Fill(2, 10_000);
        using ISnapshot after = store.OpenSnapshot();
        Check(after, 2, 10_000);

        void Fill(byte value, int count)
        {
            using IWriteTransaction write = store.BeginWrite();
            for (int i = 0; i < count; i++) write.Put(table, BitConverter.GetBytes(i), Enumerable.Repeat(value, 500).ToArray());
            write.Commit();
        }

        void Check(ISnapshot snapshot, byte value, int count)
        {
            for (int i = 0; i < count; i++)
            {
                Assert.True(snapshot.TryGet(table, BitConverter.GetBytes(i), out ReadOnlySpan<byte> found));
                Assert.Equal((500, -1), (found.Length, found.IndexOfAnyExcept(value)));
            }
        }
    }
}
