using Opal.Cli.Geth;

namespace Opal.Cli.Tests.Geth;

public sealed class WorkProgressTests
{
    private sealed class Clock : TimeProvider
    {
        public TimeSpan Now { get; set; }

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Now.Ticks;
    }

    [Fact]
    public void Nothing_is_shown_in_the_first_two_seconds_and_then_rate_and_time_left()
    {
        var clock = new Clock();
        var output = new StringWriter();
        var progress = new WorkProgress("importing", output, terminal: false, clock);
        for (int second = 0; second <= 20; second++)
        {
            clock.Now = TimeSpan.FromSeconds(second);
            progress.Report(second / 100.0, elapsed => WorkProgress.Rate(second * 50, elapsed, "blocks"));
        }

        progress.Finish(elapsed => $"done in {elapsed.TotalSeconds:F0} s");
        Assert.Equal(["importing  2 %, 50 blocks/s, 1m38s left", "importing 10 %, 50 blocks/s, 1m30s left", "importing 18 %, 50 blocks/s, 1m22s left", "done in 20 s", ""], output.ToString().Split('\n'));
    }

    [Fact]
    public void A_terminal_gets_a_bar_that_is_wiped_at_the_end()
    {
        var clock = new Clock();
        var output = new StringWriter();
        var progress = new WorkProgress("exporting", output, terminal: true, clock);
        clock.Now = TimeSpan.FromSeconds(3);
        progress.Report(0.5, _ => "block 5");
        progress.Finish(_ => "done");
        Assert.Equal("\r\e[2K[============            ] exporting 50 %, block 5, 3s left\r\e[2Kdone\n", output.ToString());
    }
}
