using Opal.Protocol;
using Opal.Testing;

namespace Opal.Node.Tests;

public sealed class FinalityTrackerTests
{
    [Fact]
    [Case("D-FN-01")]
    public void A_finalized_L1_block_finalizes_what_was_safe_by_then()
    {
        var tracker = new FinalityTracker();
        tracker.Record(Ids.L1(10), Ids.L2(100));
        tracker.Record(Ids.L1(10), Ids.L2(103));
        tracker.Record(Ids.L1(12), Ids.L2(110));
        Assert.False(tracker.TryFind(Ids.L2(0), out _, out _));
        tracker.Signal(Ids.L1(9));
        Assert.False(tracker.TryFind(Ids.L2(0), out _, out _));
        tracker.Signal(Ids.L1(11));
        Assert.True(tracker.TryFind(Ids.L2(0), out L1BlockRef inclusion, out L2BlockRef safe));
        Assert.Equal((Ids.L1(10), Ids.L2(103)), (inclusion, safe));
        Assert.False(tracker.TryFind(Ids.L2(103), out _, out _));
        tracker.Signal(Ids.L1(12));
        Assert.True(tracker.TryFind(Ids.L2(103), out _, out safe));
        Assert.Equal(Ids.L2(110), safe);
    }

    [Fact]
    [Case("D-FN-03")]
    public void Older_signals_are_ignored()
    {
        var tracker = new FinalityTracker();
        Assert.True(tracker.Signal(Ids.L1(11)));
        Assert.False(tracker.Signal(Ids.L1(10)));
        Assert.Equal(Ids.L1(11), tracker.FinalizedL1);
    }

    [Fact]
    [Case("D-FN-04")]
    public void History_is_bounded_and_cleared_by_a_reset()
    {
        var tracker = new FinalityTracker(capacity: 3);
        for (ulong i = 1; i <= 5; i++) tracker.Record(Ids.L1(i), Ids.L2(i * 10));
        Assert.Equal(3, tracker.Count);
        tracker.Signal(Ids.L1(2));
        Assert.False(tracker.TryFind(Ids.L2(0), out _, out _));
        tracker.Clear();
        tracker.Signal(Ids.L1(5));
        Assert.False(tracker.TryFind(Ids.L2(0), out _, out _));
    }

    [Fact]
    [Case("D-FN-03")]
    public void Records_of_a_replaced_L1_chain_do_not_survive()
    {
        var tracker = new FinalityTracker();
        tracker.Record(Ids.L1(10), Ids.L2(100));
        tracker.Record(Ids.L1(11), Ids.L2(110));
        tracker.Record(Ids.L1(11, fork: 1), Ids.L2(105));
        tracker.Signal(Ids.L1(12, fork: 1));
        Assert.True(tracker.TryFind(Ids.L2(0), out L1BlockRef inclusion, out _));
        Assert.Equal(Ids.L1(11, fork: 1), inclusion);
    }
}
