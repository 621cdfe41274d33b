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

    /// <summary>A batch, changed.</summary>
    public static SingularBatch With(SingularBatch batch, Hash256? parent = null, ulong? epoch = null, Hash256? epochHash = null, ulong? time = null, byte[][]? transactions = null) => new()
    {
        ParentHash = parent ?? batch.ParentHash,
        EpochNumber = epoch ?? batch.EpochNumber,
        EpochHash = epochHash ?? batch.EpochHash,
        Timestamp = time ?? batch.Timestamp,
        Transactions = transactions ?? batch.Transactions,
    };

    /// <summary>A batch with one more transaction.</summary>
    public static SingularBatch Adding(SingularBatch batch, byte[] transaction) => With(batch, transactions: [.. batch.Transactions, transaction]);

    /// <summary>Batches of consecutive blocks in one span batch, encoded; the first opens no epoch.</summary>
    public static byte[] SpanOf(RollupConfig config, IEnumerable<SingularBatch> batches)
    {
        var builder = new SpanBatchBuilder(config);
        foreach (SingularBatch batch in batches) Assert.Equal(SpanBuildError.None, builder.TryAdd(batch, 1));
        return builder.Encode();
    }

    /// <summary>rlp strings, zlib.</summary>
    public static byte[] Channel(IEnumerable<byte[]> batches) => Zlib(Stream(batches));

    /// <summary>rlp strings, Brotli behind its version byte.</summary>
    public static byte[] BrotliChannel(IEnumerable<byte[]> batches)
    {
        byte[] plain = Stream(batches), packed = new byte[BrotliEncoder.GetMaxCompressedLength(plain.Length)];
        Assert.True(BrotliEncoder.TryCompress(plain, packed, out int written, quality: 9, window: 22));
        return [1, .. packed.AsSpan(0, written)];
    }

    /// <summary>rlp strings, as they are before compression.</summary>
    public static byte[] Stream(IEnumerable<byte[]> batches)
    {
        var plain = new RlpWriter(1024);
        foreach (byte[] batch in batches) plain.WriteBytes(batch);
        return plain.ToArray();
    }

    public static byte[] Zlib(ReadOnlySpan<byte> plain)
    {
        using var compressed = new MemoryStream();
        using (var zlib = new ZLibStream(compressed, CompressionLevel.SmallestSize)) zlib.Write(plain);
        return compressed.ToArray();
    }

    /// <summary>Cuts a channel into so many frames of about the same length.</summary>
    public static Frame[] Cut(byte[] channel, int count, ChannelId? id = null)
    {
        id ??= IdOf(channel);
        int size = (channel.Length + count - 1) / count;
        var frames = new Frame[count];
        for (int i = 0; i < count; i++)
        {
            int at = Math.Min(i * size, channel.Length);
            frames[i] = new Frame(id.Value, (ushort)i, channel.AsMemory(at, Math.Min(size, channel.Length - at)), i == count - 1);
        }

        return frames;
    }

    private static ChannelId IdOf(byte[] channel) => new(Keccak256.Hash(channel).ToArray().AsSpan(0, ChannelId.Size));

    /// <summary>Cuts a channel into frames.</summary>
    public static List<Frame> Frames(byte[] channel, int maxFrameData)
    {
        ChannelId id = IdOf(channel);
        var frames = new List<Frame>();
        for (int at = 0; at == 0 || at < channel.Length; at += maxFrameData)
        {
            int length = Math.Min(maxFrameData, channel.Length - at);
            frames.Add(new Frame(id, (ushort)frames.Count, channel.AsMemory(at, length), at + length == channel.Length));
        }

        return frames;
    }
}
