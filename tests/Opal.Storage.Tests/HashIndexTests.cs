using Opal.Primitives;

namespace Opal.Storage.Tests;

public sealed class HashIndexTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static Hash256 Hash(int number)
    {
        var bytes = new byte[32];
        new Random(number).NextBytes(bytes);
        return new Hash256(bytes);
    }

    private static List<HashPlace> Find(IHashIndex index, int number)
    {
        List<HashPlace> places = [];
        index.Find(Hash(number), places);
        return places;
    }

    [Fact]
    public void Random_histories_agree_with_the_index_in_memory() => Soak.Run(12, RandomHistory);

    private static void RandomHistory(int seed)
    {
        var random = new Random(seed);
        var folder = new ScratchFolder();
        string? report = null;
        var options = new FileHashIndexOptions { SealAt = random.Next(5, 100), Report = r => report = r };
        var model = new MemoryHashIndex();
        FileHashIndex index = FileHashIndex.Open(folder.Path, options);
        ulong pruned = 0;
        try
        {
            for (int step = 0; step < 150; step++)
            {
                switch (random.Next(20))
                {
                    case < 14:
                        ulong number = Math.Max(index.Next, model.Next) + (ulong)(random.Next(4) == 0 ? random.Next(5) : 0);
                        Hash256[] hashes = Enumerable.Range(0, random.Next(12)).Select(_ => Hash(random.Next(300))).ToArray();
                        index.Append(number, hashes);
                        model.Append(number, hashes);
                        break;
                    case 14 when index.Next > pruned + 1:
                        ulong keep = pruned + (ulong)random.NextInt64((long)(index.Next - pruned));
                        index.TruncateAfter(keep);
                        model.TruncateAfter(keep);
                        break;
                    case 15 when index.Next > 0:
                        ulong below = (ulong)random.NextInt64((long)index.Next + 3);
                        index.PruneBefore(below);
                        pruned = Math.Max(pruned, Math.Min(below, index.Next - 1));
                        break;
                    case 16:
                        ScratchFolder copy = folder.Copy(); // the process is killed
                        index.Dispose();
                        folder.Dispose();
                        folder = copy;
                        Reopen();
                        break;
                    case 17:
                        index.Dispose();
                        Reopen();
                        break;
                }

                for (int i = 0; i < 20; i++)
                {
                    int hash = random.Next(320);
                    Assert.Equal(Find(model, hash).Where(p => p.Block >= pruned), Find(index, hash).Where(p => p.Block >= pruned));
                }
            }

            Assert.Null(report);
        }
        finally
        {
            index.Dispose();
            folder.Dispose();
        }

        void Reopen()
        {
            ulong next = index.Next;
            index = FileHashIndex.Open(folder.Path, options);
            Assert.True(index.Next <= next);
            for (ulong number = index.Next; number < next; number++) Assert.DoesNotContain(Enumerable.Range(0, 300), h => Find(model, h).Any(p => p.Block == number)); // no hashes there: nothing to add again
            if (index.Next < next) index.Append(next - 1, []);
        }
    }

    [Fact]
    public void A_flipped_bit_or_a_lost_file_never_hides_a_hash()
    {
        var hashes = new List<(ulong Block, Hash256[] Hashes)>();
        var random = new Random(4);
        using (FileHashIndex index = FileHashIndex.Open(_folder.Path, new FileHashIndexOptions { SealAt = 12 }))
        {
            for (ulong block = 5; block < 25; block++)
            {
                Hash256[] its = Enumerable.Range(0, random.Next(6)).Select(_ => Hash(random.Next())).ToArray();
                hashes.Add((block, its));
                index.Append(block, its);
            }
        }

        Assert.True(Directory.GetFiles(_folder.Path, "*.seg").Length > 1);
        int whole = 0, shorter = 0, corrupt = 0;
        foreach (string name in Directory.GetFiles(_folder.Path).Select(f => Path.GetFileName(f)!).Order())
        {
            byte[] bytes = File.ReadAllBytes(_folder[name]);
            int step = Math.Max(1, bytes.Length * 8 / 80);
            for (int bit = -1; bit < bytes.Length * 8; bit += step)
            {
                using ScratchFolder copy = _folder.Copy();
                if (bit < 0)
                {
                    File.Delete(copy[name]);
                }
                else
                {
                    bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
                    File.WriteAllBytes(copy[name], bytes);
                    bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
                }

                try
                {
                    using FileHashIndex index = FileHashIndex.Open(copy.Path, new FileHashIndexOptions { SealAt = 12 });
                    ulong next = index.Next;
                    foreach ((ulong block, Hash256[] its) in hashes.Where(h => h.Block >= next)) index.Append(block, its); // what its owner does
                    foreach ((ulong block, Hash256[] its) in hashes)
                    {
                        for (int i = 0; i < its.Length; i++)
                        {
                            List<HashPlace> places = [];
                            index.Find(its[i], places);
                            Assert.Equal([new HashPlace(block, (uint)i)], places);
                        }
                    }

                    if (next == 25) whole++;
                    else shorter++;
                }
                catch (StoreCorruptException error)
                {
                    Assert.Contains(name, error.Message);
                    corrupt++;
                }
            }
        }

        Assert.True(whole > 10 && shorter > 50 && corrupt > 20, $"{whole} {shorter} {corrupt}");
    }
}
