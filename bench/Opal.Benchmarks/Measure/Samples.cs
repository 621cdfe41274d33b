namespace Opal.Benchmarks;

/// <summary>The times of repeated runs, in seconds.</summary>
internal sealed class Samples
{
    private readonly double[] _sorted;

    /// <param name="seconds">At least one time, in any order.</param>
    public Samples(IEnumerable<double> seconds)
    {
        _sorted = seconds.ToArray();
        if (_sorted.Length == 0) throw new ArgumentException("no runs", nameof(seconds));
        Array.Sort(_sorted);
    }

    public int Runs => _sorted.Length;

    public double Min => _sorted[0];

    public double Max => _sorted[^1];

    /// <summary>The middle run; the mean of the two in the middle where their number is even.</summary>
    public double Median => _sorted.Length % 2 == 1
        ? _sorted[_sorted.Length / 2]
        : (_sorted[(_sorted.Length / 2) - 1] + _sorted[_sorted.Length / 2]) / 2;

    /// <summary>From the tenth to the ninetieth of a hundred runs: how much a single run cannot be trusted.</summary>
    public double Spread => Quantile(0.9) - Quantile(0.1);

    private double Quantile(double q) => _sorted[(int)Math.Round(q * (_sorted.Length - 1))];

    /// <summary>Each of minimum, median and maximum less the cost that <paramref name="overhead"/> has at that rank, divided by <paramref name="times"/>.</summary>
    /// <remarks>
    /// The largest run loses the overhead's median only: the two maxima have nothing to do with each other. Never below a nanosecond,
    /// so that ratios stay finite; <see cref="Spread"/> of the overhead says whether the difference means anything.
    /// </remarks>
    public Samples Less(Samples overhead, int times)
    {
        const double Least = 1e-9;
        double min = Math.Max(Min - overhead.Min, Least) / times;
        double median = Math.Max(Math.Max(Median - overhead.Median, Least) / times, min);
        double max = Math.Max(Math.Max(Max - overhead.Median, Least) / times, median);
        return new Samples([min, median, max]);
    }
}
