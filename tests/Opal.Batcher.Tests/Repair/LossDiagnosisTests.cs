using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher.Tests.Repair;

public sealed class LossDiagnosisTests
{
    private static readonly Address Sender = Address.FromNumber(0xba), Other = Address.FromNumber(0xbb), Inbox = Address.FromNumber(0xff);

    private static PostedBlock Block(ulong number, ulong origin) => new(new BlockId(Hash256.FromUInt256(number), number), 2 * number, origin, origin * 12, false);

    private static L1Inclusion At(ulong block, ulong index = 0) => new(Hash256.FromUInt256(block), new BlockId(Hash256.FromUInt256(block), block), index);

    /// <summary>Two transactions in L1 blocks 60 and 61, in time and order, with nothing wrong.</summary>
    private static readonly LossFacts Good = new()
    {
        Channel = default, First = Block(11, 50), Last = Block(20, 52), Inclusions = [At(60), At(61)], Safe = new BlockId(default, 10), FirstUnsafeOrigin = 50, ChannelTimeout = 20, SequencingWindow = 100,
        Sender = Sender, Batcher = Sender, Inbox = Inbox, RollupInbox = Inbox, IsOnL2 = true,
    };

    private static void Expect(LossRule rule, LossFacts facts, string words)
    {
        LossDiagnosis diagnosis = LossDiagnosis.Of(facts);
        Assert.Equal(rule, diagnosis.Rule);
        Assert.Contains(words, diagnosis.ToString(), StringComparison.Ordinal);
        Assert.Equal((11ul, 20ul), (diagnosis.FirstBlock, diagnosis.LastBlock));
    }

    [Fact]
    public void Each_rule_is_found_by_what_it_leaves_behind()
    {
        Expect(LossRule.Unknown, Good, "see what the node says");
        Expect(LossRule.ReorgedOut, Good with { Inclusions = [At(60), null] }, "transaction 2 of 2");
        Expect(LossRule.WrongInbox, Good with { RollupInbox = Other }, $"{Other}");
        Expect(LossRule.NotTheBatcher, Good with { Batcher = Other }, $"{Other}");
        Expect(LossRule.ChannelTimeout, Good with { Inclusions = [At(60), At(81)] }, "60 to 81");
        Expect(LossRule.SequencingWindow, Good with { Inclusions = [At(150), At(151)] }, "ended with L1 block 150");
        Expect(LossRule.FramesOutOfOrder, Good with { Inclusions = [At(61), At(60)] }, "L1 block 60");
        Expect(LossRule.FramesOutOfOrder, Good with { Inclusions = [At(60, 3), At(60, 2)] }, "L1 block 60");
        Expect(LossRule.BlocksReplaced, Good with { IsOnL2 = false }, "another block 20");
        Expect(LossRule.BehindMissingBlocks, Good with { Safe = new BlockId(default, 9) }, "safe head is 9");
    }

    [Fact]
    public void A_channel_that_was_complete_before_the_one_it_builds_on_came_too_early()
    {
        Expect(LossRule.BehindMissingBlocks, Good with { Before = new ChannelPlace(default, At(62)) }, "complete in L1 block 61, before channel");
        Expect(LossRule.BehindMissingBlocks, Good with { Before = new ChannelPlace(default, At(61, 1)) }, "complete in L1 block 61, before channel");
        Expect(LossRule.Unknown, Good with { Before = new ChannelPlace(default, At(60)) }, "see what the node says");
    }

    [Fact]
    public void A_channel_that_another_begins_within_is_out_of_order() =>
        Expect(LossRule.FramesOutOfOrder, Good with { Between = new ChannelPlace(default, At(60, 1)) }, "begins in L1 block 60, between its frames in L1 blocks 60 to 61");

    [Fact]
    public void Before_Holocene_order_is_no_reason()
    {
        LossFacts before = Good with { IsInOrderOnly = false };
        Expect(LossRule.Unknown, before with { Inclusions = [At(61), At(60)] }, "see what the node says");
        Expect(LossRule.Unknown, before with { Between = new ChannelPlace(default, At(60, 1)), Before = new ChannelPlace(default, At(62)) }, "see what the node says");
        Expect(LossRule.BehindMissingBlocks, before with { Safe = new BlockId(default, 9) }, "safe head is 9");
        Expect(LossRule.ChannelTimeout, before with { Inclusions = [At(81), At(60)] }, "60 to 81");
    }

    [Fact]
    public void At_the_bounds_of_timeout_and_window_it_still_counts()
    {
        Expect(LossRule.Unknown, Good with { Inclusions = [At(60), At(80)] }, "see what the node says");
        Expect(LossRule.Unknown, Good with { Inclusions = [At(149), At(150)] }, "see what the node says");
    }

    [Fact]
    public void What_is_not_known_accuses_nobody() =>
        Expect(LossRule.Unknown, Good with { Sender = null, Batcher = Other, RollupInbox = null }, "see what the node says");

    [Fact]
    public void Of_several_reasons_the_first_on_the_way_is_told() =>
        Expect(LossRule.NotTheBatcher, Good with { Batcher = Other, IsOnL2 = false, Inclusions = [At(61), At(60)] }, "SystemConfig");
}
