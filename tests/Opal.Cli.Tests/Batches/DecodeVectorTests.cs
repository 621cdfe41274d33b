using System.Text.Json;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Testing;

namespace Opal.Cli.Tests.Batches;

/// <summary>Real batcher data of public chains, read from the vectors' files as they are.</summary>
public sealed class DecodeVectorTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [VectorTheory]
    [InlineData("op-mainnet-calldata-batcher-tx", "op-mainnet", 1)]
    [InlineData("op-sepolia-blob", "op-sepolia", 1)]
    [InlineData("op-mainnet-span-channel", "op-mainnet", 0)]
    public async Task Real_data_decode_to_the_known_blocks(string name, string network, int frames)
    {
        JsonElement expected = JsonDocument.Parse(Vectors.Read($"derivation/{name}.expected.json.gz")).RootElement;
        DecodeRun run = await DecodeRun.JsonOfAsync(network, Vectors.PathOf($"derivation/{name}.bin.gz"));
        Assert.Equal((0, ""), (run.Code, run.Error));
        Assert.Equal(frames, run.Json.GetProperty("frames").GetArrayLength());
        JsonElement channel = expected.GetProperty("channel"), wanted = channel.GetProperty("batches")[0], batch = run.Batch;
        Assert.Equal("complete", run.Channel.GetProperty("state").GetString());
        Assert.Equal("zlib", run.Channel.GetProperty("compression").GetString());
        Assert.Equal(channel.GetProperty("decompressedLength").GetInt32(), run.Channel.GetProperty("decompressed_bytes").GetInt32());
        Assert.Equal("span", batch.GetProperty("form").GetString());
        Assert.Equal(wanted.GetProperty("timestamp").GetUInt64(), batch.GetProperty("timestamp").GetUInt64());
        Assert.Equal(wanted.GetProperty("l1OriginNum").GetUInt64(), batch.GetProperty("last_l1_origin").GetUInt64());
        Assert.Equal(wanted.GetProperty("parentCheck").GetString(), batch.GetProperty("parent_check").GetString());
        Assert.Equal(wanted.GetProperty("l1OriginCheck").GetString(), batch.GetProperty("l1_origin_check").GetString());
        JsonElement[] blocks = [.. batch.GetProperty("blocks").EnumerateArray()];
        Assert.Equal(wanted.GetProperty("blockCount").GetInt32(), blocks.Length);
        Assert.Equal(Texts(wanted.GetProperty("blocks")), blocks.Select(static block => Text(block.GetProperty("transactions"))));
        Assert.Equal(blocks[0].GetProperty("number").GetUInt64() + (ulong)blocks.Length - 1, blocks[^1].GetProperty("number").GetUInt64());
        JsonElement total = run.Json.GetProperty("total");
        Assert.Equal(wanted.GetProperty("blockTxCounts").EnumerateArray().Sum(static count => count.GetInt32()), total.GetProperty("l2_transactions").GetInt32());
        Assert.Equal(blocks.Length, total.GetProperty("blocks").GetInt32());
    }

    private static IEnumerable<string> Texts(JsonElement lists) => lists.EnumerateArray().Select(Text);

    private static string Text(JsonElement list) => string.Join(' ', list.EnumerateArray().Select(static item => item.GetString()));

    [VectorFact]
    public async Task The_sender_of_a_real_transaction_is_the_batcher()
    {
        DecodeRun run = await DecodeRun.JsonOfAsync("op-mainnet", Vectors.PathOf("derivation/op-mainnet-calldata-batcher-tx.bin.gz"));
        JsonElement transaction = Assert.Single(run.Json.GetProperty("transactions").EnumerateArray());
        Assert.True(transaction.GetProperty("valid_sender").GetBoolean());
        Assert.Equal("0xe69d94330faafb4f716f7ad9b3b50ea8ff5ce57aea6d2f8be07afb7fe49cd6cf", transaction.GetProperty("transaction").GetString());
        DecodeRun other = await DecodeRun.JsonOfAsync("op-sepolia", Vectors.PathOf("derivation/op-mainnet-calldata-batcher-tx.bin.gz"));
        Assert.False(other.Json.GetProperty("transactions")[0].GetProperty("valid_sender").GetBoolean());
    }

    [VectorFact]
    public async Task Without_a_rollup_times_are_relative_and_hashes_are_left_out()
    {
        DecodeRun run = await DecodeRun.JsonOfAsync(null, Vectors.PathOf("derivation/op-mainnet-span-channel.bin.gz"));
        Assert.Equal(0, run.Code);
        Assert.Equal(JsonValueKind.Null, run.Json.GetProperty("rollup").ValueKind);
        Assert.Equal(32_295_734UL, run.Batch.GetProperty("relative_timestamp").GetUInt64());
        JsonElement block = run.Batch.GetProperty("blocks")[0];
        Assert.Equal(20, block.GetProperty("transaction_count").GetInt32());
        Assert.False(block.TryGetProperty("transactions", out _));
        Assert.False(block.TryGetProperty("number", out _));
        DecodeRun text = await DecodeRun.TextOfAsync(null, Vectors.PathOf("derivation/op-mainnet-span-channel.bin.gz"));
        Assert.Contains("genesis + 32295734 s", text.Output, StringComparison.Ordinal);
    }

    [VectorFact]
    public async Task Frames_of_a_channel_without_version_byte_are_shown_and_its_rule_is_named()
    {
        DecodeRun run = await DecodeRun.JsonOfAsync(null, Vectors.PathOf("derivation/frames-brotli-singular.json"));
        Assert.Equal(1, run.Code);
        Assert.Equal([77, 70], run.Json.GetProperty("frames").EnumerateArray().Select(static frame => frame.GetProperty("bytes").GetInt32()));
        Assert.Equal("UnknownCompression", run.Channel.GetProperty("rule").GetString());
        Assert.Equal("invalid: unknown compression", run.Channel.GetProperty("state_text").GetString());
        Assert.Equal(147, run.Channel.GetProperty("compressed_bytes").GetInt32());
    }

    [VectorFact]
    public async Task The_same_channel_with_its_version_byte_and_batches_in_rlp_decodes()
    {
        using JsonDocument file = JsonDocument.Parse(Vectors.Read("derivation/frames-brotli-singular.json"));
        byte[] batch = Hex.Decode(file.RootElement.GetProperty("decompressed").GetString());
        var content = new RlpWriter(256);
        content.WriteBytes(batch);
        var packed = new byte[1024];
        packed[0] = 1;
        Assert.True(System.IO.Compression.BrotliEncoder.TryCompress(content.Written, packed.AsSpan(1), out int length, 10, 22));
        DecodeRun run = await DecodeRun.JsonOfAsync(null, _folder.Write("channel", packed[..(1 + length)]));
        Assert.Equal(0, run.Code);
        Assert.Equal("brotli", run.Channel.GetProperty("compression").GetString());
        Assert.Equal("singular", run.Batch.GetProperty("form").GetString());
        Assert.Equal(2, run.Batch.GetProperty("blocks")[0].GetProperty("transactions").GetArrayLength());
    }

    [VectorFact]
    public async Task Blobs_of_another_kind_are_named_one_by_one()
    {
        DecodeRun run = await DecodeRun.JsonOfAsync(null, Vectors.PathOf("derivation/beacon-blob-sidecars-goerli-7422094.json.gz"));
        Assert.Equal(1, run.Code);
        Assert.Equal(5, run.Json.GetProperty("transactions")[0].GetProperty("data").GetArrayLength());
        Assert.Equal(5, run.Problems.Length);
        Assert.All(run.Problems, static problem => Assert.Contains("blob unknown version", problem, StringComparison.Ordinal));
    }

    [VectorFact]
    public async Task The_blob_encodings_are_blobs_without_batcher_data()
    {
        using JsonDocument file = JsonDocument.Parse(Vectors.Read("derivation/blob-codec.json"));
        JsonElement[] entries = [.. file.RootElement.EnumerateArray()];
        var blobs = new byte[entries.Length * BlobCodec.BlobSize];
        for (int i = 0; i < entries.Length; i++) Hex.Decode(entries[i].GetProperty("blobNonZeroPrefix").GetString()).CopyTo(blobs, i * BlobCodec.BlobSize);
        DecodeRun run = await DecodeRun.JsonOfAsync(null, _folder.Write("blobs", blobs));
        Assert.Equal(1, run.Code);
        Assert.Equal(
            entries.Select(static entry => (entry.GetProperty("expectedData").GetString()!.Length - 2) / 2),
            run.Json.GetProperty("transactions")[0].GetProperty("data").EnumerateArray().Select(static part => part.GetProperty("bytes").GetInt32()));
        Assert.Equal(entries.Length, run.Problems.Length);
    }
}
