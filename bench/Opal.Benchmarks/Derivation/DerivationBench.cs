using Opal.Batcher;
using Opal.Derivation;

namespace Opal.Benchmarks;

/// <summary>Measures derivation: decoding alone, the pipeline without an engine, the pipeline with one.</summary>
/// <param name="blocks">L2 blocks of a run where blocks are small; runs that cost more take fewer.</param>
/// <param name="runs">Runs of each, after one that is not counted.</param>
/// <param name="output">Progress.</param>
internal sealed class DerivationBench(ulong blocks, int runs, BenchOutput output)
{
    private const int Few = 1, Many = 50;

    /// <summary>How many times fewer blocks are taken where each has <see cref="Many"/> transactions, and where each is executed.</summary>
    private const ulong ManyFactor = 10, EngineFactor = 20;

    private static readonly ChannelShape[] s_shapes =
    [
        new(AsSpan: false, ChannelCompression.Zlib), new(AsSpan: false, ChannelCompression.Brotli), new(AsSpan: true, ChannelCompression.Zlib), new(AsSpan: true, ChannelCompression.Brotli),
    ];

    /// <summary>Runs everything whose group/name contains a text.</summary>
    public List<DerivationFigure> Run(string filter)
    {
        var figures = new List<DerivationFigure>();
        if (RealData.TryLoad(out List<RealData> data, out string problem))
        {
            foreach (RealData real in data) Add($"decode/{real.Name}", () => Decode(real));
            Add("pipeline/real blocks, span, zlib", () => PipelineOfReal(data[0]));
        }
        else
        {
            output.Say(problem);
        }

        foreach (int each in (int[])[Few, Many])
        {
            foreach (ChannelShape shape in s_shapes) Add($"pipeline/{Name(shape, each)}", () => Pipeline(shape, each));
        }

        foreach (int each in (int[])[Few, Many])
        {
            foreach (ChannelShape shape in s_shapes) Add($"engine/{Name(shape, each)}", () => Engine(shape, each));
        }

        return figures;

        void Add(string name, Func<DerivationFigure> measure)
        {
            if (!name.Contains(filter, StringComparison.OrdinalIgnoreCase)) return;
            output.Say(name);
            figures.Add(measure());
            GC.Collect();
        }
    }

    private static string Name(ChannelShape shape, int each) => $"{shape}, {each} tx{(each == 1 ? "" : "s")} a block";

    private static ulong AtLeastOne(ulong count) => Math.Max(1, count);

    /// <summary>Frames to transactions, without the rules of a chain.</summary>
    private DerivationFigure Decode(RealData real)
    {
        // small inputs are decoded often enough to take some milliseconds
        const int BytesARun = 4_000_000;
        List<SpanBatch> first = real.Decode(out int posted, out int content);
        int times = Math.Max(1, BytesARun / posted);
        var spent = new List<Spent>();
        for (int run = 0; run <= runs; run++)
        {
            Spent begin = Spent.Now();
            for (int i = 0; i < times; i++) real.Decode(out _, out _);
            if (run > 0) spent.Add(Spent.Since(begin));
        }

        return new DerivationFigure
        {
            Group = "decode",
            Name = real.Name,
            Blocks = (ulong)(times * first.Sum(static span => span.BlockCount)),
            Transactions = times * first.Sum(static span => span.TransactionCount),
            PostedBytes = (long)times * posted,
            ContentBytes = (long)times * content,
            Times = first.Count == 0 ? null : new Samples(spent.Select(static run => run.Seconds)),
            CpuSeconds = new Samples(spent.Select(static run => run.CpuSeconds)).Median,
            Problem = first.Count == 0 ? "the data do not decode" : null,
        };
    }

    /// <summary>The transactions of real blocks, in spans over the L1 in memory: their own name the hashes of Ethereum's blocks.</summary>
    private DerivationFigure PipelineOfReal(RealData real)
    {
        List<SpanBatch> spans = real.Decode(out _, out _);
        byte[][][] contents = [.. spans.SelectMany(static span => Enumerable.Range(0, span.BlockCount).Select(block => span.TransactionsOf(block).ToArray()))];
        return Pipeline("real blocks, span, zlib", new ChannelShape(AsSpan: true, ChannelCompression.Zlib), new RealBlocks(contents), AtLeastOne(blocks / ManyFactor), real.Network.Rollup.L2ChainId);
    }

    private DerivationFigure Pipeline(ChannelShape shape, int each)
    {
        const ulong ChainId = 901;
        return Pipeline(Name(shape, each), shape, new TokenCalls(each, ChainId), AtLeastOne(each == Few ? blocks : blocks / ManyFactor), ChainId);
    }

    private DerivationFigure Pipeline(string name, ChannelShape shape, BlockContents contents, ulong count, ulong chainId)
    {
        BenchL1 l1 = BenchL1.Create();
        var rollup = new BenchRollup(l1.Genesis, chainId);
        var poster = new BatchPoster(rollup, l1, contents, shape);
        while (poster.Posted < count) poster.PostNext(count, number => NoEngine.HashOf(rollup, number));
        var results = new List<PipelineResult>();
        for (int run = 0; run <= runs; run++) results.Add(new PipelineRun(rollup, l1, new NoEngine(rollup)).Run(count));
        return Figure("pipeline", name, count, poster.Transactions, results);
    }

    /// <summary>With execution in memory.</summary>
    private DerivationFigure Engine(ChannelShape shape, int each)
    {
        ulong count = AtLeastOne(each == Few ? blocks / EngineFactor : blocks / EngineFactor / ManyFactor);
        var results = new List<PipelineResult>();
        long transactions = 0;
        for (int run = 0; run <= runs; run++)
        {
            (PipelineResult result, transactions) = RunEngine(shape, each, count);
            results.Add(result);
        }

        return Figure("engine", Name(shape, each), count, transactions, results);
    }

    private static (PipelineResult Result, long Transactions) RunEngine(ChannelShape shape, int each, ulong count)
    {
        BenchL1 l1 = BenchL1.Create();
        var rollup = new BenchRollup(l1.Genesis);
        var poster = new BatchPoster(rollup, l1, Transfers.Each(each, rollup.Config.L2ChainId), shape);
        using var engine = new ChainEngine(rollup);
        using BlockSource? source = shape.AsSpan ? null : new BlockSource(rollup, l1, Transfers.Each(each, rollup.Config.L2ChainId));
        PipelineResult result = new PipelineRun(rollup, l1, engine).Run(count, safe => poster.PostNext(count, number => source is null ? safe.Hash : source.HashOf(number)));
        return (result, poster.Transactions);
    }

    private static DerivationFigure Figure(string group, string name, ulong count, long transactions, List<PipelineResult> results)
    {
        string? problem = results.Find(static result => result.Problem is not null)?.Problem;
        return new DerivationFigure
        {
            Group = group,
            Name = name,
            Blocks = count,
            Transactions = transactions,
            PostedBytes = results[0].PostedBytes,
            ContentBytes = results[0].ContentBytes,
            Times = problem is null ? new Samples(results.Skip(1).Select(static result => result.Spent.Seconds)) : null,
            CpuSeconds = problem is null ? new Samples(results.Skip(1).Select(static result => result.Spent.CpuSeconds)).Median : null,
            Problem = problem,
        };
    }
}
