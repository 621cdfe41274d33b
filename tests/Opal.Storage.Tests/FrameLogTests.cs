using System.Security.Cryptography;
using System.Text;

namespace Opal.Storage.Tests;

public sealed class FrameLogTests : IDisposable
{
    private readonly ScratchFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private static readonly FileFrameLogOptions Small = new() { MaxFileSize = 400, Compress = true };

    private static byte[] Payload(int seed, int size)
    {
        var bytes = new byte[size];
        new Random(seed).NextBytes(bytes);
        if (seed % 3 == 0) bytes.AsSpan().Fill((byte)seed); // some that compress
        return bytes;
    }

    private static List<(byte Type, string Payload)> All(IFrameLog log) => log.ReadFrom(log.Begin).Select(f => (f.Type, Convert.ToHexString(f.Payload.Span))).ToList();

    [Theory]
    [InlineData("", 0u), InlineData("123456789", 0xE3069283u)]
    public void Checksums_are_those_of_the_standard(string text, uint expected) => Assert.Equal(expected, Crc32C.Compute(Encoding.ASCII.GetBytes(text)));

    [Fact]
    public void Checksums_agree_with_the_definition_bit_by_bit()
    {
        // RFC 3720, B.4
        Assert.Equal(0x8A9136AAu, Crc32C.Compute(new byte[32]));
        Assert.Equal(0x62A8AB43u, Crc32C.Compute(Enumerable.Repeat((byte)0xff, 32).ToArray()));
        for (int size = 0; size < 100; size++)
        {
            byte[] bytes = Payload(size + 1, size);
            uint slow = ~0u;
            foreach (byte value in bytes)
            {
                slow ^= value;
                for (int bit = 0; bit < 8; bit++) slow = (slow >> 1) ^ ((slow & 1) * 0x82F63B78u);
            }

            Assert.Equal(~slow, Crc32C.Compute(bytes));
        }
    }

    [Fact]
    public void Frames_come_back_as_they_were_after_reopening_too()
    {
        var written = new List<(FrameAddress Address, byte Type, byte[] Payload)>();
        for (int round = 0; round < 3; round++)
        {
            using FileFrameLog log = FileFrameLog.Open(_folder.Path, Small);
            Assert.Equal(written.Select(w => (w.Type, Convert.ToHexString(w.Payload))), All(log));
            for (int i = 0; i < 20; i++)
            {
                byte[] payload = Payload(round * 20 + i, i * 97);
                FrameAddress end = log.End;
                FrameAddress address = log.Append((byte)(i + 1), payload);
                Assert.True(address.Value >= end.Value && address.Value < log.End.Value);
                Assert.Equal(payload, log.ReadFrom(end).Single().Payload.ToArray());
                written.Add((address, (byte)(i + 1), payload));
            }

            log.Sync();
            foreach ((FrameAddress address, byte type, byte[] payload) in written)
            {
                Frame frame = log.Read(address);
                Assert.Equal((address, type), (frame.Address, frame.Type));
                Assert.Equal(payload, frame.Payload.ToArray());
            }

            Assert.Equal(Directory.EnumerateFiles(_folder.Path).Sum(f => new FileInfo(f).Length), log.Size);
        }

        Assert.True(Directory.GetFiles(_folder.Path).Length > 10);
    }

    [Fact]
    public void An_address_that_is_none_is_refused()
    {
        using FileFrameLog log = FileFrameLog.Open(_folder.Path, Small);
        FrameAddress first = log.Append(1, Payload(1, 50));
        log.Append(1, Payload(2, 50));
        foreach (ulong value in new ulong[] { 0, first.Value + 1, first.Value - 1, log.End.Value, log.End.Value + 1000, first.Value + (1UL << 32), ulong.MaxValue })
        {
            Assert.Throws<StoreCorruptException>(() => log.Read(new FrameAddress(value)));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => log.Append(0, [1]));
    }

    [Fact]
    public void A_torn_end_is_cut_wherever_it_is_torn()
    {
        long before;
        List<(byte, string)> kept, all;
        using (FileFrameLog log = FileFrameLog.Open(_folder.Path))
        {
            for (int i = 0; i < 5; i++) log.Append(1, Payload(i, 30));
            before = log.Size;
            kept = All(log);
            log.Append(2, Payload(1, 100));
            all = All(log);
        }

        string name = Path.GetFileName(Directory.GetFiles(_folder.Path).Single());
        byte[] bytes = File.ReadAllBytes(_folder[name]);
        for (long cut = before; cut <= bytes.Length; cut++)
        {
            using var copy = new ScratchFolder();
            File.WriteAllBytes(copy[name], bytes[..(int)cut]);
            string? report = null;
            using (FileFrameLog log = FileFrameLog.Open(copy.Path, new FileFrameLogOptions { Report = r => report = r }))
            {
                Assert.Equal(cut == bytes.Length ? all : kept, All(log));
                Assert.Equal(cut != before && cut != bytes.Length, report is not null);
                log.Append(3, [7]);
            }

            using FileFrameLog again = FileFrameLog.Open(copy.Path);
            Assert.Equal(((byte)3, "07"), All(again)[^1]);
        }

        for (int header = 0; header < FrameFormat.FileHeaderSize; header++)
        {
            using var copy = new ScratchFolder();
            File.WriteAllBytes(copy[name], bytes[..header]);
            using FileFrameLog log = FileFrameLog.Open(copy.Path);
            Assert.Empty(All(log));
            log.Append(1, [1]);
        }
    }

    [Fact]
    public void A_flipped_bit_never_gives_a_wrong_frame()
    {
        List<(byte, string)> all;
        using (FileFrameLog log = FileFrameLog.Open(_folder.Path, Small))
        {
            for (int i = 0; i < 12; i++) log.Append((byte)(i + 1), Payload(i, 60 + i * 50));
            all = All(log);
        }

        Assert.True(Directory.GetFiles(_folder.Path).Length > 3);
        int corrupt = 0, cut = 0;
        foreach (string path in Directory.GetFiles(_folder.Path).Order())
        {
            byte[] bytes = File.ReadAllBytes(path);
            for (int bit = 0; bit < bytes.Length * 8; bit += bit < 400 && path.EndsWith("0.log", StringComparison.Ordinal) ? 1 : 41)
            {
                bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
                File.WriteAllBytes(path, bytes);
                try
                {
                    using ScratchFolder copy = _folder.Copy();
                    using FileFrameLog log = FileFrameLog.Open(copy.Path, Small);
                    List<(byte, string)> read = All(log);
                    Assert.Equal(all.Take(read.Count), read);
                    Assert.Equal(all.Count - 1, read.Count); // only the very last frame can pass for a torn one
                    cut++;
                }
                catch (StoreCorruptException error)
                {
                    Assert.Contains(Path.GetFileName(path), error.Message);
                    corrupt++;
                }

                bytes[bit >> 3] ^= (byte)(1 << (bit & 7));
            }

            File.WriteAllBytes(path, bytes);
        }

        Assert.True(corrupt > 100 && cut > 20, $"{corrupt} {cut}");
    }

    [Fact]
    public void A_payload_that_holds_the_bytes_of_frames_is_no_frame_when_torn()
    {
        byte[] file;
        using (FileFrameLog log = FileFrameLog.Open(_folder.Path))
        {
            log.Append(1, Payload(1, 100));
            file = File.ReadAllBytes(Directory.GetFiles(_folder.Path).Single());
            log.Append(1, file); // whole frames inside a frame
        }

        string path = Directory.GetFiles(_folder.Path).Single();
        using (FileStream stream = File.OpenWrite(path)) stream.SetLength(stream.Length - 1);
        using FileFrameLog again = FileFrameLog.Open(_folder.Path);
        Assert.Single(All(again));
    }

    [Fact]
    public void A_missing_or_foreign_file_is_named()
    {
        using (FileFrameLog log = FileFrameLog.Open(_folder.Path, Small))
        {
            for (int i = 1; i < 20; i++) log.Append(1, Payload(i * 3 + 1, 300));
        }

        string[] files = Directory.GetFiles(_folder.Path).Order().ToArray();
        using (ScratchFolder copy = _folder.Copy())
        {
            string gone = copy[Path.GetFileName(files[2])];
            File.Delete(gone);
            Assert.Contains(gone, Assert.Throws<StoreCorruptException>(() => FileFrameLog.Open(copy.Path)).Message);
        }

        using (ScratchFolder copy = _folder.Copy())
        {
            File.Copy(files[1], copy[Path.GetFileName(files[2])], true); // a file in the place of another
            Assert.Contains(Path.GetFileName(files[2]), Assert.Throws<StoreCorruptException>(() => FileFrameLog.Open(copy.Path)).Message);
        }

        using (ScratchFolder copy = _folder.Copy())
        {
            File.WriteAllText(copy["node.log"], "hello");
            Assert.Contains("node.log", Assert.Throws<StoreCorruptException>(() => FileFrameLog.Open(copy.Path)).Message);
        }
    }

    [Fact]
    public void A_sealed_file_with_a_cut_end_is_corrupt()
    {
        using (FileFrameLog log = FileFrameLog.Open(_folder.Path, Small))
        {
            for (int i = 1; i < 20; i++) log.Append(1, Payload(i * 3 + 1, 300));
        }

        string path = Directory.GetFiles(_folder.Path).Order().First();
        using (FileStream stream = File.OpenWrite(path)) stream.SetLength(stream.Length - 1);
        using FileFrameLog again = FileFrameLog.Open(_folder.Path);
        Assert.Contains(path, Assert.Throws<StoreCorruptException>(() => All(again)).Message);
    }

    [Fact]
    public void Random_histories_agree_with_the_log_in_memory() => Soak.Run(20, RandomHistory);

    private static void RandomHistory(int seed)
    {
        var random = new Random(seed);
        using var folder = new ScratchFolder();
        var options = new FileFrameLogOptions { MaxFileSize = random.Next(50, 2000), Compress = random.Next(2) == 0 };
        FileFrameLog log = FileFrameLog.Open(folder.Path, options);
        try
        {
            var model = new List<(FrameAddress Address, byte Type, byte[] Payload)>();
            for (int step = 0; step < 200; step++)
            {
                switch (random.Next(20))
                {
                    case < 13:
                        byte[] payload = Payload(random.Next(), random.Next(random.Next(2) == 0 ? 20 : 1500));
                        byte type = (byte)random.Next(1, 256);
                        FrameAddress address = log.Append(type, payload);
                        Assert.True(model.Count == 0 || address.Value > model[^1].Address.Value);
                        model.Add((address, type, payload));
                        break;
                    case < 15 when model.Count > 0:
                        int keep = Math.Max(0, model.Count - random.Next(1, 8));
                        log.Truncate(model[keep].Address);
                        model.RemoveRange(keep, model.Count - keep);
                        break;
                    case < 17 when model.Count > 0:
                        int from = random.Next(model.Count);
                        log.DropBefore(model[from].Address);
                        int dropped = model.FindIndex(f => f.Address == log.Begin);
                        if (dropped < 0 && log.Begin == log.End) dropped = model.Count;
                        Assert.InRange(dropped, 0, from);
                        model.RemoveRange(0, dropped);
                        break;
                    case 17:
                        log.Sync();
                        break;
                    default:
                        log.Dispose();
                        log = FileFrameLog.Open(folder.Path, options);
                        break;
                }

                if (step % 5 != 0) continue;
                Assert.Equal(model.Select(m => (m.Address, m.Type, Convert.ToHexString(m.Payload))), log.ReadFrom(log.Begin).Select(f => (f.Address, f.Type, Convert.ToHexString(f.Payload.Span))));
                if (model.Count > 0) Assert.Equal(model[^1].Payload, log.Read(model[^1].Address).Payload.ToArray());
            }
        }
        finally
        {
            log.Dispose();
        }
    }

    [Fact]
    public void Readers_beside_the_writer_see_whole_frames()
    {
        using FileFrameLog log = FileFrameLog.Open(_folder.Path, new FileFrameLogOptions { MaxFileSize = 20_000 });
        bool stop = false;
        Exception? error = null;
        var reader = new Thread(() => error = Record.Exception(() =>
        {
            while (!Volatile.Read(ref stop))
            {
                int count = 0;
                foreach (Frame frame in log.ReadFrom(log.Begin))
                {
                    Assert.Equal(BitConverter.GetBytes(count++), frame.Payload.Span[..4].ToArray());
                    Assert.Equal(SHA256.HashData(frame.Payload.Span[..^32]), frame.Payload.Span[^32..].ToArray());
                }
            }
        }));
        reader.Start();
        for (int i = 0; i < 2000; i++)
        {
            byte[] body = [.. BitConverter.GetBytes(i), .. Payload(i, i % 200)];
            log.Append(1, [.. body, .. SHA256.HashData(body)]);
        }

        Volatile.Write(ref stop, true);
        reader.Join();
        Assert.Null(error);
    }
}

[Collection("full disk")]
public sealed class FrameLogFullDiskTests
{
    [Fact]
    public void A_full_disk_loses_the_frame_alone()
    {
        using var folder = new ScratchFolder();
        using (FileFrameLog log = FileFrameLog.Open(folder.Path))
        {
            log.Append(1, new byte[1000]);
            using (new FileSizeLimit(1 << 20))
            {
                IOException error = Assert.Throws<IOException>(() => log.Append(1, new byte[3 << 20]));
                Assert.Contains("00000000.log", error.Message);
                log.Append(2, new byte[1000]);
                Assert.Throws<IOException>(() => log.Append(1, new byte[(1 << 20) - 2000]));
            }

            log.Append(3, new byte[3 << 20]);
            log.Sync();
        }

        using FileFrameLog again = FileFrameLog.Open(folder.Path);
        Assert.Equal([(1, 1000), (2, 1000), (3, 3 << 20)], again.ReadFrom(again.Begin).Select(f => ((int)f.Type, f.Payload.Length)));
    }
}
