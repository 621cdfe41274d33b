using System.IO.Compression;
using Opal.Derivation;
using Opal.Primitives;

namespace Opal.Cli.Tests.Batches;

/// <summary>Small channels of singular batches, and their frames.</summary>
internal static class TestBatches
{
    public static ChannelId Id(byte number) => new(Enumerable.Repeat(number, ChannelId.Size).ToArray());

    /// <summary>A batch of a block at a time, with a transaction for each byte.</summary>
    public static byte[] Singular(ulong timestamp, params byte[] transactions) => new SingularBatch
    {
        ParentHash = Keccak256.Hash([1]), EpochNumber = 7, EpochHash = Keccak256.Hash([2]), Timestamp = timestamp, Transactions = [.. transactions.Select(static content => new[] { content })],
    }.Encode();

    public static byte[] Channel(params byte[][] batches)
    {
        var content = new RlpWriter(256);
        foreach (byte[] batch in batches) content.WriteBytes(batch);
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.SmallestSize)) zlib.Write(content.Written);
        return compressed.ToArray();
    }

    /// <summary>A channel cut into frames of equal size.</summary>
    public static Frame[] Frames(ChannelId id, byte[] channel, int count)
    {
        int size = (channel.Length + count - 1) / count;
        return [.. channel.Chunk(size).Select((data, i) => new Frame(id, (ushort)i, data, i == count - 1))];
    }

    public static byte[] Data(params Frame[] frames) => FrameCodec.Encode(frames);
}
