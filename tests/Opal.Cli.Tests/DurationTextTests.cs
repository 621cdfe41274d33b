using Opal.JsonRpc;

namespace Opal.Cli.Tests;

public sealed class DurationTextTests
{
    [Theory]
    [InlineData("300ms", 300), InlineData("12s", 12_000), InlineData("2m", 120_000), InlineData("1h30m", 5_400_000), InlineData("2", 2_000), InlineData("0.5s", 500)]
    public void Durations_are_read(string text, int milliseconds)
    {
        Assert.True(DurationText.TryParse(text, out TimeSpan duration));
        Assert.Equal(milliseconds, duration.TotalMilliseconds);
    }

    [Theory]
    [InlineData(""), InlineData("s"), InlineData("1x"), InlineData("1m30"), InlineData("-1s"), InlineData("1 s")]
    public void Other_text_is_refused(string text) => Assert.False(DurationText.TryParse(text, out _));
}
