using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;
using Opal.Testing;

namespace Opal.Batcher.Tests;

/// <summary>The machine's time of day is set back or forth: what is due by the time that has passed stays due.</summary>
public sealed class ClockJumpTests
{
    [Theory]
    [InlineData(-36), InlineData(36)]
    public async Task Limits_are_told_again_as_often_as_before(int hours)
    {
        var steady = new ManualTime(DateTimeOffset.UnixEpoch.AddDays(10));
        var time = new JumpingTime(steady);
        int told = 0;
        var client = new InProcessRpcClient(new RpcRegistry().Register("miner_setMaxDASize", _ =>
        {
            Interlocked.Increment(ref told);
            return RpcResult.True;
        }), "l2");
        ThrottleOptions options = ThrottleOptions.FirstGeneration();
        await using var throttle = new SequencerThrottle(options, [client], time, NullLogger.Instance);
        await ApplyAsync(throttle);
        time.Jump = TimeSpan.FromHours(hours);
        await ApplyAsync(throttle);
        Assert.Equal(1, told);
        steady.Advance(options.ReassertInterval);
        await ApplyAsync(throttle);
        Assert.Equal(2, told);
    }

    private static async Task ApplyAsync(SequencerThrottle throttle)
    {
        await throttle.ApplyAsync(0, default);
        await throttle.Settled.WaitAsync(TimeSpan.FromSeconds(30));
    }
}
