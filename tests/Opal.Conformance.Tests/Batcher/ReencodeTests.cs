using System.IO.Compression;
using System.Text.Json;
using Opal.Batcher;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Conformance.Tests.Batcher;

/// <summary>Real batches of OP Mainnet and OP Sepolia, put into channels by the batcher, decode to the same blocks, and take no more bytes than they took.</summary>
public sealed class ReencodeTests
{
    private const string MainnetCalldata = "op-mainnet-calldata-batcher-tx", MainnetChannel = "op-mainnet-span-channel", SepoliaBlob = "op-sepolia-blob";

    private static readonly BatcherOptions Span = new() { BatchInbox = Address.FromNumber(0xff), BatchType = BatchType.Span };

    [VectorTheory]
    [InlineData(MainnetCalldata)]
    [InlineData(MainnetChannel)]
    [InlineData(SepoliaBlob)]
    public void At_the_original_settings_the_content_is_the_same_and_the_channel_is_not_longer(string name)
    {
        RealBatches real = RealBatches.Read(name);
        byte[] channel = Encode(real, Span);
        CheckContent(real, channel, CompressionKind.Zlib);
        CheckSpan(real.Span, Decode(real.Config, channel));
        Assert.InRange(channel.Length, 1, real.Channel.Length);
    }

    [VectorTheory]
    [InlineData(MainnetCalldata, 9)]
    [InlineData(MainnetCalldata, 10)]
    [InlineData(MainnetCalldata, 11)]
    [InlineData(MainnetChannel, 9)]
    [InlineData(MainnetChannel, 11)]
    [InlineData(SepoliaBlob, 9)]
    [InlineData(SepoliaBlob, 10)]
    [InlineData(SepoliaBlob, 11)]
    public void With_brotli_the_content_is_the_same_and_the_channel_is_shorter(string name, int quality)
    {
        RealBatches real = RealBatches.Read(name);
        RollupConfig config = real.Config with { Forks = real.Config.Forks with { Fjord = 0 } }; // two of the three are older than Brotli
        byte[] channel = Encode(real with { Config = config }, Span with { Compression = ChannelCompression.Brotli, BrotliQuality = quality });
        CheckContent(real with { Config = config }, channel, CompressionKind.Brotli);
        CheckSpan(real.Span, Decode(config, channel));
        Assert.InRange(channel.Length, 1, real.Channel.Length - 1);
    }

    [VectorTheory]
    [InlineData(MainnetCalldata, BatchType.Singular, ChannelCompressor.Shadow, 0)]
    [InlineData(MainnetCalldata, BatchType.Span, ChannelCompressor.None, 0)]
    [InlineData(MainnetChannel, BatchType.Singular, ChannelCompressor.Shadow, 0)]
    [InlineData(MainnetChannel, BatchType.Span, ChannelCompressor.Shadow, 10)]
    [InlineData(SepoliaBlob, BatchType.Span, ChannelCompressor.Shadow, 1)]
    [InlineData(SepoliaBlob, BatchType.Singular, ChannelCompressor.None, 0)]
    public void In_other_forms_the_blocks_are_the_same(string name, BatchType type, ChannelCompressor compressor, int maxBlocks)
    {
        RealBatches real = RealBatches.Read(name);
        byte[] channel = Encode(real, Span with { BatchType = type, Compressor = compressor, MaxBlocksPerSpanBatch = maxBlocks });
        List<ChannelItem> items = Decode(real.Config, channel);
        int blocks = real.Span.GetProperty("blockCount").GetInt32();
        int spans = maxBlocks == 0 ? 1 : (blocks + maxBlocks - 1) / maxBlocks;
        Assert.Equal(type == BatchType.Singular ? blocks : spans, items.Count);
        CheckBlocks(real.Span, items);
    }

    private static byte[] Encode(RealBatches real, BatcherOptions options)
    {
        var encoder = new ChannelEncoder(real.Config, options);
        foreach (ChannelBlock block in real.Blocks()) encoder.Add(block);
        return encoder.Compress();
    }

    private static void CheckContent(RealBatches real, byte[] channel, CompressionKind compression)
    {
        var decoder = new ChannelDecoder(real.Config);
        var time = new L1InclusionTime(ulong.MaxValue);
        Assert.Equal(ChannelRule.None, decoder.Open(channel, time));
        Assert.Equal(compression, decoder.Compression);
        byte[] content = Unpack(channel);
        Assert.Equal(content.Length, decoder.ContentLength);
        Assert.Equal(real.Content, (content.Length, Keccak256.Hash(content).ToString()));
    }

    /// <summary>Decompressed by the platform's library, which our decoder shares nothing with.</summary>
    private static byte[] Unpack(byte[] channel)
    {
        using var packed = new MemoryStream(channel[0] == 1 ? channel[1..] : channel);
        using Stream unpacking = channel[0] == 1 ? new BrotliStream(packed, CompressionMode.Decompress) : new ZLibStream(packed, CompressionMode.Decompress);
        using var content = new MemoryStream();
        unpacking.CopyTo(content);
        return content.ToArray();
    }

    /// <summary>From blobs of frames, by the pipeline's stages.</summary>
    private static List<ChannelItem> Decode(RollupConfig config, byte[] channel)
    {
        var collector = new ChannelCollector(config, SilentObserver.Instance);
        var time = new L1InclusionTime(ulong.MaxValue);
        var blob = new byte[BlobCodec.BlobSize];
        collector.Enter(new L1BlockRef(Hash256.FromUInt256(1), 1, Hash256.Zero, ulong.MaxValue));
        foreach (Frame frame in FrameCutter.Cut(new ChannelId(new byte[16]), channel, BatcherOptions.BlobDataBytes))
        {
            Assert.True(BlobCodec.TryEncode(FrameCodec.Encode([frame]), blob));
            Assert.True(BlobCodec.TryDecode(blob, out byte[] data, out _));
            collector.Add(data);
        }

        Assert.True(collector.TryTake(out RawChannel raw));
        var decoder = new ChannelDecoder(config);
        Assert.Equal(ChannelRule.None, decoder.Open(raw.Data.Span, time));
        var items = new List<ChannelItem>();
        while (decoder.TryRead(time, out ChannelItem item)) items.Add(item);
        Assert.Equal(ChannelRule.None, decoder.End);
        return items;
    }

    private static void CheckSpan(JsonElement expected, List<ChannelItem> items)
    {
        SpanBatch span = Assert.Single(items).Span!;
        Assert.Equal(expected.GetProperty("timestamp").GetUInt64(), span.Timestamp);
        Assert.Equal(expected.GetProperty("l1OriginNum").GetUInt64(), span.EndEpoch);
        Assert.True(span.ParentCheck.Matches(Padded(expected, "parentCheck")));
        Assert.True(span.OriginCheck.Matches(Padded(expected, "l1OriginCheck")));
        CheckBlocks(expected, items);
    }

    private static void CheckBlocks(JsonElement expected, List<ChannelItem> items)
    {
        string originBits = expected.GetProperty("originBits").GetString()!;
        ulong first = expected.GetProperty("timestamp").GetUInt64(), lastOrigin = expected.GetProperty("l1OriginNum").GetUInt64();
        var blocks = new List<(ulong Timestamp, ulong Epoch, IReadOnlyList<byte[]> Transactions)>();
        foreach (ChannelItem item in items)
        {
            if (item.Singular is { } singular) blocks.Add((singular.Timestamp, singular.EpochNumber, singular.Transactions));
            for (int i = 0; i < (item.Span?.BlockCount ?? 0); i++) blocks.Add((item.Span!.TimestampOf(i), item.Span.EpochOf(i), item.Span.TransactionsOf(i).ToArray()));
        }

        Assert.Equal(expected.GetProperty("blockCount").GetInt32(), blocks.Count);
        for (int i = 0; i < blocks.Count; i++)
        {
            Assert.Equal(first + (2 * (ulong)i), blocks[i].Timestamp);
            Assert.Equal(lastOrigin - (ulong)originBits[(i + 1)..].Count(static bit => bit == '1'), blocks[i].Epoch);
            Assert.Equal(expected.GetProperty("blocks")[i].EnumerateArray().Select(static hash => hash.GetString()), blocks[i].Transactions.Select(static raw => (string?)Keccak256.Hash(raw).ToString()));
        }
    }

    private static Hash256 Padded(JsonElement expected, string check)
    {
        var bytes = new byte[Hash256.Size];
        Hex.Decode(expected.GetProperty(check).GetString()).CopyTo(bytes, 0);
        return new Hash256(bytes);
    }
}
