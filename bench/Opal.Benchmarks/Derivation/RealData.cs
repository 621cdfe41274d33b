using System.IO.Compression;
using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>Real batcher data of OP Mainnet and OP Sepolia, from the test vectors.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Network">The rollup.</param>
/// <param name="Items">Batcher data, each a transaction's or a blob's; empty for a channel.</param>
/// <param name="Channel">A whole channel; empty for batcher data.</param>
internal sealed record RealData(string Name, Network Network, IReadOnlyList<byte[]> Items, byte[] Channel)
{
    /// <summary>The data, or why there are none.</summary>
    public static bool TryLoad(out List<RealData> data, out string problem)
    {
        data = [];
        problem = "";
        string? named = Environment.GetEnvironmentVariable("OPAL_VECTORS");
        string? folder = named is { Length: > 0 } ? named : BenchFolder.Repository() is { } root ? Path.GetFullPath(Path.Combine(root, "..", "shared", "vectors")) : null;
        if (folder is null || !File.Exists(Path.Combine(folder, "derivation", "op-mainnet-span-channel.bin.gz")))
        {
            problem = "no real batches: there are no test vectors here; set OPAL_VECTORS to their folder";
            return false;
        }

        Network mainnet = Named("op-mainnet"), sepolia = Named("op-sepolia");
        byte[] transaction = Read(folder, "op-mainnet-calldata-batcher-tx"), blob = Read(folder, "op-sepolia-blob");
        if (!Transaction.TryDecode(transaction, out Transaction? decoded, out _) || !BlobCodec.TryDecode(blob, out byte[] content, out _))
        {
            problem = "the vectors of derivation are damaged";
            return false;
        }

        data.Add(new RealData("OP Mainnet channel, June 2024", mainnet, [], Read(folder, "op-mainnet-span-channel")));
        data.Add(new RealData("OP Mainnet calldata transaction", mainnet, [decoded!.Data.ToArray()], []));
        data.Add(new RealData("OP Sepolia blob", sepolia, [content], []));
        return true;
    }

    private static Network Named(string name) => Networks.TryFind(name, out Network? network) ? network! : throw new InvalidOperationException($"{name} is built in");

    private static byte[] Read(string folder, string name)
    {
        using var gzip = new GZipStream(File.OpenRead(Path.Combine(folder, "derivation", name + ".bin.gz")), CompressionMode.Decompress);
        using var whole = new MemoryStream();
        gzip.CopyTo(whole);
        return whole.ToArray();
    }

    /// <summary>The spans of the data, from frames to blocks.</summary>
    public List<SpanBatch> Decode(out int posted, out int content)
    {
        posted = content = 0;
        var spans = new List<SpanBatch>();
        var decoder = new ChannelDecoder(Network.Rollup);
        var time = new L1InclusionTime(ulong.MaxValue);
        foreach (byte[] channel in Channels())
        {
            posted += channel.Length;
            if (decoder.Open(channel, time) != ChannelRule.None) return [];
            content += decoder.ContentLength;
            while (decoder.TryRead(time, out ChannelItem item)) spans.Add(item.Span!);
        }

        return spans;
    }

    private IEnumerable<byte[]> Channels()
    {
        if (Channel.Length > 0) yield return Channel;
        var frames = new List<Frame>();
        foreach (byte[] item in Items) FrameCodec.TryParseAll(item, frames, out _);
        if (frames.Count > 0) yield return [.. frames.SelectMany(static frame => frame.Data.ToArray())];
    }
}
