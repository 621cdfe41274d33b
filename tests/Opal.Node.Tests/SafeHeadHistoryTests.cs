using Opal.Protocol;
using Opal.Testing;

namespace Opal.Node.Tests;

public sealed class SafeHeadHistoryTests
{
    private readonly SafeHeadHistory _history = new(capacity: 8);

    [Fact]
    [Case("D-DB-01 D-DB-02")]
    public void The_newest_record_at_or_before_answers()
    {
        Assert.False(_history.TryGet(5, out _, out _));
        Record(5, 10);
        Record(5, 12);
        Record(8, 20);
        Assert.False(_history.TryGet(4, out _, out _));
        Assert.Equal(12ul, At(5));
        Assert.Equal(12ul, At(7));
        Assert.Equal(20ul, At(8));
        Assert.Equal(20ul, At(1000));
    }

    [Fact]
    [Case("D-DB-03")]
    public void A_reset_into_the_middle_rewrites_the_record_that_passed_the_safe_head()
    {
        Record(5, 10);
        Record(6, 20);
        Record(7, 30);
        _history.ResetTo(Ids.L2(15).Id);
        Assert.Equal(10ul, At(5));
        Assert.Equal(15ul, At(6));
        Assert.Equal(15ul, At(7));
    }

    [Fact]
    [Case("D-DB-03")]
    public void A_reset_before_the_first_record_leaves_nothing()
    {
        Record(5, 10);
        Record(6, 20);
        _history.ResetTo(Ids.L2(10).Id);
        Assert.False(_history.TryGet(100, out _, out _));
    }

    [Fact]
    public void A_reset_above_everything_changes_nothing()
    {
        Record(5, 10);
        _history.ResetTo(Ids.L2(11).Id);
        Assert.Equal(10ul, At(5));
    }

    [Fact]
    public void It_stays_bounded()
    {
        for (ulong i = 1; i <= 100; i++) Record(i, i);
        Assert.False(_history.TryGet(80, out _, out _));
        Assert.Equal(100ul, At(100));
    }

    private void Record(ulong l1, ulong l2) => _history.Record(Ids.L1(l1).Id, Ids.L2(l2).Id);

    private ulong At(ulong l1)
    {
        Assert.True(_history.TryGet(l1, out _, out BlockId safe));
        return safe.Number;
    }
}
