using System.Buffers;
using System.Buffers.Binary;
using System.IO.Compression;

namespace Opal.Batcher;

/// <summary>Compresses the content of a channel (derivation.md#channel-format; fjord/derivation.md#brotli-channel-compression).</summary>
public static class ChannelContent
{
    private const byte BrotliVersion = 1;

    /// <summary>The bytes of a stored block of deflate.</summary>
    private const int StoredBlock = 65_535;

    /// <summary>The channel's bytes, with the version byte that its compression asks for.</summary>
    /// <param name="content">The batches, each an RLP string.</param>
    /// <param name="compression">How.</param>
    /// <param name="brotliQuality">Brotli's quality, 0 to 11.</param>
    public static byte[] Compress(ReadOnlySpan<byte> content, ChannelCompression compression, int brotliQuality = 10)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(LongestOf(content.Length));
        try
        {
            int length = compression == ChannelCompression.Brotli ? Brotli(content, buffer, brotliQuality) : Zlib(content, buffer, BestZlib);
            return buffer.AsSpan(0, length).ToArray();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>About the length that <see cref="Compress"/> gives at its best quality, many times quicker.</summary>
    internal static int EstimateLength(ReadOnlySpan<byte> content, ChannelCompression compression)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(LongestOf(content.Length));
        try
        {
            return compression == ChannelCompression.Brotli ? Brotli(content, buffer, QuickBrotli) : Zlib(content, buffer, QuickZlib);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The qualities at which the length is within a few percent of the best one's, at some 40 and 100 MB a second.</summary>
    private const int QuickBrotli = 5, QuickZlib = 6, BestZlib = 9;

    private static int LongestOf(int length) => 64 + Math.Max(StoredBound(length), BrotliEncoder.GetMaxCompressedLength(length));

    private static int Zlib(ReadOnlySpan<byte> content, byte[] buffer, int level)
    {
        using var output = new MemoryStream(buffer);
        using (var zlib = new ZLibStream(output, new ZLibCompressionOptions { CompressionLevel = level }, leaveOpen: true)) zlib.Write(content);
        return (int)output.Position;
    }

    private static int Brotli(ReadOnlySpan<byte> content, byte[] buffer, int quality)
    {
        buffer[0] = BrotliVersion;
        if (!BrotliEncoder.TryCompress(content, buffer.AsSpan(1), out int written, quality, WindowOf(content.Length)))
        {
            throw new InvalidOperationException("the buffer has room for any input");
        }

        return 1 + written;
    }

    /// <summary>The bits of the window: the usual 22, and up to 24 where a channel is longer than that window.</summary>
    private static int WindowOf(int length) => length <= 1 << 22 ? 22 : length <= 1 << 23 ? 23 : 24;

    /// <summary>A zlib stream that compresses nothing (RFC 1950 and RFC 1951, section 3.2.4).</summary>
    public static byte[] Store(ReadOnlySpan<byte> content)
    {
        int blocks = Math.Max(1, (content.Length + StoredBlock - 1) / StoredBlock);
        var output = new byte[2 + (5 * blocks) + content.Length + 4];
        output[0] = 0x78;
        output[1] = 0x01;
        int at = 2;
        for (int i = 0; i < blocks; i++)
        {
            ReadOnlySpan<byte> piece = content[(i * StoredBlock)..Math.Min(content.Length, (i + 1) * StoredBlock)];
            output[at] = i == blocks - 1 ? (byte)1 : (byte)0;
            BinaryPrimitives.WriteUInt16LittleEndian(output.AsSpan(at + 1), (ushort)piece.Length);
            BinaryPrimitives.WriteUInt16LittleEndian(output.AsSpan(at + 3), (ushort)~piece.Length);
            piece.CopyTo(output.AsSpan(at + 5));
            at += 5 + piece.Length;
        }

        BinaryPrimitives.WriteUInt32BigEndian(output.AsSpan(at), Adler32(content));
        return output;
    }

    /// <summary>What bytes take at most that do not compress: deflate adds five bytes a block, of 16 KB at the least.</summary>
    internal static int StoredBound(int length) => length + (5 * (1 + (length / 16_384)));

    private static uint Adler32(ReadOnlySpan<byte> content)
    {
        const uint Modulus = 65_521;
        const int Reducing = 5552; // the most bytes whose sums fit 32 bits
        uint a = 1, b = 0;
        while (!content.IsEmpty)
        {
            ReadOnlySpan<byte> piece = content[..Math.Min(content.Length, Reducing)];
            foreach (byte value in piece)
            {
                a += value;
                b += a;
            }

            a %= Modulus;
            b %= Modulus;
            content = content[piece.Length..];
        }

        return (b << 16) | a;
    }
}
