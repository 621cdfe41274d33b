using Xunit.Abstractions;

namespace Opal.Storage.Tests;

/// <summary>The history on disk against the one in memory.</summary>
public sealed class FileHistoryLogTests(ITestOutputHelper output)
{
    /// <summary>A log whose content outlives the history over it, as files do.</summary>
    private sealed class Lasting(MemoryFrameLog log) : IFrameLog
    {
        public FrameAddress Begin => log.Begin;

        public FrameAddress End => log.End;

        public long Size => log.Size;

        public FrameAddress Append(byte type, ReadOnlySpan<byte> payload) => log.Append(type, payload);

        public void Sync() => log.Sync();

        public Frame Read(FrameAddress address) => log.Read(address);

        public void ReadPart(FrameAddress address, int offset, Span<byte> to) => log.ReadPart(address, offset, to);

        public IEnumerable<Frame> ReadFrom(FrameAddress address) => log.ReadFrom(address);

        public void Truncate(FrameAddress end) => log.Truncate(end);

        public void DropBefore(FrameAddress address) => log.DropBefore(address);

        public void Dispose()
        {
        }
    }

    private static byte[] KeyOf(Random random) => [(byte)random.Next(2), (byte)random.Next(6), (byte)random.Next(6)];

    private static HistoryEntry[] EntriesOf(Random random)
    {
        var keys = new SortedSet<string>(StringComparer.Ordinal);
        for (int i = random.Next(12); i > 0; i--) keys.Add(Convert.ToHexString(KeyOf(random)));
        return keys.Select(key =>
        {
            byte[] value = new byte[random.Next(3) == 0 ? 0 : random.Next(1, 40)];
            random.NextBytes(value);
            return new HistoryEntry(Convert.FromHexString(key), value);
        }).ToArray();
    }

    [Fact]
    public void Random_histories_are_read_as_the_plain_one_reads_them()
    {
        int scripts = SoakCount.Or(12), seed = Environment.TickCount;
        for (int script = 0; script < scripts; script++)
        {
            try
            {
                RunScript(new Random(seed + script));
            }
            catch (Exception error)
            {
                throw new InvalidOperationException($"seed {seed + script}", error);
            }
        }

        output.WriteLine($"[count] {scripts} histories, seed {seed}");
    }

    private static void RunScript(Random random)
    {
        using var directory = new TemporaryDirectory();
        var log = new MemoryFrameLog();
        var options = new HistoryLogOptions { TailEntries = random.Next(10, 60) };
        var file = new FileHistoryLog(directory.Path, new Lasting(log), options);
        var plain = new MemoryHistoryLog();
        for (int step = 0; step < 400; step++)
        {
            switch (random.Next(40))
            {
                case 0:
                    file.Dispose();
                    if (random.Next(4) == 0) Damage(directory.Path, random);
                    file = new FileHistoryLog(directory.Path, new Lasting(log), options);
                    break;
                case 1 when plain.First < plain.Next:
                    ulong cut = plain.First + (ulong)random.NextInt64((long)(plain.Next - plain.First)) - (random.Next(10) == 0 && plain.First > 0 ? 1UL : 0);
                    file.TruncateAfter(cut);
                    plain.TruncateAfter(cut);
                    break;
                case 2 or 3 or 4 or 5 or 6 or 7 or 8 or 9:
                    Compare(file, plain, random);
                    break;
                default:
                    ulong number = plain.First == plain.Next ? (ulong)random.Next(1, 5) : plain.Next;
                    HistoryEntry[] entries = EntriesOf(random);
                    byte[] label = [(byte)number, 7];
                    file.Append(number, label, entries);
                    plain.Append(number, label, entries);
                    break;
            }

            Assert.Equal((plain.First, plain.Next), (file.First, file.Next));
        }

        file.Dispose();
    }

    /// <summary>Deletes a file of the index, or flips a bit in one: it has to be made anew, or refused by name.</summary>
    private static void Damage(string directory, Random random)
    {
        string[] segments = Directory.GetFiles(directory, "*.seg");
        if (segments.Length == 0 || random.Next(3) == 0)
        {
            File.Delete(Path.Combine(directory, "positions"));
            return;
        }

        string segment = segments[random.Next(segments.Length)];
        if (random.Next(2) == 0)
        {
            File.Delete(segment);
            return;
        }

        byte[] content = File.ReadAllBytes(segment);
        content[random.Next(IndexSegment.HeaderSize)] ^= (byte)(1 << random.Next(8));
        File.WriteAllBytes(segment, content);
    }

    private static void Compare(FileHistoryLog file, MemoryHistoryLog plain, Random random)
    {
        if (plain.First == plain.Next) return;
        ulong after = plain.First - 1 + (ulong)random.NextInt64((long)(plain.Next - plain.First) + 1), upTo = after + (ulong)random.NextInt64((long)(plain.Next - after));
        for (int i = 0; i < 20; i++)
        {
            byte[] key = KeyOf(random);
            bool found = plain.TryFind(key, after, upTo, out ReadOnlyMemory<byte> expected);
            Assert.Equal(found, file.TryFind(key, after, upTo, out ReadOnlyMemory<byte> actual));
            Assert.Equal(expected.ToArray(), actual.ToArray());
        }

        byte[][] bounds = [KeyOf(random), KeyOf(random)];
        Array.Sort(bounds, (x, y) => x.AsSpan().SequenceCompareTo(y));
        string Keys(IHistoryLog history) => string.Join(' ', history.KeysBetween(bounds[0], bounds[1], after, upTo).Select(key => Convert.ToHexString(key.Span)));
        Assert.Equal(Keys(plain), Keys(file));
        ulong number = plain.First + (ulong)random.NextInt64((long)(plain.Next - plain.First));
        Assert.Equal(plain.Label(number).ToArray(), file.Label(number).ToArray());
        string Block(IHistoryLog history) => string.Join(' ', history.ReadBlock(number).Select(e => Convert.ToHexString(e.Key.Span) + "=" + Convert.ToHexString(e.OldValue.Span)));
        Assert.Equal(Block(plain), Block(file));
    }

    [Fact]
    public void A_bit_flipped_in_a_segment_is_named_when_the_segment_is_used()
    {
        using var directory = new TemporaryDirectory();
        var log = new MemoryFrameLog();
        var options = new HistoryLogOptions { TailEntries = 4 };
        using (var history = new FileHistoryLog(directory.Path, new Lasting(log), options))
        {
            history.Append(1, [], [.. Enumerable.Range(0, 9).Select(i => new HistoryEntry(new byte[] { 1, (byte)i }, new byte[] { 5 }))]);
        }

        string segment = Assert.Single(Directory.GetFiles(directory.Path, "*.seg"));
        byte[] whole = File.ReadAllBytes(segment);
        for (int bit = IndexSegment.HeaderSize * 8; bit < whole.Length * 8; bit++)
        {
            byte[] damaged = (byte[])whole.Clone();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            File.WriteAllBytes(segment, damaged);
            using var history = new FileHistoryLog(directory.Path, new Lasting(log), options);
            StoreCorruptException error = Assert.Throws<StoreCorruptException>(() => history.TryFind([1, 3], 0, 1, out _));
            Assert.Contains(Path.GetFileName(segment), error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Readers_beside_the_writer_see_what_was_appended()
    {
        using var directory = new TemporaryDirectory();
        using var history = new FileHistoryLog(directory.Path, new MemoryFrameLog(), new HistoryLogOptions { TailEntries = 50 });
        history.Append(1, [], [new HistoryEntry(new byte[] { 1 }, BitConverter.GetBytes(1UL))]);
        using var stop = new CancellationTokenSource();
        Task[] readers = Enumerable.Range(0, 3).Select(r => Task.Run(() =>
        {
            var random = new Random(r);
            for (int i = 0; !stop.IsCancellationRequested; i++)
            {
                ulong last = history.Next - 1, after = (ulong)random.NextInt64((long)last);
                Assert.True(history.TryFind([1], after, last, out ReadOnlyMemory<byte> value));
                Assert.Equal(after + 1, BitConverter.ToUInt64(value.Span)); // each block changed the key
                if (i % 50 == 0) Assert.Single(history.KeysBetween(new byte[] { 1 }, new byte[] { 1 }, after, last));
            }
        })).ToArray();
        for (ulong number = 2; number < 3000; number++)
        {
            history.Append(number, [], [new HistoryEntry(new byte[] { 1 }, BitConverter.GetBytes(number)), new HistoryEntry(new byte[] { 2, (byte)number }, new byte[] { 1 })]);
        }

        await stop.CancelAsync();
        await Task.WhenAll(readers);
    }
}
