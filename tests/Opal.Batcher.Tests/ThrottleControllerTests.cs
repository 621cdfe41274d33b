using Opal.Testing;

namespace Opal.Batcher.Tests;

public sealed class ThrottleControllerTests
{
    private static readonly ThrottleOptions Defaults = new();

    private static ThrottleLimits LimitsAt(ThrottleControllerType type, ulong backlog) =>
        ThrottleLimits.At(type, CurveController.Intensity(type, backlog, Defaults.LowerThreshold, Defaults.UpperThreshold), Defaults);

    [Theory]
    [InlineData(ThrottleControllerType.Step, 3_200_000, 0, 130_000), InlineData(ThrottleControllerType.Step, 3_200_001, 150, 2_000), InlineData(ThrottleControllerType.Step, 99_000_000, 150, 2_000)]
    [InlineData(ThrottleControllerType.Linear, 0, 0, 130_000), InlineData(ThrottleControllerType.Linear, 8_000_000, 10_075, 66_000), InlineData(ThrottleControllerType.Linear, 12_800_000, 150, 2_000)]
    [InlineData(ThrottleControllerType.Quadratic, 3_200_000, 0, 130_000), InlineData(ThrottleControllerType.Quadratic, 8_000_000, 15_037, 98_000)]
    [InlineData(ThrottleControllerType.Quadratic, 12_800_000, 150, 2_000), InlineData(ThrottleControllerType.Quadratic, ulong.MaxValue, 150, 2_000)]
    public void The_limits_follow_the_backlog(ThrottleControllerType type, ulong backlog, ulong transaction, ulong block)
    {
        ThrottleLimits limits = LimitsAt(type, backlog);
        Assert.Equal((transaction, block), (limits.TransactionBytes, limits.BlockBytes));
        Assert.Equal(backlog > Defaults.LowerThreshold, limits.IsThrottling);
    }

    [Theory]
    [InlineData(0, 0), InlineData(0, 5_000), InlineData(150, 0)]
    public void A_lower_limit_of_zero_switches_that_limit_off(ulong transaction, ulong block)
    {
        ThrottleOptions options = Defaults with { TransactionSizeLowerLimit = transaction, BlockSizeLowerLimit = block };
        foreach (double intensity in new[] { 0, 0.5, 1 })
        {
            ThrottleLimits limits = ThrottleLimits.At(ThrottleControllerType.Linear, intensity, options);
            if (transaction == 0) Assert.Equal(0UL, limits.TransactionBytes);
            if (block == 0) Assert.Equal(0UL, limits.BlockBytes);
            else Assert.NotEqual(0UL, limits.BlockBytes);
        }
    }

    /// <summary>Random thresholds and limits: more backlog never gives wider limits, and limits stay between their ends.</summary>
    [Theory]
    [InlineData(ThrottleControllerType.Step), InlineData(ThrottleControllerType.Linear), InlineData(ThrottleControllerType.Quadratic), InlineData(ThrottleControllerType.Pid)]
    public void More_backlog_never_widens_the_limits_and_they_stay_between_their_ends(ThrottleControllerType type)
    {
        var random = new Random(6 + (int)type);
        for (int round = 0; round < 400; round++)
        {
            ThrottleOptions options = RandomOptions(random, type);
            Assert.Null(options.FindFault());
            var history = Enumerable.Range(0, random.Next(0, 12)).Select(_ => (ulong)(random.NextDouble() * 3 * options.UpperThreshold)).ToArray();
            ThrottleLimits? narrower = null;
            foreach (ulong backlog in Enumerable.Range(0, 20).Select(_ => (ulong)(random.NextDouble() * 2 * options.UpperThreshold)).OrderDescending())
            {
                ThrottleLimits limits = After(options, history, backlog);
                Assert.InRange(limits.Intensity, 0, 1);
                AssertBetween(limits, options);
                if (narrower is { } tight)
                {
                    Assert.True(limits.Intensity <= tight.Intensity, $"{limits} after {tight}");
                    Assert.True(Width(limits.BlockBytes) >= Width(tight.BlockBytes) && Width(limits.TransactionBytes) >= Width(tight.TransactionBytes), $"{limits} after {tight}");
                }

                narrower = limits;
            }
        }
    }

    private static ulong Width(ulong limit) => limit == 0 ? ulong.MaxValue : limit;

    private static ThrottleOptions RandomOptions(Random random, ThrottleControllerType type)
    {
        ulong lower = (ulong)random.NextInt64(1, 10_000_000), blockLower = (ulong)random.NextInt64(1, 100_000), transactionLower = (ulong)random.NextInt64(1, 100_000);
        return new ThrottleOptions
        {
            Controller = type, LowerThreshold = lower, UpperThreshold = lower + (ulong)random.NextInt64(1, 50_000_000), BlockSizeLowerLimit = blockLower,
            BlockSizeUpperLimit = blockLower + (ulong)random.NextInt64(1, 1_000_000), TransactionSizeLowerLimit = transactionLower,
            TransactionSizeUpperLimit = transactionLower + (ulong)random.NextInt64(1, 1_000_000),
            Pid = new PidOptions { Proportional = random.NextDouble(), Integral = random.NextDouble() / 10, Derivative = random.NextDouble(), OutputMax = 0.1 + (0.9 * random.NextDouble()) },
        };
    }

    /// <summary>The limits for a backlog that comes after a history of others, two seconds apart.</summary>
    private static ThrottleLimits After(ThrottleOptions options, ulong[] history, ulong backlog)
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        IThrottleController controller = options.Create(options.Controller, options.Pid, time);
        foreach (ulong earlier in history)
        {
            controller.Next(earlier);
            time.Advance(TimeSpan.FromSeconds(2));
        }

        return ThrottleLimits.At(options.Controller, controller.Next(backlog), options);
    }

    private static void AssertBetween(ThrottleLimits limits, ThrottleOptions options)
    {
        if (!limits.IsThrottling)
        {
            Assert.Equal((0UL, options.BlockSizeUpperLimit), (limits.TransactionBytes, limits.BlockBytes));
            return;
        }

        Assert.InRange(limits.BlockBytes, options.BlockSizeLowerLimit, options.BlockSizeUpperLimit);
        Assert.InRange(limits.TransactionBytes, options.TransactionSizeLowerLimit, options.TransactionSizeUpperLimit);
    }

    [Fact]
    public void Pid_adds_up_proportion_integral_and_slope()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var pid = new PidController(1_000, new PidOptions { Proportional = 0.2, Integral = 0.01, Derivative = 0.1 }, time);
        Assert.Equal(0.1, pid.Next(1_500), 9); // no time has passed: proportion alone
        time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Equal(0.1, pid.Next(9_000), 9); // too early for another sample
        time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal((0.2 * 1) + (0.01 * 2) + (0.1 * 0.25), pid.Next(2_000), 9);
        time.Advance(TimeSpan.FromSeconds(4));
        Assert.Equal((0.2 * 1) + (0.01 * 6), pid.Next(2_000), 9);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(0, pid.Next(1_000)); // at the threshold all is forgotten
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal((0.2 * 1) + (0.01 * 2) + (0.1 * 0.5), pid.Next(2_000), 9);
        pid.Reset();
        Assert.Equal(0.2 * 1, pid.Next(2_000), 9);
    }

    [Fact]
    public void Pid_does_not_wind_up_while_it_is_at_its_maximum()
    {
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        var pid = new PidController(1_000_000, new PidOptions(), time);
        for (int i = 0; i < 1_800; i++)
        {
            pid.Next(8_000_000);
            time.Advance(TimeSpan.FromSeconds(2));
        }

        Assert.Equal(1, pid.Next(8_000_000));
        time.Advance(TimeSpan.FromSeconds(2));
        pid.Next(1_200_000);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.InRange(pid.Next(1_200_000), 0, 0.2); // an integral that had grown for an hour would hold it at 1
    }

    /// <summary>A sequencer that fills its blocks to the limit, an L1 that takes far less, then an hour of little traffic.</summary>
    [Theory]
    [InlineData(ThrottleControllerType.Step), InlineData(ThrottleControllerType.Linear), InlineData(ThrottleControllerType.Quadratic), InlineData(ThrottleControllerType.Pid)]
    public void The_closed_loop_keeps_the_backlog_bounded_and_lets_go_when_it_is_gone(ThrottleControllerType type)
    {
        ThrottleOptions options = Defaults with { Controller = type, LowerThreshold = 400_000, UpperThreshold = 1_600_000 };
        var time = new ManualTime(DateTimeOffset.UnixEpoch);
        IThrottleController controller = options.Create(type, options.Pid, time);
        ThrottleLimits limits = ThrottleLimits.At(type, 0, options);
        long backlog = 0, most = 0, sum = 0;
        int samples = 0, throttled = 0;
        for (int second = 2; second <= 4 * 3600; second += 2)
        {
            time.Advance(TimeSpan.FromSeconds(2));
            long demand = second <= 2 * 3600 ? 100_000 : 200;
            backlog += limits.BlockBytes == 0 ? demand : Math.Min(demand, (long)limits.BlockBytes);
            if (second % 12 == 0) backlog = Math.Max(0, backlog - 120_000); // L1 takes 10,000 bytes a second
            if (second % 6 == 0) limits = ThrottleLimits.At(type, controller.Next((ulong)backlog), options);
            most = Math.Max(most, backlog);
            if (second is <= 3600 or > 2 * 3600) continue;
            (sum, samples) = (sum + backlog, samples + 1);
            if (limits.IsThrottling) throttled++;
        }

        Assert.InRange(most, (long)options.LowerThreshold, (long)options.UpperThreshold + (3 * 130_000)); // three blocks go out between two looks
        Assert.InRange(sum / samples, 100_000, (long)options.UpperThreshold);
        Assert.InRange(throttled, samples / 4, samples);
        Assert.Equal((0, 0UL, options.BlockSizeUpperLimit), (limits.Intensity, limits.TransactionBytes, limits.BlockBytes));
        Assert.InRange(backlog, 0, (long)options.LowerThreshold);
    }
}
