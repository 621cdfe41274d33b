using System.IO.Compression;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>Our decoders against the platform's, over random data of several kinds and over damaged streams.</summary>
public sealed class DifferentialTests
{
    public static byte[] RandomContent(Random random)
    {
        int length = random.Next(4) switch { 0 => random.Next(1, 16), 1 => random.Next(1, 300), 2 => random.Next(1, 20_000), _ => random.Next(1, 200_000) };
        var bytes = new byte[length];
        switch (random.Next(4))
        {
            case 0:
                random.NextBytes(bytes);
                break;
            case 1:
                for (int i = 0; i < length; i++) bytes[i] = (byte)"the quick brown fox of Ethereum; jumps over "[random.Next(44)];
                break;
            case 2:
                int period = random.Next(1, 500);
                for (int i = 0; i < length; i++) bytes[i] = i < period || random.Next(60) == 0 ? (byte)random.Next(256) : bytes[i - period];
                break;
            default:
                string words = "time down life left back code data show only site city open just like free work text year over body love form book play " +
                    "Международный information, \"href=\" The http://www. ";
                byte[] text = System.Text.Encoding.UTF8.GetBytes(words);
                for (int i = 0; i < length;)
                {
                    int start = random.Next(text.Length), count = Math.Min(random.Next(1, 30), Math.Min(text.Length - start, length - i));
                    text.AsSpan(start, count).CopyTo(bytes.AsSpan(i));
                    i += count;
                }

                break;
        }

        return bytes;
    }

    public static byte[] Zlib(byte[] content, CompressionLevel level)
    {
        using var output = new MemoryStream();
        using (var stream = new ZLibStream(output, level, leaveOpen: true)) stream.Write(content);
        return output.ToArray();
    }

    public static byte[] Brotli(byte[] content, int quality, int window)
    {
        var output = new byte[BrotliEncoder.GetMaxCompressedLength(content.Length) + 64];
        Assert.True(BrotliEncoder.TryCompress(content, output, out int written, quality, window));
        return output[..written];
    }

    private static readonly CompressionLevel[] Levels =
        [CompressionLevel.NoCompression, CompressionLevel.Fastest, CompressionLevel.Optimal, CompressionLevel.SmallestSize];

    [Fact]
    public void Inflate_equals_the_platform_on_valid_streams()
    {
        var random = new Random(1);
        var inflate = new Inflate();
        var output = new DecompressionBuffer();
        for (int round = 0; round < 150; round++)
        {
            byte[] content = RandomContent(random);
            byte[] compressed = Zlib(content, Levels[random.Next(Levels.Length)]);
            output.Begin(1_000_000);
            Assert.Equal(CompressionStatus.Complete, inflate.DecompressZlib(compressed, output));
            Assert.True(content.AsSpan().SequenceEqual(output.Written));

            // bytes behind the stream do not matter
            output.Begin(1_000_000);
            Assert.Equal(CompressionStatus.Complete, inflate.DecompressZlib([.. compressed, 1, 2, 3], output));
            Assert.True(content.AsSpan().SequenceEqual(output.Written));
        }
    }

    [Fact]
    public void Brotli_equals_the_platform_on_valid_streams()
    {
        var random = new Random(2);
        var decoder = new BrotliDecoder();
        var output = new DecompressionBuffer();
        for (int round = 0; round < 150; round++)
        {
            byte[] content = RandomContent(random);
            int quality = content.Length > 50_000 ? random.Next(10) : random.Next(12);
            byte[] compressed = Brotli(content, quality, random.Next(10, 25));
            output.Begin(1_000_000);
            Assert.Equal(CompressionStatus.Complete, decoder.Decompress(compressed, output));
            Assert.True(content.AsSpan().SequenceEqual(output.Written));
        }
    }

    [Fact]
    public void Truncated_streams_give_a_prefix_not_shorter_than_the_platform_gives()
    {
        var random = new Random(3);
        var inflate = new Inflate();
        var brotli = new BrotliDecoder();
        var output = new DecompressionBuffer();
        for (int round = 0; round < 200; round++)
        {
            byte[] content = RandomContent(random);
            byte[] zlib = Zlib(content, Levels[random.Next(Levels.Length)]);
            zlib = zlib[..random.Next(zlib.Length)];
            output.Begin(1_000_000);
            CompressionStatus status = inflate.DecompressZlib(zlib, output);
            Assert.True(status is CompressionStatus.Truncated or CompressionStatus.BadHeader, status.ToString());
            Assert.True(content.AsSpan().StartsWith(output.Written));

            byte[] compressed = Brotli(content, random.Next(10), 22);
            compressed = compressed[..random.Next(compressed.Length)];
            output.Begin(1_000_000);
            Assert.Equal(CompressionStatus.Truncated, brotli.Decompress(compressed, output));
            Assert.True(content.AsSpan().StartsWith(output.Written));
            byte[] platform = PlatformBrotliPrefix(compressed, content.Length + 100, out _);
            Assert.True(platform.AsSpan().SequenceEqual(output.Written), $"round {round}: {platform.Length} and {output.Length} bytes of {content.Length}");
        }
    }

    [Fact]
    [Case("V-03")]
    public void Damaged_zlib_streams_are_judged_as_the_platform_judges_them()
    {
        var random = new Random(4);
        var inflate = new Inflate();
        var output = new DecompressionBuffer();
        int bad = 0;
        for (int round = 0; round < 3000; round++)
        {
            byte[] content = RandomContent(random);
            if (content.Length > 3000) content = content[..3000];
            byte[] compressed = Zlib(content, Levels[random.Next(Levels.Length)]);
            for (int i = random.Next(1, 4); i > 0; i--) compressed[random.Next(compressed.Length)] ^= (byte)(1 << random.Next(8));
            if ((compressed[1] & 0x20) != 0) continue; // preset dictionaries are judged otherwise
            output.Begin(4_000_000);
            CompressionStatus status = inflate.DecompressZlib(compressed, output);
            byte[]? platform = PlatformZlib(compressed);
            if (platform is not null && status == CompressionStatus.Complete) Assert.True(platform.AsSpan().SequenceEqual(output.Written));
            else bad++;
            // zlib also refuses a window smaller than a distance, and codes without an end; those few are not compared
            if (status == CompressionStatus.Complete) Assert.True(platform is not null || compressed[0] != 0x78, $"round {round}: accepted what the platform refuses");
        }

        Assert.True(bad > 1000);
    }

    [Fact]
    [Case("V-02")]
    public void Damaged_brotli_streams_are_judged_as_the_platform_judges_them()
    {
        var random = new Random(5);
        var decoder = new BrotliDecoder();
        var output = new DecompressionBuffer();
        int complete = 0, corrupt = 0, truncated = 0;
        for (int round = 0; round < 6000; round++)
        {
            byte[] content = RandomContent(random);
            if (content.Length > 2000) content = content[..2000];
            byte[] compressed = Brotli(content, random.Next(12), random.Next(10, 25));
            for (int i = random.Next(1, 4); i > 0; i--) compressed[random.Next(compressed.Length)] ^= (byte)(1 << random.Next(8));
            output.Begin(40_000_000);
            CompressionStatus status = decoder.Decompress(compressed, output);
            byte[] platform = PlatformBrotliPrefix(compressed, 40_000_000, out System.Buffers.OperationStatus theirs);
            switch (theirs)
            {
                case System.Buffers.OperationStatus.Done:
                    complete++;
                    Assert.Equal(CompressionStatus.Complete, status);
                    Assert.True(platform.AsSpan().SequenceEqual(output.Written));
                    break;
                case System.Buffers.OperationStatus.NeedMoreData:
                    truncated++;
                    Assert.True(status is CompressionStatus.Truncated, $"round {round}: {status}, {platform.Length} and {output.Length}");
                    Assert.True(platform.AsSpan().SequenceEqual(output.Written), $"round {round}: {platform.Length} and {output.Length}");
                    break;
                case System.Buffers.OperationStatus.InvalidData:
                    corrupt++;
                    Assert.True(status is CompressionStatus.Corrupt or CompressionStatus.BadHeader, $"round {round}: {status}");
                    Assert.True(output.Written.StartsWith(platform));
                    break;
                default:
                    Assert.Fail(theirs.ToString());
                    break;
            }
        }

        Assert.True(complete > 50 && corrupt > 500 && truncated > 50, $"{complete} {corrupt} {truncated}");
    }

    [Fact]
    public void Random_bytes_never_break_a_decoder()
    {
        var random = new Random(6);
        var inflate = new Inflate();
        var brotli = new BrotliDecoder();
        var output = new DecompressionBuffer();
        for (int round = 0; round < 20_000; round++)
        {
            var bytes = new byte[random.Next(200)];
            random.NextBytes(bytes);
            output.Begin(100_000);
            inflate.DecompressRaw(bytes, output);
            output.Begin(100_000);
            CompressionStatus status = brotli.Decompress(bytes, output);
            byte[] platform = PlatformBrotliPrefix(bytes, 100_000, out System.Buffers.OperationStatus theirs);
            Assert.Equal(theirs == System.Buffers.OperationStatus.Done, status == CompressionStatus.Complete);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    [InlineData(1000)]
    [InlineData(1001)]
    [Case("D-CR-02")]
    public void D_CR_02_output_stops_at_the_limit(int limit)
    {
        var content = new byte[1000];
        new Random(7).NextBytes(content);
        CompressionStatus expected = limit < 1000 ? CompressionStatus.LimitReached : CompressionStatus.Complete;
        var output = new DecompressionBuffer();
        foreach (CompressionLevel level in Levels)
        {
            output.Begin(limit);
            Assert.Equal(expected, new Inflate().DecompressZlib(Zlib(content, level), output));
            Assert.Equal(content[..Math.Min(limit, 1000)], output.Written.ToArray());
        }

        output.Begin(limit);
        Assert.Equal(expected, new BrotliDecoder().Decompress(Brotli(content, 9, 22), output));
        Assert.Equal(content[..Math.Min(limit, 1000)], output.Written.ToArray());
    }

    [Fact]
    public void A_bomb_takes_no_more_memory_than_the_limit()
    {
        byte[] compressed = Zlib(new byte[50_000_000], CompressionLevel.SmallestSize);
        var output = new DecompressionBuffer();
        output.Begin(1_000_000);
        Assert.Equal(CompressionStatus.LimitReached, new Inflate().DecompressZlib(compressed, output));
        Assert.Equal(1_000_000, output.Length);
    }

    [Fact]
    public void Bad_checksum_and_missing_checksum_keep_the_output()
    {
        byte[] content = [1, 2, 3, 4, 5, 6, 7, 8, 9];
        byte[] compressed = Zlib(content, CompressionLevel.Optimal);
        var output = new DecompressionBuffer();
        output.Begin(100);
        Assert.Equal(CompressionStatus.Truncated, new Inflate().DecompressZlib(compressed.AsSpan(0, compressed.Length - 1), output));
        Assert.Equal(content, output.Written.ToArray());
        compressed[^1] ^= 1;
        output.Begin(100);
        Assert.Equal(CompressionStatus.BadChecksum, new Inflate().DecompressZlib(compressed, output));
        Assert.Equal(content, output.Written.ToArray());
    }

    [Fact]
    public void The_brotli_dictionary_is_the_one_of_the_standard()
    {
        Assert.Equal(BrotliDictionary.Size, BrotliDictionary.Words.Length);
        string digest = Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(BrotliDictionary.Words));
        Assert.Equal("20e42eb1b511c21806d4d227d07e5dd06877d8ce7b3a817f378f313653f35c70", digest);
    }

    private static byte[]? PlatformZlib(byte[] compressed)
    {
        try
        {
            using var stream = new ZLibStream(new MemoryStream(compressed), CompressionMode.Decompress);
            using var output = new MemoryStream();
            stream.CopyTo(output);
            return output.ToArray();
        }
        catch (InvalidDataException)
        {
            return null;
        }
        catch (IOException)
        {
            return null;
        }
    }

    private static byte[] PlatformBrotliPrefix(byte[] compressed, int limit, out System.Buffers.OperationStatus status)
    {
        using var decoder = new System.IO.Compression.BrotliDecoder();
        var output = new MemoryStream();
        var chunk = new byte[65_536];
        ReadOnlySpan<byte> rest = compressed;
        int written;
        do
        {
            status = decoder.Decompress(rest, chunk, out int consumed, out written);
            rest = rest[consumed..];
            output.Write(chunk, 0, Math.Min(written, limit - (int)output.Length));
        }
        while (output.Length < limit && (status == System.Buffers.OperationStatus.DestinationTooSmall
            || (status == System.Buffers.OperationStatus.NeedMoreData && written == chunk.Length)));
        return output.ToArray();
    }
}
