using Opal.Benchmarks;

namespace Opal.Cli.Tests.Bench;

public sealed class StatisticsTests
{
    [Fact]
    public void Samples_are_ordered_and_an_odd_number_has_its_middle_as_median()
    {
        var samples = new Samples([3, 1, 2]);
        Assert.Equal((3, 1.0, 2.0, 3.0), (samples.Runs, samples.Min, samples.Median, samples.Max));
    }

    [Fact]
    public void The_median_of_an_even_number_is_the_mean_of_the_two_in_the_middle() => Assert.Equal(2.5, new Samples([4, 1, 3, 2]).Median);

    [Fact]
    public void No_runs_are_no_samples() => Assert.Throws<ArgumentException>(() => new Samples([]));

    [Fact]
    public void The_spread_leaves_out_the_ends()
    {
        double[] times = Enumerable.Range(0, 101).Select(i => (double)i).ToArray();
        times[100] = 1_000_000;
        Assert.Equal(80, new Samples(times).Spread);
    }

    [Fact]
    public void Overhead_is_taken_off_rank_by_rank_and_divided_by_the_loop()
    {
        Samples net = new Samples([10, 12, 30]).Less(new Samples([2, 4, 100]), 2);
        Assert.Equal((4.0, 4.0, 13.0), (net.Min, net.Median, net.Max));
    }

    [Fact]
    public void An_overhead_larger_than_the_time_leaves_a_positive_time()
    {
        Samples net = new Samples([1, 1, 1]).Less(new Samples([2, 2, 2]), 1);
        Assert.True(net.Min > 0 && net.Median >= net.Min && net.Max >= net.Median);
    }

    [Fact]
    public void The_geometric_mean_of_1_and_100_is_10() => Assert.Equal(10, Means.Geometric([1, 100])!.Value, 9);

    [Fact]
    public void Nothing_has_no_geometric_mean() => Assert.Null(Means.Geometric([]));

    [Theory]
    [InlineData(0.7, "NO")]
    [InlineData(0.8, "yes")]
    [InlineData(1.0, "goal")]
    public void A_ratio_is_judged_by_must_and_goal(double ratio, string verdict) =>
        Assert.Equal(verdict, new Target("f", 1, 1, ratio, 0.8, 1.0, TargetKind.Ratio).Verdict);

    [Theory]
    [InlineData(13.0, "NO")]
    [InlineData(12.0, "yes")]
    [InlineData(6.0, "goal")]
    public void A_time_must_not_be_larger(double ms, string verdict) => Assert.Equal(verdict, new Target("f", ms, null, null, 12, 6, TargetKind.AtMost).Verdict);

    [Fact]
    public void What_was_not_measured_is_not_judged() => Assert.Equal("-", new Target("f", 1, null, null, 1.6, 2, TargetKind.Ratio).Verdict);
}
