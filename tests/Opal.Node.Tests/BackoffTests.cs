using Opal.Testing;

namespace Opal.Node.Tests;

public sealed class BackoffTests
{
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);

    [Fact]
    public void Waits_double_up_to_the_longest_and_success_starts_over()
    {
        var backoff = new Backoff(_time, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(5));
        Assert.True(backoff.IsDue);
        foreach (int seconds in (int[])[1, 2, 4, 5, 5])
        {
            backoff.Failed();
            Assert.Equal(_time.GetUtcNow().AddSeconds(seconds), backoff.NotBefore);
            Assert.False(backoff.IsDue);
            _time.Advance(TimeSpan.FromSeconds(seconds));
            Assert.True(backoff.IsDue);
        }

        Assert.Equal(5, backoff.Failures);
        backoff.Succeeded();
        Assert.Null(backoff.NotBefore);
        backoff.Failed();
        Assert.Equal(_time.GetUtcNow().AddSeconds(1), backoff.NotBefore);
    }
}
