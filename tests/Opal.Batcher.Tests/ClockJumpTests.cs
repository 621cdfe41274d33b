using Microsoft.Extensions.Logging.Abstractions;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Testing;
using Opal.TxManager;

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

    [Fact]
    public async Task An_alarm_for_a_rival_lasts_as_long_as_before()
    {
        var steady = new ManualTime(DateTimeOffset.UnixEpoch.AddDays(10));
        var time = new JumpingTime(steady);
        var log = new WatchLog();
        var l1 = new WatchedL1();
        var alarms = new OperatorAlarms(time, log);
        await using var watch = new RivalWatch(l1.Rpc, l1.Batcher.Address, WatchedL1.Inbox, static _ => false, NativeCrypto.Instance, alarms, time, log);
        await watch.BeginAsync(0, default);
        l1.Mine(l1.Sign(0, [0]));
        await watch.LookAsync(default);
        time.Jump = TimeSpan.FromHours(7);
        await watch.LookAsync(default);
        Assert.Single(alarms.Current);
        time.Jump = TimeSpan.FromHours(-7);
        steady.Advance(new RivalWatchOptions().Memory);
        await watch.LookAsync(default);
        Assert.Empty(alarms.Current);
    }
}
