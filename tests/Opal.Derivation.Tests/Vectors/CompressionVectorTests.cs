using System.Text.Json;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.Derivation.Tests;

public sealed class CompressionVectorTests
{
    [VectorFact]
    public void Official_brotli_pairs_decompress()
    {
        using JsonDocument file = JsonDocument.Parse(Testing.Vectors.Read("derivation/brotli.json"));
        int cases = 0;
        foreach (JsonElement pair in file.RootElement.EnumerateArray())
        {
            byte[] compressed = Hex.Decode(pair.GetProperty("compressed").GetString());
            byte[] expected = Hex.Decode(pair.GetProperty("expected").GetString());
            var output = new DecompressionBuffer();
            output.Begin(10_000_000);
            Assert.Equal(CompressionStatus.Complete, new BrotliDecoder().Decompress(compressed, output));
            Assert.Equal(expected, output.Written.ToArray());
            cases++;
        }

        Assert.True(cases > 1);
    }

    [VectorFact]
    public void Official_brotli_frames_hold_a_singular_batch()
    {
        using JsonDocument file = JsonDocument.Parse(Testing.Vectors.Read("derivation/frames-brotli-singular.json"));
        JsonElement root = file.RootElement;
        var channel = new MemoryStream();
        foreach (JsonElement entry in root.GetProperty("frames").EnumerateArray())
        {
            byte[] data = [0, .. Hex.Decode(entry.GetProperty("frame").GetString())];
            var frames = new List<Frame>();
            Assert.True(FrameCodec.TryParseAll(data, frames, out _));
            Frame frame = Assert.Single(frames);
            Assert.Equal(entry.GetProperty("channelId").GetString(), frame.Channel.ToString());
            Assert.Equal(entry.GetProperty("frameNumber").GetInt32(), frame.Number);
            Assert.Equal(entry.GetProperty("dataLength").GetInt32(), frame.Data.Length);
            Assert.Equal(entry.GetProperty("isLast").GetBoolean(), frame.IsLast);
            Assert.Equal(data, FrameCodec.Encode(frames));
            channel.Write(frame.Data.Span);
        }

        var output = new DecompressionBuffer();
        output.Begin(10_000_000);
        Assert.Equal(CompressionStatus.Complete, new BrotliDecoder().Decompress(channel.ToArray(), output));
        byte[] expected = Hex.Decode(root.GetProperty("decompressed").GetString());
        Assert.Equal(expected, output.Written.ToArray());
        Assert.True(SingularBatch.TryDecode(output.Written[1..], out SingularBatch? batch));
        Assert.Equal(1UL, batch!.EpochNumber);
        Assert.Equal(2, batch.Transactions.Count);
        Assert.Equal(expected, batch.Encode());
    }

    [VectorFact]
    public void Official_blob_encodings_decode_and_encode()
    {
        using JsonDocument file = JsonDocument.Parse(Testing.Vectors.Read("derivation/blob-codec.json"));
        foreach (JsonElement entry in file.RootElement.EnumerateArray())
        {
            var blob = new byte[BlobCodec.BlobSize];
            Hex.Decode(entry.GetProperty("blobNonZeroPrefix").GetString()).CopyTo(blob, 0);
            byte[] expected = Hex.Decode(entry.GetProperty("expectedData").GetString());
            Assert.True(BlobCodec.TryDecode(blob, out byte[] data, out DataRule rule), $"{entry.GetProperty("name")}: {rule}");
            Assert.Equal(expected, data);
            var again = new byte[BlobCodec.BlobSize];
            Assert.True(BlobCodec.TryEncode(data, again));
            Assert.Equal(blob, again);
        }
    }
}
