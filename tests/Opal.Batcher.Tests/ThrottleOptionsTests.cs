namespace Opal.Batcher.Tests;

public sealed class ThrottleOptionsTests
{
    private static readonly ThrottleOptions Defaults = new();

    [Fact]
    public void The_defaults_are_sound_for_every_controller()
    {
        foreach (ThrottleControllerType type in Enum.GetValues<ThrottleControllerType>())
        {
            Assert.Null((Defaults with { Controller = type }).FindFault());
            Assert.Null(ThrottleOptions.SecondGeneration(type, 1_000_000, 2).FindFault());
        }

        Assert.Null(ThrottleOptions.FirstGeneration().FindFault());
    }

    public static TheoryData<ThrottleOptions, string> Contradictions => new()
    {
        { Defaults with { UpperThreshold = 3_200_000 }, "upper threshold (3200000 bytes) must be more than the lower threshold (3200000 bytes)" },
        { Defaults with { Controller = ThrottleControllerType.Linear, UpperThreshold = 5 }, "upper threshold (5 bytes)" },
        { Defaults with { BlockSizeLowerLimit = 130_000 }, "upper limit of a block (130000 bytes) must be more than the lower limit (130000 bytes)" },
        { Defaults with { Controller = ThrottleControllerType.Step, BlockSizeLowerLimit = 130_001 }, "upper limit of a block" },
        { Defaults with { BlockSizeUpperLimit = 0 }, "upper limit of a block (0 bytes)" },
        { Defaults with { TransactionSizeLowerLimit = 20_000 }, "upper limit of a transaction (20000 bytes) must be more than the lower limit (20000 bytes)" },
        { Defaults with { Controller = ThrottleControllerType.Pid, Pid = new PidOptions { Proportional = -1 } }, "kp is -1" },
        { Defaults with { Controller = ThrottleControllerType.Pid, Pid = new PidOptions { Integral = double.NaN } }, "ki is NaN" },
        { Defaults with { Controller = ThrottleControllerType.Pid, Pid = new PidOptions { Derivative = double.PositiveInfinity } }, "kd is" },
        { Defaults with { Controller = ThrottleControllerType.Pid, Pid = new PidOptions { IntegralMax = 0 } }, "integral maximum is 0" },
        { Defaults with { Controller = ThrottleControllerType.Pid, Pid = new PidOptions { OutputMax = 1.5 } }, "output maximum is 1.5" },
        { Defaults with { Controller = ThrottleControllerType.Pid, Pid = new PidOptions { SampleTime = TimeSpan.Zero } }, "sample time" },
    };

    [Theory, MemberData(nameof(Contradictions))]
    public void Contradictions_are_named_with_both_values(ThrottleOptions options, string says)
    {
        Assert.Contains(says, options.FindFault(), StringComparison.Ordinal);
        Assert.Null((options with { LowerThreshold = 0 }).FindFault()); // switched off, nothing else matters
    }

    [Fact]
    public void What_a_controller_does_not_use_may_be_anything()
    {
        Assert.Null((Defaults with { Controller = ThrottleControllerType.Step, UpperThreshold = 1, TransactionSizeLowerLimit = 50_000, BlockSizeUpperLimit = 0 }).FindFault());
        Assert.Null((Defaults with { Controller = ThrottleControllerType.Pid, UpperThreshold = 1 }).FindFault());
        Assert.Null((Defaults with { Pid = new PidOptions { OutputMax = 7 } }).FindFault());
        Assert.Null((Defaults with { TransactionSizeLowerLimit = 0, TransactionSizeUpperLimit = 0, BlockSizeLowerLimit = 0, BlockSizeUpperLimit = 0 }).FindFault());
    }

    /// <summary>The first generation: the smaller of two block limits, of which 0 is none.</summary>
    [Theory]
    [InlineData(21_000, 130_000, 21_000, 130_000), InlineData(0, 130_000, 130_000, 130_000), InlineData(200_000, 130_000, 130_000, 130_000), InlineData(21_000, 0, 21_000, 0), InlineData(0, 0, 0, 0)]
    public void The_first_generation_of_flags_is_a_step(ulong block, ulong always, ulong slow, ulong otherwise)
    {
        ThrottleOptions options = ThrottleOptions.FirstGeneration(1_000, 500, block, always);
        Assert.Null(options.FindFault());
        Assert.Equal(new ThrottleLimits(500, slow, 1), ThrottleLimits.At(options.Controller, CurveController.Intensity(options.Controller, 1_001, 1_000, 0), options));
        Assert.Equal(new ThrottleLimits(0, otherwise, 0), ThrottleLimits.At(options.Controller, CurveController.Intensity(options.Controller, 1_000, 1_000, 0), options));
    }

    [Fact]
    public void The_second_generation_has_the_upper_threshold_as_a_multiple()
    {
        ThrottleOptions options = ThrottleOptions.SecondGeneration(ThrottleControllerType.Linear, 1_000_000, 2.5, transactionSize: 15_000);
        Assert.Equal((2_500_000UL, 15_000UL, 30_000UL, 21_000UL, 130_000UL),
            (options.UpperThreshold, options.TransactionSizeLowerLimit, options.TransactionSizeUpperLimit, options.BlockSizeLowerLimit, options.BlockSizeUpperLimit));
        Assert.Contains("upper threshold (1000000 bytes)", ThrottleOptions.SecondGeneration(ThrottleControllerType.Linear, 1_000_000, 1).FindFault(), StringComparison.Ordinal);
        Assert.Equal(ulong.MaxValue, ThrottleOptions.SecondGeneration(ThrottleControllerType.Linear, 1_000_000, 1e30).UpperThreshold);
    }
}
