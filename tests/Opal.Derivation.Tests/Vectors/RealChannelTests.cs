using System.Text.Json;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>Real batcher data of OP Mainnet and OP Sepolia, decoded to the transactions' hashes.</summary>
public sealed class RealChannelTests
{
    [VectorFact]
    public void Real_calldata_batcher_transaction_decodes()
    {
        JsonElement expected = Expected("op-mainnet-calldata-batcher-tx");
        byte[] raw = Testing.Vectors.Read("derivation/op-mainnet-calldata-batcher-tx.bin.gz");
        Assert.True(Transaction.TryDecode(raw, out Transaction? transaction, out _));
        Assert.Equal(expected.GetProperty("l1TxHash").GetString(), transaction!.Hash.ToString());
        Assert.Equal(expected.GetProperty("to").GetString(), transaction.To!.Value.ToString().ToLowerInvariant());
        CheckChannel(CheckFrames(transaction.Data, expected), expected);
    }

    [VectorFact]
    public void Real_blob_decodes_and_encodes()
    {
        JsonElement expected = Expected("op-sepolia-blob");
        byte[] blob = Testing.Vectors.Read("derivation/op-sepolia-blob.bin.gz");
        Assert.True(BlobCodec.TryDecode(blob, out byte[] data, out _));
        Assert.Equal(expected.GetProperty("blobData").GetString(), Hex.Encode(data));
        var again = new byte[BlobCodec.BlobSize];
        Assert.True(BlobCodec.TryEncode(data, again));
        Assert.Equal(blob, again);
        CheckChannel(CheckFrames(data, expected), expected);
    }

    [VectorFact]
    public void Real_span_channel_decodes() =>
        CheckChannel(Testing.Vectors.Read("derivation/op-mainnet-span-channel.bin.gz"), Expected("op-mainnet-span-channel"));

    private static JsonElement Expected(string name) => JsonDocument.Parse(Testing.Vectors.Read($"derivation/{name}.expected.json.gz")).RootElement;

    private static byte[] CheckFrames(ReadOnlyMemory<byte> data, JsonElement expected)
    {
        var frames = new List<Frame>();
        Assert.True(FrameCodec.TryParseAll(data, frames, out _));
        var channel = new MemoryStream();
        int index = 0;
        foreach (JsonElement entry in expected.GetProperty("frames").EnumerateArray())
        {
            Frame frame = frames[index++];
            Assert.Equal(entry.GetProperty("channelId").GetString(), frame.Channel.ToString());
            Assert.Equal(entry.GetProperty("frameNumber").GetInt32(), frame.Number);
            Assert.Equal(entry.GetProperty("dataLength").GetInt32(), frame.Data.Length);
            Assert.Equal(entry.GetProperty("isLast").GetBoolean(), frame.IsLast);
            channel.Write(frame.Data.Span);
        }

        Assert.Equal(index, frames.Count);
        return channel.ToArray();
    }

    private static void CheckChannel(byte[] data, JsonElement expected)
    {
        JsonElement channel = expected.GetProperty("channel");
        var output = new DecompressionBuffer();
        output.Begin(100_000_000);
        // two of the three real channels were flushed and never finished: their streams have no last block
        Assert.True(new Inflate().DecompressZlib(data, output) is CompressionStatus.Complete or CompressionStatus.Truncated);
        Assert.Equal(channel.GetProperty("decompressedLength").GetInt32(), output.Length);
        Assert.Equal(channel.GetProperty("decompressedKeccak256").GetString(), Keccak256.Hash(output.Written).ToString());
        var items = new RlpReader(output.Written);
        foreach (JsonElement entry in channel.GetProperty("batches").EnumerateArray())
        {
            Assert.True(items.TryReadBytes(out ReadOnlySpan<byte> batch));
            Assert.Equal(SpanBatch.Version, batch[0]);
            CheckSpan(batch[1..], entry);
        }

        Assert.True(items.AtEnd);
    }

    private static void CheckSpan(ReadOnlySpan<byte> content, JsonElement expected)
    {
        var config = new RollupConfig
        {
            L2ChainId = expected.GetProperty("chainId").GetUInt64(),
            GenesisL2Time = expected.GetProperty("l2GenesisTime").GetUInt64(),
            BlockTimeSeconds = 2,
        };
        Assert.Equal(SpanDecodeResult.Decoded, SpanBatchDecoder.Decode(content, config, out SpanBatch? span));
        Assert.Equal(expected.GetProperty("blockCount").GetInt32(), span!.BlockCount);
        Assert.Equal(expected.GetProperty("timestamp").GetUInt64(), span.Timestamp);
        Assert.Equal(expected.GetProperty("l1OriginNum").GetUInt64(), span.EndEpoch);
        Assert.True(span.ParentCheck.Matches(Padded(expected.GetProperty("parentCheck"))));
        Assert.True(span.OriginCheck.Matches(Padded(expected.GetProperty("l1OriginCheck"))));
        string originBits = expected.GetProperty("originBits").GetString()!;
        var builder = new SpanBatchBuilder(config);
        for (int block = 0; block < span.BlockCount; block++)
        {
            if (block > 0) Assert.Equal(originBits[block] == '1' ? 1UL : 0UL, span.EpochOf(block) - span.EpochOf(block - 1));
            JsonElement hashes = expected.GetProperty("blocks")[block];
            ReadOnlySpan<byte[]> transactions = span.TransactionsOf(block);
            Assert.Equal(expected.GetProperty("blockTxCounts")[block].GetInt32(), transactions.Length);
            Assert.Equal(hashes.GetArrayLength(), transactions.Length);
            for (int i = 0; i < transactions.Length; i++)
            {
                Assert.Equal(hashes[i].GetString(), Keccak256.Hash(transactions[i]).ToString());
                Assert.True(Transaction.TryDecode(transactions[i], out Transaction? decoded, out _));
                Assert.True(decoded!.TryGetSender(Crypto.NativeCrypto.Instance, out _));
            }

            var singular = new SingularBatch
            {
                ParentHash = Padded(expected.GetProperty("parentCheck")),
                EpochNumber = span.EpochOf(block),
                EpochHash = Padded(expected.GetProperty("l1OriginCheck")),
                Timestamp = span.TimestampOf(block),
                Transactions = transactions.ToArray(),
            };
            Assert.Equal(SpanBuildError.None, builder.TryAdd(singular, originBits[block] == '1' ? 0UL : 1UL));
        }

        Assert.Equal(content.ToArray(), builder.Encode()[1..]);
    }

    private static Hash256 Padded(JsonElement check)
    {
        var bytes = new byte[32];
        Hex.Decode(check.GetString()).CopyTo(bytes, 0);
        return new Hash256(bytes);
    }
}
