using System.IO.Compression;

namespace Opal.Batcher;

/// <summary>Compresses the content of a channel (derivation.md#channel-format; fjord/derivation.md#brotli-channel-compression).</summary>
public static class ChannelContent
{
    private const byte BrotliVersion = 1;
    private const int BrotliWindow = 22;

    /// <summary>The channel's bytes, with the version byte that its compression asks for.</summary>
    /// <param name="content">The batches, each an RLP string.</param>
    /// <param name="compression">How.</param>
    /// <param name="brotliQuality">Brotli's quality, 0 to 11.</param>
    public static byte[] Compress(ReadOnlySpan<byte> content, ChannelCompression compression, int brotliQuality = 10) =>
        compression == ChannelCompression.Brotli ? Brotli(content, brotliQuality) : Zlib(content);

    private static byte[] Zlib(ReadOnlySpan<byte> content)
    {
        using var output = new MemoryStream();
        using (var zlib = new ZLibStream(output, CompressionLevel.SmallestSize, leaveOpen: true)) zlib.Write(content);
        return output.ToArray();
    }

    private static byte[] Brotli(ReadOnlySpan<byte> content, int quality)
    {
        var buffer = new byte[1 + BrotliEncoder.GetMaxCompressedLength(content.Length)];
        buffer[0] = BrotliVersion;
        if (!BrotliEncoder.TryCompress(content, buffer.AsSpan(1), out int written, quality, BrotliWindow))
        {
            throw new InvalidOperationException("the buffer has room for any input");
        }

        return buffer.AsSpan(0, 1 + written).ToArray();
    }
}
