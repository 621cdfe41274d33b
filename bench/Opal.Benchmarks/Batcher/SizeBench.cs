using Opal.Batcher;
using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>Encodes real batches again in every form and compares with what was posted.</summary>
/// <param name="real">The data.</param>
/// <param name="runs">Runs of each, after one that is not counted.</param>
internal sealed class SizeBench(RealData real, int runs)
{
    // the oldest data are from before Brotli; all are encoded in every form here
    private readonly RollupConfig _config = real.Network.Rollup with { Forks = real.Network.Rollup.Forks with { Delta = 0, Fjord = 0 } };

    public IEnumerable<SizeFigure> Run()
    {
        List<SpanBatch> spans = real.Decode(out int posted, out _);
        List<ChannelBlock> blocks = [.. spans.SelectMany(Blocks)];
        foreach (ChannelForm form in ChannelForm.All) yield return Measure(form, blocks, posted);
    }

    private SizeFigure Measure(ChannelForm form, List<ChannelBlock> blocks, int posted)
    {
        byte[] channel = [];
        int content = 0;
        var times = new List<double>();
        for (int run = 0; run <= runs; run++)
        {
            long begin = Clock.Now;
            var encoder = new ChannelEncoder(_config, form.Options());
            foreach (ChannelBlock block in blocks) encoder.Add(block);
            channel = encoder.Compress();
            if (run > 0) times.Add(Clock.Since(begin));
            content = encoder.ContentBytes;
        }

        string? problem = ChannelCheck.Compare(_config, [channel], blocks);
        bool isOriginalForm = form is { Type: BatchType.Span, Compression: ChannelCompression.Zlib };
        if (isOriginalForm && channel.Length > posted) problem ??= "larger than what was posted at the same settings";
        return new SizeFigure
        {
            Data = real.Name, Form = form, Posted = posted, Bytes = channel.Length, ContentBytes = content, Transactions = blocks.Sum(static block => block.Batch.Transactions.Count),
            Times = problem is null ? new Samples(times) : null, Problem = problem,
        };
    }

    /// <summary>The blocks of a span. It has the begins of two hashes; all hashes stand as different digests, as they are on a chain.</summary>
    private static IEnumerable<ChannelBlock> Blocks(SpanBatch span)
    {
        ulong sequence = 1;
        for (int i = 0; i < span.BlockCount; i++)
        {
            sequence = i > 0 && span.EpochOf(i) != span.EpochOf(i - 1) ? 0 : sequence + 1;
            var batch = new SingularBatch
            {
                ParentHash = Keccak256.Hash(BitConverter.GetBytes(span.TimestampOf(i))), EpochNumber = span.EpochOf(i), EpochHash = Keccak256.Hash(BitConverter.GetBytes(span.EpochOf(i))),
                Timestamp = span.TimestampOf(i), Transactions = span.TransactionsOf(i).ToArray(),
            };
            yield return new ChannelBlock(batch, sequence, span.TimestampOf(i));
        }
    }
}
