namespace Opal.Storage.Tests;

/// <summary>What the check of a database file finds, and that what it lets pass can be read.</summary>
public sealed class LmdbFileTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly Dictionary<string, SortedSet<string>> _keys = [];

    public void Dispose() => _folder.Dispose();

    private string DataFile => _folder["data.mdb"];

    /// <summary>Tables of different heights, values in pages of their own, and pages that became free.</summary>
    private long Fill()
    {
        var random = new Random(1);
        using LmdbStore store = LmdbStore.Open(_folder.Path);
        foreach (string name in (string[])["small", "large", "wide", "empty"]) _keys[name] = new SortedSet<string>(StringComparer.Ordinal);
        StoreTable small = store.Table("small"), large = store.Table("large"), wide = store.Table("wide");
        _ = store.Table("empty");
        for (int round = 0; round < 6; round++)
        {
            using IWriteTransaction transaction = store.BeginWrite();
            for (int i = 0; i < 700; i++) Put(transaction, large, "large", random, 32, random.Next(1, 150));
            for (int i = 0; i < 3; i++) Put(transaction, wide, "wide", random, random.Next(1, 400), random.Next(5000, 30_000));
            for (int i = 0; i < 4; i++) Put(transaction, small, "small", random, 8, 20);
            foreach (string key in _keys["large"].Where(_ => random.Next(3) == 0).ToArray()) Delete(transaction, large, "large", key);
            foreach (string key in _keys["wide"].Take(1).ToArray()) Delete(transaction, wide, "wide", key);
            transaction.Commit();
        }

        return _keys.Values.Sum(keys => keys.Count) + _keys.Count;
    }

    private void Put(IWriteTransaction transaction, StoreTable table, string name, Random random, int keySize, int valueSize)
    {
        var key = new byte[keySize];
        random.NextBytes(key);
        transaction.Put(table, key, new byte[valueSize]);
        _keys[name].Add(Convert.ToHexString(key));
    }

    private void Delete(IWriteTransaction transaction, StoreTable table, string name, string key)
    {
        Assert.True(transaction.Delete(table, Convert.FromHexString(key)));
        _keys[name].Remove(key);
    }

    [Fact]
    public void A_good_file_passes_with_every_page_and_entry_counted()
    {
        long entries = Fill();
        LmdbFileCheck check = LmdbFile.Verify(_folder.Path);
        Assert.Equal(entries, check.Entries);
        Assert.True(check.FreePages > 10);
        Assert.Equal(check.Pages, check.UsedPages + check.FreePages + 2);
    }

    [Fact]
    public void A_store_that_was_just_made_passes()
    {
        LmdbStore.Open(_folder.Path).Dispose();
        Assert.Equal(0, LmdbFile.Verify(_folder.Path).Entries);
        using (LmdbStore store = LmdbStore.Open(_folder.Path)) _ = store.Table("one");
        Assert.Equal(1, LmdbFile.Verify(_folder.Path).Entries);
    }

    [Fact]
    public void A_flipped_bit_is_named_or_leaves_every_key_in_its_place()
    {
        Fill();
        byte[] good = File.ReadAllBytes(DataFile);
        int named = 0, harmless = 0;
        Soak.Run(400, seed =>
        {
            var random = new Random(seed);
            byte[] damaged = (byte[])good.Clone();

            // heads of pages and of entries are few of the bytes: every second flip is at the beginning of a page
            int at = random.Next(2) == 0 ? random.Next(good.Length) : (random.Next(good.Length / 4096) * 4096) + random.Next(64);
            damaged[at] ^= (byte)(1 << random.Next(8));
            using var folder = new ScratchFolder();
            File.WriteAllBytes(folder["data.mdb"], damaged);
            try
            {
                LmdbFile.Verify(folder.Path);
            }
            catch (StoreCorruptException error)
            {
                Assert.Contains(folder["data.mdb"], error.Message, StringComparison.Ordinal);
                named++;
                return;
            }

            harmless++;
            ReadAll(folder.Path, at);
        });
        Assert.True(named > 0 && harmless > 0, $"{named} named, {harmless} harmless");
    }

    private void ReadAll(string folder, int at)
    {
        using LmdbStore store = LmdbStore.Open(folder);
        Dictionary<string, StoreTable> tables = _keys.Keys.ToDictionary(name => name, store.Table);
        using ISnapshot snapshot = store.OpenSnapshot();
        int changed = 0;
        foreach ((string name, SortedSet<string> keys) in _keys)
        {
            var there = new List<string>();
            StoreTable table = tables[name];
            ICursor cursor = snapshot.OpenCursor(table);
            while (cursor.MoveNext())
            {
                there.Add(Convert.ToHexString(cursor.Key));
                Assert.True(snapshot.TryGet(table, cursor.Key, out ReadOnlySpan<byte> value), $"byte {at}");
                Assert.True(value.SequenceEqual(cursor.Value));
            }

            Assert.Equal(keys.Count, there.Count);
            changed += keys.Count - keys.Intersect(there).Count();
        }

        Assert.True(changed <= 1, $"byte {at}"); // the key that has the bit
    }

    [Fact]
    public void A_file_that_is_none_or_is_cut_short_is_named()
    {
        Fill();
        byte[] good = File.ReadAllBytes(DataFile);
        File.WriteAllBytes(DataFile, good[..(good.Length / 2)]);
        Assert.Contains("data.mdb", Assert.Throws<StoreCorruptException>(() => LmdbFile.Verify(_folder.Path)).Message, StringComparison.Ordinal);
        File.WriteAllBytes(DataFile, good[..100]);
        Assert.Throws<StoreCorruptException>(() => LmdbFile.Verify(_folder.Path));
        File.WriteAllBytes(DataFile, new byte[8192]);
        Assert.Contains("no LMDB file", Assert.Throws<StoreCorruptException>(() => LmdbFile.Verify(_folder.Path)).Message, StringComparison.Ordinal);
        File.Delete(DataFile);
        Assert.Throws<FileNotFoundException>(() => LmdbFile.Verify(_folder.Path));
    }
}
