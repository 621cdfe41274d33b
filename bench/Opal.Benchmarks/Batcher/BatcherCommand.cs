namespace Opal.Benchmarks;

/// <summary>`opal bench batcher`.</summary>
internal static class BatcherCommand
{
    /// <param name="Filter">Part of group/name; empty for all.</param>
    /// <param name="Megabytes">Raw transaction bytes of a run where a load is made.</param>
    /// <param name="Runs">Runs of each, after a warm-up; fill is counted once.</param>
    /// <param name="IsJson">Whether the report is JSON.</param>
    public sealed record Options(string Filter, int Megabytes, int Runs, bool IsJson);

    /// <returns>0; 1 when a result was wrong; 2 when the options are wrong.</returns>
    public static int Run(Options options, BenchOutput output)
    {
        if (options.Megabytes is < 1 or > 1000) return Refuse("--megabytes must be from 1 to 1,000", output);
        if (options.Runs < 1) return Refuse("--runs must be at least 1", output);
        var sizes = new List<SizeFigure>();
        var builds = new List<BuildFigure>();
        var fills = new List<FillFigure>();
        bool hasReal = RealData.TryLoad(out List<RealData> real, out string problem);
        if (!hasReal) output.Say(problem);
        foreach (RealData data in real)
        {
            if (Chosen($"size/{data.Name}")) sizes.AddRange(new SizeBench(data, options.Runs).Run());
        }

        var bench = new BuildBench(options.Megabytes, options.Runs);
        foreach (ChannelForm form in ChannelForm.All)
        {
            foreach (BatcherLoad load in BatcherLoad.ToBuild(real))
            {
                if (Chosen($"build/{load.Name}, {form}")) builds.Add(bench.Run(load, form));
            }
        }

        foreach (BatcherLoad load in BatcherLoad.ToFill(real))
        {
            for (int blobs = 1; blobs <= 6; blobs++)
            {
                if (Chosen($"fill/{load.Name}, {blobs} blob{(blobs == 1 ? "" : "s")}")) fills.Add(new FillBench(options.Megabytes).Run(load, blobs));
            }
        }

        if (sizes.Count + builds.Count + fills.Count == 0) return Refuse($"nothing is called like '{options.Filter}'; groups: size, build, fill", output);
        if (options.IsJson)
        {
            BenchRecord.Write([.. sizes.Select(static figure => figure.ToRecord()), .. builds.Select(static figure => figure.ToRecord()), .. fills.Select(static figure => figure.ToRecord())], output.Text);
        }
        else
        {
            SizeFigure.Write(sizes, output);
            BuildFigure.Write(builds, output);
            FillFigure.Write(fills, output);
        }

        return sizes.TrueForAll(static figure => figure.Problem is null) && builds.TrueForAll(static figure => figure.Problem is null) && fills.TrueForAll(static figure => figure.Problem is null) ? 0 : 1;

        bool Chosen(string name)
        {
            if (!name.Contains(options.Filter, StringComparison.OrdinalIgnoreCase)) return false;
            output.Say(name);
            return true;
        }
    }

    private static int Refuse(string problem, BenchOutput output)
    {
        output.Error.WriteLine($"opal bench batcher: {problem}");
        return 2;
    }
}
