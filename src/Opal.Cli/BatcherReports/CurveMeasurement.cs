using Opal.Batcher;
using Opal.Protocol;

namespace Opal.Cli.BatcherReports;

/// <summary>Encodes a sample's blocks for real, in channels of several lengths.</summary>
internal sealed class CurveMeasurement(RollupConfig rollup, BatcherOptions options, Sample sample)
{
    /// <summary>Measures one encoding.</summary>
    /// <param name="encoding">Which.</param>
    /// <param name="lengths">The channels' lengths in L2 blocks that are wanted.</param>
    /// <param name="cancellation">Gives up.</param>
    public CompressionCurve Measure(ChannelEncoding encoding, IEnumerable<long> lengths, CancellationToken cancellation)
    {
        var codec = new ChannelCodec(rollup, options with { BatchType = encoding.Batches, Compression = encoding.Compression, BrotliQuality = encoding.Quality == 0 ? options.BrotliQuality : encoding.Quality });
        int most = LongestChannel(LimitOf(encoding));
        int[] tried = [.. lengths.Append(1).Append(most).Select(length => (int)Math.Min(length, most)).Distinct().Order()];
        return new CompressionCurve(encoding, [.. tried.Select(length => MeasureLength(codec, length, length == most ? LimitOf(encoding) : LimitOf(encoding) / 4, cancellation))], (decimal)sample.TotalRawBytes / sample.Blocks.Count);
    }

    /// <summary>The bytes that are encoded for one length, and the most of one channel: brotli's highest levels are slow.</summary>
    private static long LimitOf(ChannelEncoding encoding) => encoding switch
    {
        { Compression: ChannelCompression.Zlib } or { Quality: <= 9 } => 3_000_000, // a channel of six blobs takes no more, at the usual ratios
        { Quality: 10 } => 700_000,
        _ => 400_000,
    };

    private int LongestChannel(long limit)
    {
        long raw = 0;
        int count = 0;
        while (count < sample.Blocks.Count && (count == 0 || raw + sample.RawBytes[count] <= limit)) raw += sample.RawBytes[count++];
        return count;
    }

    /// <summary>Channels from all over the sample, until the budget is used up.</summary>
    private Rung MeasureLength(ChannelCodec codec, int length, long budget, CancellationToken cancellation)
    {
        int possible = sample.Blocks.Count / length;
        long each = Math.Max(1, sample.TotalRawBytes / Math.Max(1, possible));
        int count = (int)Math.Clamp(budget / each, 1, possible);
        long bytes = 0, raw = 0;
        TimeSpan used = TimeSpan.Zero;
        for (int i = 0; i < count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            int first = (int)((long)(i + 1) * (sample.Blocks.Count - length) / count);
            Block[] blocks = [.. Enumerable.Range(first, length).Select(at => sample.Blocks[at])];
            TimeSpan before = ThreadClock.Used;
            byte[] data = codec.Encode(blocks);
            used += ThreadClock.Used - before;
            bytes += data.Length;
            for (int at = first; at < first + length; at++) raw += sample.RawBytes[at];
        }

        return new Rung(length, count, bytes, raw, used.TotalSeconds);
    }
}
