using System.Buffers.Binary;
using Opal.Batcher;
using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>Puts blocks into channels as the batcher does.</summary>
internal static class ChannelFeed
{
    /// <summary>Channels of all blocks, in blobs; the last one is not full.</summary>
    public static List<ClosedChannel> Run(IReadOnlyList<Block> blocks, RollupConfig config, BatcherOptions options)
    {
        var codec = new ChannelCodec(config, options);
        var closed = new List<ClosedChannel>();
        ChannelBuilder open = Open(codec, options, 0);
        foreach (Block block in blocks)
        {
            if (open.TryAdd(block, 0)) continue;
            closed.Add(open.Close(ChannelCloseReason.Full));
            open = Open(codec, options, closed.Count);
            open.TryAdd(block, 0);
        }

        closed.Add(open.Close(ChannelCloseReason.Flush));
        return closed;
    }

    private static ChannelBuilder Open(ChannelCodec codec, BatcherOptions options, int number)
    {
        Span<byte> name = stackalloc byte[ChannelId.Size];
        BinaryPrimitives.WriteInt32BigEndian(name, number);
        return new ChannelBuilder(new ChannelId(name), codec, options, 0, asBlobs: true);
    }

    /// <summary>What is wrong with channels made of blocks; null when all come back.</summary>
    public static string? Check(IEnumerable<ClosedChannel> channels, RollupConfig config, IReadOnlyList<Block> blocks) => ChannelCheck.Compare(
        config, channels.Select(static channel => (ReadOnlyMemory<byte>)channel.Frames.SelectMany(static frame => frame.Data.ToArray()).ToArray()), [.. blocks.Select(ChannelBlock.Of)]);
}
