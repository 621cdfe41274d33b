using Opal.Protocol;
using Opal.Testing;

namespace Opal.Derivation.Tests;

public sealed class ChannelTests
{
    private static TestNet NetWith(OptimismFork fork, ulong blocks, Func<RollupConfig, RollupConfig>? change = null)
    {
        var net = new TestNet(fork, change);
        while ((ulong)net.L1.Chain.Count * FakeL1.BlockTime <= blocks * 2) net.L1.Mine();
        while (net.Sequencer.HeadRef.Number < blocks) net.Sequence(1);
        return net;
    }

    private static byte[] Channel(TestNet net, params ulong[] order) => TestNet.Compress(false, [.. order.Select(net.SingularOf)]);

    private static RollupConfig LongWindow(RollupConfig config) => config with { SequencingWindowSize = 200 };

    [Theory]
    [InlineData(OptimismFork.Fjord, 20, true)] // S-DE-05: before Granite the config's 20
    [InlineData(OptimismFork.Fjord, 21, false)] // S-DE-04
    [InlineData(OptimismFork.Granite, 50, true)] // Granite's 50
    [InlineData(OptimismFork.Granite, 51, false)]
    [InlineData(OptimismFork.Holocene, 50, true)]
    [InlineData(OptimismFork.Holocene, 51, false)]
    [Case("D-CB-02 D-CA-03")]
    public void S_DE_04_05_D_CB_02_D_CA_03_a_channel_times_out_after_so_many_blocks(OptimismFork fork, int later, bool derived)
    {
        TestNet net = NetWith(fork, 2, LongWindow);
        Frame[] frames = net.Cut(Channel(net, 1, 2), 2);
        net.L1.Mine([net.Post(frames[0])]);
        for (int i = 1; i < later; i++) net.L1.Mine();
        net.L1.Mine([net.Post(frames[1])]);
        net.Sync();
        net.AssertSafeIsSequenced(derived ? 2UL : 0UL);
        if (!derived) Assert.Contains(ChannelRule.TimedOut, net.Observer.Channels);
        net.L1.Mine([net.Post(net.Cut(Channel(net, 1, 2), 2))]);
        net.Sync();
        net.AssertSafeIsSequenced(2);
    }

    [Fact]
    [Case("D-CK-01")]
    public void D_CK_01_S_UP_07_granites_timeout_holds_at_once_for_channels_opened_before()
    {
        // open for 60 of 100 blocks when Granite sets 50
        var forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Fjord) with { Granite = TestNet.GenesisTime + (12 * 61) };
        foreach (bool inGranite in (bool[])[false, true])
        {
            var net = new TestNet(forks, static config => LongWindow(config) with { ChannelTimeoutBlocks = 100 });
            for (int i = 0; i < 2; i++) net.Sequence(1);
            Frame[] frames = net.Cut(Channel(net, 1, 2), 2);
            net.L1.Mine([net.Post(frames[0])]);
            while (net.L1.Chain.Count < (inGranite ? 61 : 60)) net.L1.Mine();
            net.L1.Mine([net.Post(frames[1])]);
            net.Sync();
            net.AssertSafeIsSequenced(inGranite ? 0UL : 2UL);
        }
    }

    [Fact]
    [Case("D-FR-06 D-RT-07")]
    public void S_DE_06_bad_items_between_good_frames_do_not_matter()
    {
        TestNet net = NetWith(OptimismFork.Holocene, 2);
        Frame[] frames = net.Cut(Channel(net, 1, 2), 2);
        net.L1.Mine([net.Post(frames[0]), FakeL1.Calldata(net.Config, TestNet.Batcher, [0, 1, 2, 3]), FakeL1.Calldata(net.Config, TestNet.Batcher, []), net.Post(frames[1])]);
        net.Sync();
        net.AssertSafeIsSequenced(2);
        Assert.Equal([DataRule.TruncatedFrame, DataRule.Empty], net.Observer.Data);
    }

    [Fact]
    [Case("D-CB-03 D-CB-04")]
    public void S_DE_09_D_CB_03_04_the_first_of_duplicate_frames_and_closings_wins()
    {
        TestNet net = NetWith(OptimismFork.Fjord, 2);
        Frame[] frames = net.Cut(Channel(net, 1, 2), 3);
        var otherSecond = new Frame(frames[1].Channel, 1, new byte[7], false);
        var otherLast = new Frame(frames[2].Channel, 2, new byte[9], true);
        var beyond = new Frame(frames[2].Channel, 3, new byte[9], false);
        net.L1.Mine([net.Post(frames[1]), net.Post(otherSecond), net.Post(frames[2]), net.Post(otherLast), net.Post(beyond), net.Post(frames[0])]);
        net.Sync();
        net.AssertSafeIsSequenced(2);
        Assert.Equal([FrameRule.Duplicate, FrameRule.DuplicateClose, FrameRule.BeyondEnd], net.Observer.Frames);
    }

    [Fact]
    [Case("D-CB-05 D-CB-06 V-24")]
    public void D_CB_05_06_a_closing_frame_removes_higher_ones_and_the_size_is_replicated()
    {
        var id = new ChannelId(new byte[16]);
        var channel = new Channel(id, 0);
        Assert.Equal(FrameRule.None, channel.Add(new Frame(id, 0, new byte[10], false), inOrder: false));
        Assert.Equal(FrameRule.None, channel.Add(new Frame(id, 5, new byte[20], false), inOrder: false));
        Assert.Equal(430UL, channel.Size);
        Assert.Equal(FrameRule.None, channel.Add(new Frame(id, 2, new byte[30], true), inOrder: false));
        Assert.Equal(230UL, channel.Size); // V-24: frame 0 is held but no longer counted
        Assert.False(channel.IsReady);
        Assert.Equal(FrameRule.None, channel.Add(new Frame(id, 1, new byte[40], false), inOrder: false));
        Assert.True(channel.IsReady);
        Assert.Equal(80, channel.Close().Data.Length);
    }

    [Theory]
    [InlineData(OptimismFork.Regolith, false)]
    [InlineData(OptimismFork.Canyon, true)]
    [Case("D-CB-09")]
    public void D_CB_09_before_canyon_only_the_oldest_channel_is_read(OptimismFork fork, bool readsSecond)
    {
        TestNet net = NetWith(fork, 2, LongWindow);
        Frame[] blocking = net.Cut(Channel(net, 1), 2);
        net.L1.Mine([net.Post(blocking[0]), net.Post(net.Cut(Channel(net, 1, 2), 1))]);
        net.Sync();
        net.AssertSafeIsSequenced(readsSecond ? 2UL : 0UL);
        for (int i = 0; i < 21; i++) net.L1.Mine();
        net.Sync();
        // the first channel timed out, and by then the second one had too
        net.AssertSafeIsSequenced(readsSecond ? 2UL : 0UL);
    }

    [Fact]
    [Case("D-CB-08")]
    public void D_CB_08_S_DE_10_a_full_bank_drops_its_oldest_channels()
    {
        TestNet net = NetWith(OptimismFork.Ecotone, 2, LongWindow);
        Frame[] first = net.Cut(Channel(net, 1), 2), second = net.Cut(Channel(net, 1, 2), 2);
        var filler = new byte[1_000_000];
        ChannelId big = net.NewChannel();
        net.L1.Mine([net.Post(first[0])]);
        net.L1.Mine([.. Enumerable.Range(0, 99).Select(index => net.Post(new Frame(big, (ushort)index, filler, false)))]);
        net.L1.Mine([net.Post(second[0])]);
        net.Sync();
        Assert.Empty(net.Observer.Channels);
        net.L1.Mine([net.Post(new Frame(big, 99, filler, false))]); // 100 million is the limit: the oldest go, also the one just fed
        net.L1.Mine([net.Post(first[1]), net.Post(second[1])]);
        net.Sync();
        Assert.Equal([ChannelRule.BankFull, ChannelRule.BankFull], net.Observer.Channels);
        net.AssertSafeIsSequenced(2);
    }

    [Theory]
    [InlineData(OptimismFork.Ecotone, false)]
    [InlineData(OptimismFork.Fjord, true)]
    [Case("D-CR-01 D-CB-12")]
    public void D_CR_01_V_29_brotli_is_read_from_fjord_on(OptimismFork fork, bool read)
    {
        TestNet net = NetWith(fork, 2);
        byte[] brotli = TestNet.Compress(true, net.SingularOf(1), net.SingularOf(2));
        net.L1.Mine([net.Post(net.Cut(brotli, 1)), net.Post(net.Cut([], 1)), net.Post(net.Cut([2, 1, 2], 1)), net.Post(net.Cut([0x7f, 1, 2], 1))]);
        net.Sync();
        net.AssertSafeIsSequenced(read ? 2UL : 0UL);
        ChannelRule[] others = [ChannelRule.Empty, ChannelRule.UnknownCompression, ChannelRule.BadCompressionHeader];
        Assert.Equal(read ? others : [ChannelRule.BrotliBeforeFjord, .. others], net.Observer.Channels);
    }

    [Fact]
    [Case("D-CK-02 V-29")]
    public void S_DE_13_the_same_brotli_channel_on_either_side_of_fjord()
    {
        var forks = OptimismForkTimes.AllActiveAtGenesis(OptimismFork.Ecotone) with { Fjord = TestNet.GenesisTime + 24 };
        var net = new TestNet(forks);
        for (int i = 0; i < 2; i++) net.Sequence(1);
        byte[] brotli = TestNet.Compress(true, net.SingularOf(1), net.SingularOf(2));
        net.L1.Mine([net.Post(net.Cut(brotli, 1))]);
        Assert.IsType<Idle>(net.Derive());
        net.AssertSafeIsSequenced(0);
        net.L1.Mine([net.Post(net.Cut(brotli, 1))]);
        Assert.IsType<Idle>(net.Derive());
        net.AssertSafeIsSequenced(2);
    }

    [Theory]
    [InlineData("cut")]
    [InlineData("list")]
    [InlineData("version")]
    [InlineData("empty")]
    [InlineData("singular")]
    [InlineData("span")]
    [InlineData("wrapped")]
    [Case("D-CR-03 D-CR-05 D-CR-06 D-CR-08")]
    public void D_CR_03_to_08_batches_before_a_fault_stand_and_the_rest_of_the_channel_is_lost(string fault)
    {
        TestNet net = NetWith(OptimismFork.Holocene, 3);
        byte[] first = net.SingularOf(1);
        var writer = new Opal.Primitives.RlpWriter();
        writer.WriteBytes(first);
        switch (fault)
        {
            case "cut": break;
            case "list": writer.EndList(writer.BeginList()); break;
            case "version": writer.WriteBytes([2, 1, 2, 3]); break;
            case "empty": writer.WriteBytes([]); break;
            case "singular": writer.WriteBytes([0, 0xc0]); break;
            case "span": writer.WriteBytes([1, 5, 6, 7]); break;
            default: writer.WriteRaw([0x81, 0x05]); break;
        }

        writer.WriteBytes(net.SingularOf(2));
        byte[] channel = DifferentialTests.Zlib(writer.ToArray(), System.IO.Compression.CompressionLevel.Optimal);
        if (fault == "cut") channel = channel[..(channel.Length - 30)];
        net.L1.Mine([net.Post(net.Cut(channel, 1))]);
        net.Sync();
        net.AssertSafeIsSequenced(1);
        ChannelRule expected = fault switch
        {
            "version" => ChannelRule.UnknownBatchVersion,
            "singular" => ChannelRule.MalformedSingularBatch,
            "span" => ChannelRule.MalformedSpanBatch,
            _ => ChannelRule.MalformedItem,
        };
        Assert.Equal([expected], net.Observer.Channels);
    }

    [Fact]
    [Case("D-CR-09 V-04")]
    public void D_CR_09_V_04_a_span_that_cannot_be_rebuilt_is_lost_alone()
    {
        TestNet net = NetWith(OptimismFork.Holocene, 3);
        var bad = new ByteWriter();
        bad.Write(SpanBatch.Version);
        bad.WriteUvarint(2);
        bad.WriteUvarint(0);
        bad.Take(40).Clear();
        bad.Write([1, 0, 1, 0, 0]);
        bad.Take(64).Fill(1);
        bad.Take(20).Fill(1);
        bad.Write([0x03, 0xc0, 0, 0]); // a blob transaction
        net.Submit(net.SingularOf(1), bad.ToArray(), net.SpanOf(2, 3));
        net.Sync();
        net.AssertSafeIsSequenced(3);
        Assert.True(net.Observer.Saw(BatchRule.SpanRebuildFailed));
    }

    [Fact]
    [Case("D-CR-02")]
    public void D_CR_02_S_DE_11_batches_within_the_limit_stand()
    {
        TestNet net = NetWith(OptimismFork.Ecotone, 3);
        var writer = new Opal.Primitives.RlpWriter();
        writer.WriteBytes(net.SingularOf(1));
        writer.WriteBytes(net.SingularOf(2));
        int room = 10_000_000 - writer.Length;
        foreach (int padding in (int[])[room - 5, room])
        {
            // a third batch that ends exactly at the limit, or just past it
            writer.Clear();
            writer.WriteBytes(net.SingularOf(1));
            writer.WriteBytes(net.SingularOf(2));
            byte[] third = net.SingularOf(3);
            var content = new byte[padding - 4 + 1];
            third.CopyTo(content, 0); // bytes behind the batch are ignored
            writer.WriteBytes(content);
            var run = new TestNet(OptimismFork.Ecotone);
            run.L1.Mine();
            while (run.Sequencer.HeadRef.Number < 3) run.Sequence(1);
            run.L1.Mine([run.Post(run.Cut(DifferentialTests.Zlib(writer.ToArray(), System.IO.Compression.CompressionLevel.Optimal), 1))]);
            run.Sync();
            Assert.Equal(writer.Length <= 10_000_000 ? 3UL : 2UL, run.Safe);
        }
    }

    [Theory]
    [InlineData(3000, "checksum", true)]
    [InlineData(6000, "checksum", true)] // 4,096 bytes come through the buffer, the rest is short enough for it
    [InlineData(12_000, "checksum", false)] // the rest is read directly and meets the fault
    [InlineData(12_000, "none", true)]
    [InlineData(12_000, "no checksum", false)]
    [InlineData(12_000, "cut", false)]
    [InlineData(12_000, "flushed", true)] // the mark of a flush hands all bytes out before the end is missed
    [Case("D-CR-03 V-03")]
    public void D_CR_03_V_03_the_last_batch_of_a_faulty_stream(int size, string fault, bool stands)
    {
        TestNet net = NetWith(OptimismFork.Holocene, 2);
        var content = new byte[size];
        net.SingularOf(2).CopyTo(content, 0); // bytes behind the batch are ignored
        var random = new Random(5);
        random.NextBytes(content.AsSpan(1000));
        var writer = new Opal.Primitives.RlpWriter();
        writer.WriteBytes(net.SingularOf(1));
        writer.WriteBytes(content);
        byte[] channel = DifferentialTests.Zlib(writer.ToArray(), System.IO.Compression.CompressionLevel.Optimal);
        switch (fault)
        {
            case "checksum":
                channel[^1] ^= 1;
                break;
            case "no checksum":
                channel = channel[..^4];
                break;
            case "flushed":
            case "cut":
                using (var output = new MemoryStream())
                {
                    var zlib = new System.IO.Compression.ZLibStream(output, System.IO.Compression.CompressionLevel.Optimal);
                    zlib.Write(writer.Written);
                    zlib.Flush();
                    channel = output.ToArray(); // never finished
                }

                Assert.Equal([0, 0, 0xff, 0xff], channel[^4..]);
                if (fault == "cut") channel = channel[..^4];
                break;
        }

        net.L1.Mine([net.Post(net.Cut(channel, 1))]);
        net.Sync();
        net.AssertSafeIsSequenced(stands ? 2UL : 1UL);
    }
}
