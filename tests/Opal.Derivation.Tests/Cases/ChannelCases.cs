using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

/// <summary>Frame order, channel bank, assembler and reader beside what <see cref="ChannelTests"/> and <see cref="HoloceneTests"/> hold.</summary>
public sealed class ChannelCases
{
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 2)]
    [Case("D-FQ-04 D-CA-01 V-21")]
    public void A_first_frame_again_restarts_the_channel_in_another_item_but_not_in_the_same(bool oneItem, ulong derived)
    {
        TestNet net = CaseNet.Sequenced(OptimismFork.Holocene, 2);
        ChannelId id = net.NewChannel();
        Frame[] given = net.Cut(new byte[100], 3, id)[..2], again = net.Cut(CaseNet.Singulars(net, 1, 2), 2, id);
        net.L1.Mine(oneItem ? [net.Post([.. given, .. again])] : [net.Post(given), net.Post(again)]);
        net.Sync();
        net.AssertSafeIsSequenced(derived);
        if (oneItem) Assert.Equal([FrameRule.OutOfOrder, FrameRule.OutOfOrder], net.Observer.Frames);
        else Assert.Equal([ChannelRule.Replaced], net.Observer.Channels);
    }

    [Theory]
    [InlineData(20, 2)]
    [InlineData(21, 0)]
    [Case("D-CB-01")]
    public void Any_frame_opens_a_channel_at_its_L1_block(int later, ulong derived)
    {
        TestNet net = CaseNet.Sequenced(OptimismFork.Fjord, 2, static config => config with { SequencingWindowSize = 200 });
        Frame[] frames = net.Cut(CaseNet.Singulars(net, 1, 2), 3);
        net.L1.Mine([net.Post(frames[2])]); // the last comes first
        for (int i = 1; i < later - 1; i++) net.L1.Mine();
        net.L1.Mine([net.Post(frames[1])]);
        net.L1.Mine([net.Post(frames[0])]);
        net.Sync();
        net.AssertSafeIsSequenced(derived);
    }

    [Fact]
    [Case("D-CB-07")]
    public void A_channel_that_is_ready_leaves_before_the_next_frame_can_push_it_out()
    {
        TestNet net = CaseNet.Sequenced(OptimismFork.Ecotone, 2);
        Frame[] first = net.Cut(CaseNet.Singulars(net, 1, 2), 2);
        ChannelId big = net.NewChannel();
        var filler = new byte[1_000_000];
        net.L1.Mine([net.Post(first[0]), .. Enumerable.Range(0, 99).Select(index => net.Post(new Frame(big, (ushort)index, filler, false)))]);
        net.L1.Mine([net.Post(first[1], new Frame(big, 99, filler, false))]);
        net.Sync();
        net.AssertSafeIsSequenced(2);
        Assert.Equal([ChannelRule.BankFull], net.Observer.Channels); // the big one
    }

    [Fact]
    [Case("D-CB-10")]
    public void Channels_that_timed_out_are_removed_from_the_front_and_reading_goes_on()
    {
        TestNet net = CaseNet.Sequenced(OptimismFork.Fjord, 2, static config => config with { SequencingWindowSize = 200 });
        Frame[] a = net.Cut(CaseNet.Singulars(net, 1), 2), b = net.Cut(CaseNet.Singulars(net, 1), 2), c = net.Cut(CaseNet.Singulars(net, 1, 2), 2);
        net.L1.Mine([net.Post(a[0]), net.Post(b[0])]);
        net.L1.Mine([net.Post(c[0])]);
        for (int i = 0; i < 19; i++) net.L1.Mine();
        net.L1.Mine([net.Post(c[1])]); // 20 blocks after c was opened, 21 after the others
        net.Sync();
        net.AssertSafeIsSequenced(2);
        Assert.Equal([ChannelRule.TimedOut, ChannelRule.TimedOut], net.Observer.Channels);
        Assert.Empty(net.Pipeline.OpenChannels());
    }

    [Theory]
    [InlineData(OptimismFork.Regolith)]
    [InlineData(OptimismFork.Canyon)]
    [Case("D-CB-11 D-CB-10")]
    public void A_frame_of_a_channel_read_already_opens_it_again_and_before_Canyon_holds_up_the_others(OptimismFork fork)
    {
        TestNet net = CaseNet.Sequenced(fork, 2, static config => config with { SequencingWindowSize = 200 });
        Frame[] frames = net.Cut(CaseNet.Singulars(net, 1), 2);
        net.L1.Mine([net.Post(frames)]);
        net.L1.Mine([net.Post(frames[0])]);
        net.L1.Mine([CaseNet.Whole(net, CaseNet.Singulars(net, 2))]);
        net.Sync();
        net.AssertSafeIsSequenced(fork == OptimismFork.Canyon ? 2UL : 1UL);
        for (int i = 0; i < 20; i++) net.L1.Mine();
        net.Sync();
        net.AssertSafeIsSequenced(2);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Case("D-CR-04")]
    public void Bytes_behind_the_compressed_stream_are_ignored(bool brotli)
    {
        TestNet net = CaseNet.Sequenced(OptimismFork.Holocene, 2);
        byte[] channel = TestNet.Compress(brotli, net.SingularOf(1), net.SingularOf(2));
        net.L1.Mine([CaseNet.Whole(net, [.. channel, 1, 2, 3, 0, 0xff])]);
        net.Sync();
        net.AssertSafeIsSequenced(2);
        Assert.Empty(net.Observer.Channels);
    }

    [Theory]
    [InlineData(OptimismFork.Granite, 10, true)]
    [InlineData(OptimismFork.Granite, 11, false)]
    [InlineData(OptimismFork.Holocene, 10, true)]
    [InlineData(OptimismFork.Holocene, 11, false)]
    [Case("D-CR-10")]
    public void A_batch_is_included_where_its_channel_is_complete(OptimismFork fork, int closing, bool taken)
    {
        TestNet net = CaseNet.Sequenced(fork, 1); // epoch 0, window 10
        Frame[] frames = net.Cut(CaseNet.Singulars(net, 1), 2);
        while (net.L1.Chain.Count < 9) net.L1.Mine();
        net.L1.Mine([net.Post(frames[0])]);
        while (net.L1.Chain.Count < closing) net.L1.Mine();
        net.L1.Mine([net.Post(frames[1])]);
        net.Sync();
        Assert.Equal(taken, net.Verifier.Chain[1].Hash == net.Sequencer.Chain[1].Hash);
        Assert.Equal(taken, net.Observer.Batches.Exists(static entry => entry.Check.Verdict == BatchVerdict.Accept));
    }
}
