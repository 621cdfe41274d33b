using Opal.Batcher;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>Measures how fast blocks become frames, with all that the batcher compresses to find out that a channel is full.</summary>
/// <param name="megabytes">Raw transaction bytes of a run.</param>
/// <param name="runs">Runs, after one that is not counted.</param>
internal sealed class BuildBench(int megabytes, int runs)
{
    private const int Blobs = 3;

    public BuildFigure Run(BatcherLoad load, ChannelForm form)
    {
        RollupConfig config = load.Config;
        var seconds = new List<double>();
        var allocated = new List<double>();
        string? problem = null;
        long bytes = 0, frameBytes = 0;
        int blocks = 0, channels = 0;
        PeakMemory.Reset();
        double before = PeakMemory.Megabytes();
        for (int run = 0; run <= runs; run++)
        {
            List<Block> chain = load.Blocks(megabytes * 1_000_000L, config, out bytes);
            long allocatedBefore = GC.GetAllocatedBytesForCurrentThread(), begin = Clock.Now;
            List<ClosedChannel> closed = ChannelFeed.Run(chain, config, form.Options(Blobs));
            if (run > 0)
            {
                seconds.Add(Clock.Since(begin));
                allocated.Add((double)(GC.GetAllocatedBytesForCurrentThread() - allocatedBefore) / chain.Count);
                continue;
            }

            blocks = chain.Count;
            channels = closed.Count;
            frameBytes = closed.Sum(static channel => channel.DataBytes);
            problem = ChannelFeed.Check(closed, config, chain);
        }

        return new BuildFigure
        {
            Load = load.Name, Form = form, Blocks = blocks, Channels = channels, TransactionBytes = bytes, ChannelBytes = frameBytes, AllocatedPerBlock = new Samples(allocated).Median,
            PeakMegabytes = PeakMemory.Megabytes() - before, Times = problem is null ? new Samples(seconds) : null, Problem = problem,
        };
    }
}
