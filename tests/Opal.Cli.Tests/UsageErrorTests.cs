namespace Opal.Cli.Tests;

public sealed class UsageErrorTests
{
    [Theory]
    [InlineData("--verifer", "--verifier")]
    [InlineData("--dtadir", "--datadir")]
    [InlineData("--l1block-time", "--l1-block-time")]
    [InlineData("--port_offset", "--port-offset")]
    public void The_nearest_flag_is_found(string typed, string meant) =>
        Assert.Equal(meant, UsageErrors.Nearest(typed, ["--datadir", "--verifier", "--l1", "--l1-block-time", "--l2-block-time", "--port-offset"]));

    [Fact]
    public void A_word_that_resembles_nothing_gets_no_advice() => Assert.Null(UsageErrors.Nearest("--xyzzy", ["--datadir", "--verifier"]));
}
