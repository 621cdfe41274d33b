using System.IO.Compression;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.ActionTests;

/// <summary>Turns L2 blocks into batcher data, plainly: every piece can be taken apart and spoilt by a test.</summary>
public static class BatchWriter
{
    /// <summary>A block's batch.</summary>
    public static SingularBatch Batch(Block block)
    {
        Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
        return new SingularBatch
        {
            ParentHash = block.Header.ParentHash,
            EpochNumber = info!.Number,
            EpochHash = info.BlockHash,
            Timestamp = block.Header.Timestamp,
            Transactions = [.. block.Transactions.Where(transaction => !transaction.IsDeposit).Select(transaction => transaction.Encoded)],
        };
    }

    /// <summary>One batch per block, encoded.</summary>
    public static List<byte[]> Singular(IEnumerable<Block> blocks) => [.. blocks.Select(block => Batch(block).Encode())];

    /// <summary>All blocks in one span batch, encoded.</summary>
    public static List<byte[]> Span(RollupConfig config, IEnumerable<Block> blocks)
    {
        var builder = new SpanBatchBuilder(config);
        foreach (Block block in blocks)
        {
            Assert.True(L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info));
            Assert.Equal(SpanBuildError.None, builder.TryAdd(Batch(block), info!.SequenceNumber));
        }

        return [builder.Encode()];
    }

    /// <summary>rlp strings, zlib.</summary>
    public static byte[] Channel(IEnumerable<byte[]> batches)
    {
        var plain = new RlpWriter(1024);
        foreach (byte[] batch in batches) plain.WriteBytes(batch);
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.SmallestSize)) zlib.Write(plain.Written);
        return compressed.ToArray();
    }

    /// <summary>Cuts a channel into frames.</summary>
    public static List<Frame> Frames(byte[] channel, int maxFrameData)
    {
        var id = new ChannelId(Keccak256.Hash(channel).ToArray().AsSpan(0, ChannelId.Size));
        var frames = new List<Frame>();
        for (int at = 0; at == 0 || at < channel.Length; at += maxFrameData)
        {
            int length = Math.Min(maxFrameData, channel.Length - at);
            frames.Add(new Frame(id, (ushort)frames.Count, channel.AsMemory(at, length), at + length == channel.Length));
        }

        return frames;
    }
}
