namespace Opal.Storage.Tests;

public sealed class HistoryLogTests : IDisposable
{
    private readonly ScratchFolder _folder = new();
    private readonly List<string> _reports = [];

    public void Dispose() => _folder.Dispose();

    private FileHistoryOptions Small(int sealAt = 40, long fileSize = 4000) => new() { SealAt = sealAt, MaxFileSize = fileSize, Report = r => { lock (_reports) _reports.Add(r); } };

    private static void Append(Random random, int entries, params IHistoryLog[] logs)
    {
        ulong number = logs[0].First == logs[0].Next ? (ulong)random.Next(1, 50) : logs[0].Next;
        HistoryEntry[] block = HistoryModel.Entries(random, entries);
        byte[] label = HistoryModel.Label(number, random.Next());
        foreach (IHistoryLog log in logs) log.Append(number, label, block);
    }

    private MemoryHistoryLog Fill(string path, int blocks, int entries, FileHistoryOptions options, int seed = 1)
    {
        var random = new Random(seed);
        var model = new MemoryHistoryLog();
        using FileHistoryLog log = FileHistoryLog.Open(path, options);
        for (int i = 0; i < blocks; i++) Append(random, entries, model, log);
        HistoryModel.Compare(model, log, random, 200, model.Next);
        return model;
    }

    [Fact]
    public void The_fingerprint_is_SipHash_2_4()
    {
        // the vectors of its authors: key 00 .. 0f, inputs 00 01 02 ...
        var hash = new SipHash(0x0706050403020100, 0x0f0e0d0c0b0a0908);
        ulong[] expected = [0x726fdb47dd0e0e31, 0x74f839c593dc67fd, 0x0d6c8009d9a94f5a, 0x85676696d7fb7e2d, 0xcf2794e0277187b7, 0x18765564cd99a68d, 0xcbc9466e58fee3ce, 0xab0200f58b01d137, 0x93f5f5799a932462];
        byte[] input = Enumerable.Range(0, 15).Select(i => (byte)i).ToArray();
        for (int size = 0; size < expected.Length; size++) Assert.Equal(expected[size], hash.Compute(input.AsSpan(0, size)));
        Assert.Equal(0xa129ca6149be45e5, hash.Compute(input));
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public void Callers_have_rules(bool memory)
    {
        using IHistoryLog log = memory ? new MemoryHistoryLog() : FileHistoryLog.Open(_folder.Path);
        Assert.Equal((0UL, 0UL), (log.First, log.Next));
        Assert.False(log.TryFind([1], 5, 5, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.TryFind([1], 5, 6, out _));
        log.Append(7, [9], [new HistoryEntry(new byte[] { 1 }, new byte[] { 2 }), new HistoryEntry(new byte[] { 3 }, default)]);
        Assert.Equal((7UL, 8UL), (log.First, log.Next));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.Append(7, [], []));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.Append(9, [], []));
        Assert.Throws<ArgumentException>(() => log.Append(8, [], [new HistoryEntry(new byte[] { 2 }, default), new HistoryEntry(new byte[] { 2 }, default)]));
        Assert.Throws<ArgumentException>(() => log.Append(8, [], [new HistoryEntry(default, default)]));
        Assert.Throws<ArgumentException>(() => log.Append(8, new byte[256], []));
        Assert.True(log.TryFind([1], 6, 7, out ReadOnlyMemory<byte> value));
        Assert.Equal([2], value.ToArray());
        Assert.True(log.TryFind([3], 6, 7, out value));
        Assert.True(value.IsEmpty);
        Assert.False(log.TryFind([2], 6, 7, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.TryFind([1], 5, 7, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.TryFind([1], 6, 8, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.Label(8));
        Assert.Throws<ArgumentOutOfRangeException>(() => log.ReadBlock(6).Any());
        log.TruncateAfter(6);
        Assert.Equal((0UL, 0UL), (log.First, log.Next));
        log.Append(3, [], []);
        Assert.Equal((3UL, 4UL), (log.First, log.Next));
    }

    [Fact]
    public void Random_histories_agree_with_the_history_in_memory() => Soak.Run(15, RandomHistory);

    private void RandomHistory(int seed)
    {
        var random = new Random(seed);
        var folder = new ScratchFolder();
        FileHistoryOptions options = Small(random.Next(5, 200), random.Next(300, 6000)) with { Ordered = random.Next(4) != 0 };
        var model = new MemoryHistoryLog();
        FileHistoryLog log = FileHistoryLog.Open(folder.Path, options);
        try
        {
            for (int step = 0; step < 120; step++)
            {
                switch (random.Next(20))
                {
                    case < 14:
                        Append(random, random.Next(3) == 0 ? 60 : 8, model, log);
                        break;
                    case 14 when model.Next > 0:
                        ulong back = (ulong)random.Next(random.Next(4) == 0 ? 60 : 4);
                        ulong keep = model.Next - 1 > back ? model.Next - 1 - back : 0;
                        log.TruncateAfter(keep);
                        model.TruncateAfter(keep);
                        break;
                    case 15 when model.Next > 0:
                        ulong below = model.First + (ulong)random.NextInt64((long)(model.Next - model.First) + 2);
                        log.PruneBefore(below);
                        Assert.True(log.First <= below);
                        model.PruneBefore(log.First);
                        break;
                    case 16:
                        log.Sync();
                        break;
                    case 17: // the process is killed
                        ScratchFolder copy = folder.Copy();
                        log.Dispose();
                        folder.Dispose();
                        folder = copy;
                        log = FileHistoryLog.Open(folder.Path, options);
                        break;
                    default:
                        log.Dispose();
                        log = FileHistoryLog.Open(folder.Path, options);
                        break;
                }

                Assert.Equal((model.First, model.Next), (log.First, log.Next));
                HistoryModel.Compare(model, log, random, 15, model.Next);
            }

            HistoryModel.Compare(model, log, random, 300, model.Next);
        }
        finally
        {
            log.Dispose();
            folder.Dispose();
        }
    }

    [Fact]
    public void Segments_are_merged_and_answer_as_before()
    {
        MemoryHistoryLog model = Fill(_folder.Path, 300, 30, Small(20));
        using FileHistoryLog log = FileHistoryLog.Open(_folder.Path, Small(20));
        var random = new Random(3);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        while (Directory.GetFiles(_folder.Path, "*.seg").Length > 60 && clock.Elapsed < TimeSpan.FromSeconds(60))
        {
            Append(random, 30, model, log); // merging goes on in the background as the log grows
            Thread.Sleep(5);
        }

        Assert.InRange(Directory.GetFiles(_folder.Path, "*.seg").Length, 1, 60);
        HistoryModel.Compare(model, log, new Random(2), 2000, model.Next);
        lock (_reports) Assert.Empty(_reports);
    }

    [Fact]
    public void A_torn_end_loses_the_last_block_alone()
    {
        MemoryHistoryLog model = Fill(_folder.Path, 12, 10, Small(30, 1 << 20));
        string path = Directory.GetFiles(_folder.Path, "*.log").Single();
        int size = (int)new FileInfo(path).Length;
        for (int cut = size - 1; cut > size - 60; cut--)
        {
            using ScratchFolder copy = _folder.Copy();
            using (FileStream file = File.OpenWrite(copy[Path.GetFileName(path)])) file.SetLength(cut);
            using FileHistoryLog log = FileHistoryLog.Open(copy.Path, Small(30, 1 << 20));
            Assert.InRange(log.Next, model.Next - 2, model.Next - 1);
            HistoryModel.Compare(model, log, new Random(cut), 20, log.Next);
        }
    }

    [Fact]
    public void A_flipped_bit_never_gives_a_wrong_answer()
    {
        MemoryHistoryLog model = Fill(_folder.Path, 14, 12, Small(25, 1500));
        Assert.True(Directory.GetFiles(_folder.Path, "*.seg").Length > 1);
        Assert.True(Directory.GetFiles(_folder.Path, "*.log").Length > 1);
        int corrupt = 0, right = 0;
        foreach (string name in Directory.GetFiles(_folder.Path).Select(f => Path.GetFileName(f)!).Order())
        {
            byte[] bytes = File.ReadAllBytes(_folder[name]);
            int step = Math.Max(1, bytes.Length * 8 / 40);
            for (int bit = 0; bit < bytes.Length * 8; bit += bit < 128 && step > 5 ? 5 : step)
            {
                using ScratchFolder copy = _folder.Copy();
                bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
                File.WriteAllBytes(copy[name], bytes);
                bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
                try
                {
                    using FileHistoryLog log = FileHistoryLog.Open(copy.Path, Small(25, 1500));
                    Assert.InRange(log.Next, model.Next - 1, model.Next);
                    Assert.Equal(model.First, log.First);
                    HistoryModel.Compare(model, log, new Random(bit), 60, log.Next);
                    right++;
                }
                catch (StoreCorruptException error)
                {
                    Assert.Contains(name, error.Message);
                    corrupt++;
                }
            }
        }

        Assert.True(corrupt > 20 && right > 20, $"{corrupt} {right}");
    }

    [Fact]
    public void A_lost_or_damaged_index_is_made_again_and_said_so()
    {
        MemoryHistoryLog model = Fill(_folder.Path, 24, 12, Small(25, 3000));
        string[] names = Directory.GetFiles(_folder.Path, "*.seg").Select(f => Path.GetFileName(f)!).Order().Append("index.key").ToArray();
        Assert.True(names.Length > 3);
        foreach (string name in names)
        {
            foreach (bool remove in new[] { true, false })
            {
                using ScratchFolder copy = _folder.Copy();
                if (remove) File.Delete(copy[name]);
                else File.WriteAllText(copy[name], "no index");
                lock (_reports) _reports.Clear();
                using (FileHistoryLog log = FileHistoryLog.Open(copy.Path, Small(25, 3000))) HistoryModel.Compare(model, log, new Random(5), 300, model.Next);
                lock (_reports) Assert.True(_reports.Count > 0 || name == names[^2], name); // the newest segment is the tail then
                lock (_reports) _reports.Clear();
                using (FileHistoryLog log = FileHistoryLog.Open(copy.Path, Small(25, 3000))) HistoryModel.Compare(model, log, new Random(6), 300, model.Next);
                lock (_reports) Assert.Empty(_reports);
            }
        }
    }

    [Fact]
    public void Segments_of_blocks_that_the_log_lost_are_dropped()
    {
        MemoryHistoryLog model = Fill(_folder.Path, 40, 12, Small(25, 1 << 20));
        using (FileFrameLog frames = FileFrameLog.Open(_folder.Path)) frames.Truncate(frames.ReadFrom(frames.Begin).ElementAt(15).Address);
        model.TruncateAfter(model.First + 14);
        using FileHistoryLog log = FileHistoryLog.Open(_folder.Path, Small(25, 1 << 20));
        Assert.Equal((model.First, model.Next), (log.First, log.Next));
        var random = new Random(9);
        for (int i = 0; i < 30; i++) Append(random, 12, model, log);
        HistoryModel.Compare(model, log, random, 500, model.Next);
    }

    [Fact]
    public void What_a_crash_leaves_between_the_steps_of_a_merge_or_a_cut_is_put_in_order()
    {
        MemoryHistoryLog model;
        var before = new Dictionary<string, byte[]>();
        var random = new Random(3);
        model = new MemoryHistoryLog();
        using (FileHistoryLog log = FileHistoryLog.Open(_folder.Path, Small(20, 1 << 20)))
        {
            for (int i = 0; i < 100; i++)
            {
                Append(random, 12, model, log);
                foreach (string path in Directory.GetFiles(_folder.Path, "*.seg")) before.TryAdd(Path.GetFileName(path), ReadIfThere(path));
            }
        }

        foreach ((string name, byte[] bytes) in before.Where(b => b.Value.Length > 0)) File.WriteAllBytes(_folder[name], bytes); // all that ever were, and one half written
        File.WriteAllText(_folder["000000000000-000000000001.seg.tmp"], "half");
        using FileHistoryLog again = FileHistoryLog.Open(_folder.Path, Small(20, 1 << 20));
        HistoryModel.Compare(model, again, random, 1000, model.Next);
        Assert.False(File.Exists(_folder["000000000000-000000000001.seg.tmp"]));
        lock (_reports) Assert.Empty(_reports);

        static byte[] ReadIfThere(string path)
        {
            try
            {
                return File.ReadAllBytes(path);
            }
            catch (FileNotFoundException)
            {
                return []; // merged in this moment
            }
        }
    }

    [Fact]
    public void Readers_beside_the_writer_see_blocks_whole_while_others_come_and_go()
    {
        using FileHistoryLog log = FileHistoryLog.Open(_folder.Path, Small(50, 3000));
        byte[][] keys = Enumerable.Range(0, 12).Select(i => new byte[] { 0, (byte)i }).ToArray();
        bool stop = false;
        Exception? error = null;
        for (int i = 0; i < 40; i++) Write();
        var readers = Enumerable.Range(0, 2).Select(seed => new Thread(() => error ??= Record.Exception(() =>
        {
            var random = new Random(seed);
            while (!Volatile.Read(ref stop))
            {
                ulong upTo = log.Next - 1, after = upTo - (ulong)random.Next(30);
                try
                {
                    if (after >= upTo || !log.TryFind(keys[random.Next(12)], after, upTo, out ReadOnlyMemory<byte> value)) continue;
                    Assert.Equal(after + 1, BitConverter.ToUInt64(value.Span));
                    Assert.Equal(12, log.KeysBetween(keys[0], keys[11], after, upTo).Count());
                }
                catch (ArgumentOutOfRangeException)
                {
                    // cut or pruned meanwhile
                }
            }
        }))).ToArray();
        foreach (Thread reader in readers) reader.Start();
        for (int i = 0; i < 600; i++)
        {
            Write();
            if (i % 10 == 9) log.TruncateAfter(log.Next - 4);
            if (i % 50 == 49) log.PruneBefore(log.Next - 40);
        }

        Volatile.Write(ref stop, true);
        foreach (Thread reader in readers) reader.Join();
        Assert.Null(error);

        void Write()
        {
            ulong number = log.Next == 0 ? 1 : log.Next;
            log.Append(number, [], keys.Select(k => new HistoryEntry(k, BitConverter.GetBytes(number))).ToArray());
        }
    }
}

[Collection("full disk")]
public sealed class HistoryFullDiskTests
{
    [Fact]
    public void A_full_disk_loses_the_block_alone()
    {
        using var folder = new ScratchFolder();
        var model = new MemoryHistoryLog();
        var random = new Random(1);
        var options = new FileHistoryOptions { SealAt = 100 };
        using (FileHistoryLog log = FileHistoryLog.Open(folder.Path, options))
        {
            for (ulong number = 1; number < 40; number++) Append(number, 30);
            HistoryEntry[] large = Enumerable.Range(0, 3000).Select(i => new HistoryEntry(new byte[] { 0, (byte)(i >> 8), (byte)i }, new byte[2000])).ToArray();
            using (new FileSizeLimit(1 << 20)) Assert.Throws<IOException>(() => log.Append(40, [], large));
            HistoryModel.Compare(model, log, random, 200, 40);
            Append(40, 30);

            void Append(ulong number, int most)
            {
                HistoryEntry[] entries = HistoryModel.Entries(random, most);
                model.Append(number, [1], entries);
                log.Append(number, [1], entries);
            }
        }

        using FileHistoryLog again = FileHistoryLog.Open(folder.Path, options);
        HistoryModel.Compare(model, again, random, 500, 41);
    }
}
