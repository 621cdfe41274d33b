using System.Text.Json;
using Opal.Batcher;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Conformance.Tests.Batcher;

/// <summary>Real batcher data with what an independent decoder says of it.</summary>
/// <param name="Config">The rollup.</param>
/// <param name="Channel">The compressed channel as it was posted.</param>
/// <param name="Span">The one span batch in it, as the independent decoder reads it.</param>
/// <param name="Content">The length of what the channel decompresses to, and its keccak256.</param>
internal sealed record RealBatches(RollupConfig Config, byte[] Channel, JsonElement Span, (int Length, string Hash) Content)
{
    public static RealBatches Read(string name)
    {
        JsonElement expected = JsonDocument.Parse(Testing.Vectors.Read($"derivation/{name}.expected.json.gz")).RootElement;
        byte[] raw = Testing.Vectors.Read($"derivation/{name}.bin.gz");
        byte[] channel = raw;
        if (expected.TryGetProperty("l1TxHash", out _))
        {
            Assert.True(Transaction.TryDecode(raw, out Transaction? transaction, out _));
            channel = Join(transaction!.Data);
        }
        else if (raw.Length == BlobCodec.BlobSize)
        {
            Assert.True(BlobCodec.TryDecode(raw, out byte[] data, out _));
            channel = Join(data);
        }

        JsonElement whole = expected.GetProperty("channel");
        JsonElement span = Assert.Single(whole.GetProperty("batches").EnumerateArray());
        Assert.True(Networks.TryFind(span.GetProperty("chainId").GetUInt64() == 10 ? "op-mainnet" : "op-sepolia", out Network? network));
        Assert.Equal(span.GetProperty("chainId").GetUInt64(), network!.Rollup.L2ChainId);
        return new RealBatches(network.Rollup, channel, span, (whole.GetProperty("decompressedLength").GetInt32(), whole.GetProperty("decompressedKeccak256").GetString()!));
    }

    private static byte[] Join(ReadOnlyMemory<byte> data)
    {
        var frames = new List<Frame>();
        Assert.True(FrameCodec.TryParseAll(data, frames, out _));
        return [.. frames.SelectMany(static frame => frame.Data.ToArray())];
    }

    /// <summary>The blocks, as far as the span tells. Of hashes it has but the begin of two; the others stand as different digests.</summary>
    public List<ChannelBlock> Blocks()
    {
        var decoder = new ChannelDecoder(Config);
        var time = new L1InclusionTime(ulong.MaxValue);
        Assert.Equal(ChannelRule.None, decoder.Open(Channel, time));
        Assert.True(decoder.TryRead(time, out ChannelItem item));
        SpanBatch span = item.Span!;
        string originBits = Span.GetProperty("originBits").GetString()!;
        var blocks = new List<ChannelBlock>();
        ulong sequence = originBits[0] == '1' ? 0UL : 1;
        for (int i = 0; i < span.BlockCount; i++)
        {
            if (i > 0) sequence = originBits[i] == '1' ? 0 : sequence + 1;
            var batch = new SingularBatch
            {
                ParentHash = i == 0 ? Padded("parentCheck") : Keccak256.Hash(BitConverter.GetBytes(i)),
                EpochNumber = span.EpochOf(i),
                EpochHash = span.EpochOf(i) == span.EndEpoch ? Padded("l1OriginCheck") : Keccak256.Hash(BitConverter.GetBytes(span.EpochOf(i))),
                Timestamp = span.TimestampOf(i),
                Transactions = span.TransactionsOf(i).ToArray(),
            };
            blocks.Add(new ChannelBlock(batch, sequence, span.TimestampOf(i) - 12));
        }

        return blocks;
    }

    private Hash256 Padded(string check)
    {
        var bytes = new byte[Hash256.Size];
        Hex.Decode(Span.GetProperty(check).GetString()).CopyTo(bytes, 0);
        return new Hash256(bytes);
    }
}
