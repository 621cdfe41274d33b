using Opal.Batcher;
using Opal.Cli.Batcher;
using Opal.Cli.Flags;
using Opal.Cli.Tests.Flags;

namespace Opal.Cli.Tests.Batcher;

/// <summary>The throttle's flags of three generations, and mixes of them.</summary>
public sealed class ThrottleSettingsTests
{
    private static FlagValues Parse(string line, params (string, string)[] environment) => FlagChecks.Parse(BatcherFlags.Table, line.Split(' ', StringSplitOptions.RemoveEmptyEntries), environment);

    [Fact]
    public void Without_flags_it_is_the_newest_generations_default()
    {
        ThrottleOptions options = ThrottleSettings.Read(Parse(""));
        Assert.Equal(new ThrottleOptions(), options);
    }

    [Fact]
    public void The_oldest_generation_is_a_step_with_the_limits_of_its_time()
    {
        ThrottleOptions options = ThrottleSettings.Read(Parse("--throttle-threshold=500000 --throttle-always-block-size=90000"));
        Assert.Equal((ThrottleControllerType.Step, 500_000ul, 5_000ul, 21_000ul, 90_000ul),
            (options.Controller, options.LowerThreshold, options.TransactionSizeLowerLimit, options.BlockSizeLowerLimit, options.BlockSizeUpperLimit));
        options = ThrottleSettings.Read(Parse("", ("OP_BATCHER_THROTTLE_TX_SIZE", "300"), ("OP_BATCHER_THROTTLE_BLOCK_SIZE", "4000")));
        Assert.Equal((ThrottleControllerType.Step, 1_000_000ul, 300ul, 4_000ul), (options.Controller, options.LowerThreshold, options.TransactionSizeLowerLimit, options.BlockSizeLowerLimit));
    }

    [Fact]
    public void The_middle_generation_has_controllers_and_a_multiplier()
    {
        ThrottleOptions options = ThrottleSettings.Read(Parse("--throttle-controller-type=linear --throttle-threshold=500000 --throttle-threshold-multiplier=2.5 --throttle-pid-kp=0.5"));
        Assert.Equal((ThrottleControllerType.Linear, 500_000ul, 1_250_000ul, 0.5), (options.Controller, options.LowerThreshold, options.UpperThreshold, options.Pid.Proportional));
        options = ThrottleSettings.Read(Parse("--throttle-threshold=500000 --throttle-max-threshold=900000 --throttle-controller-type=quadratic"));
        Assert.Equal((ThrottleControllerType.Quadratic, 900_000ul), (options.Controller, options.UpperThreshold));
    }

    [Fact]
    public void The_newest_generation_sets_each_value()
    {
        ThrottleOptions options = ThrottleSettings.Read(Parse("--throttle.controller-type=pid --throttle.lower-threshold=1000 --throttle.upper-threshold=2000 --throttle.tx-size-lower-limit=10 --throttle.tx-size-upper-limit=20 "
            + "--throttle.block-size-lower-limit=30 --throttle.block-size-upper-limit=40 --throttle.pid-ki=0.2 --throttle.pid-kd=0.3 --throttle.pid-integral-max=5 --throttle.pid-output-max=0.5 --throttle.pid-sample-time=3s --network-timeout=4s"));
        Assert.Equal(new ThrottleOptions
        {
            Controller = ThrottleControllerType.Pid, LowerThreshold = 1000, UpperThreshold = 2000, TransactionSizeLowerLimit = 10, TransactionSizeUpperLimit = 20, BlockSizeLowerLimit = 30,
            BlockSizeUpperLimit = 40, NetworkTimeout = TimeSpan.FromSeconds(4),
            Pid = new PidOptions { Integral = 0.2, Derivative = 0.3, IntegralMax = 5, OutputMax = 0.5, SampleTime = TimeSpan.FromSeconds(3) },
        }, options);
        Assert.Equal(0ul, ThrottleSettings.Read(Parse("--throttle.lower-threshold=0")).LowerThreshold);
    }

    [Theory]
    [InlineData("--throttle-threshold=5 --throttle.lower-threshold=6", "--throttle-threshold", "--throttle.lower-threshold")]
    [InlineData("--throttle-tx-size=5 --throttle.tx-size-lower-limit=6", "--throttle-tx-size", "--throttle.tx-size-lower-limit")]
    [InlineData("--throttle-block-size=5 --throttle.block-size-lower-limit=6", "--throttle-block-size", "--throttle.block-size-lower-limit")]
    [InlineData("--throttle-threshold-multiplier=2 --throttle-max-threshold=6", "--throttle-threshold-multiplier", "--throttle-max-threshold")]
    [InlineData("--throttle-pid-kp=1 --throttle.pid-kp=2", "--throttle-pid-kp", "--throttle.pid-kp")]
    [InlineData("--throttle-always-block-size=1 --throttle.block-size-upper-limit=2", "--throttle-always-block-size", "--throttle.block-size-upper-limit")]
    [InlineData("--throttle.lower-threshold=2000 --throttle.upper-threshold=1000", "2000", "1000")]
    [InlineData("--throttle.block-size-lower-limit=2000 --throttle.block-size-upper-limit=1000", "2000", "1000")]
    public void A_mix_that_contradicts_itself_is_refused_with_both_names(string line, string one, string other)
    {
        FlagException error = Assert.Throws<FlagException>(() => ThrottleSettings.Read(Parse(line)));
        Assert.Contains(one, error.Message);
        Assert.Contains(other, error.Message);
    }

    [Fact]
    public void A_variable_of_an_older_generation_is_named_in_the_refusal()
    {
        FlagException error = Assert.Throws<FlagException>(() => ThrottleSettings.Read(Parse("--throttle.lower-threshold=6", ("OP_BATCHER_THROTTLE_THRESHOLD", "5"))));
        Assert.Contains("OP_BATCHER_THROTTLE_THRESHOLD", error.Message);
    }
}
