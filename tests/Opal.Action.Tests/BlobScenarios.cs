using Opal.Derivation;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;

namespace Opal.ActionTests;

/// <summary>Batcher data in blobs: alone, many, among calldata, damaged, late.</summary>
public sealed class BlobScenarios
{
    [Theory]
    [InlineData(OptimismFork.Ecotone, BatchForm.Singular)]
    [InlineData(OptimismFork.Granite, BatchForm.Span)]
    [InlineData(OptimismFork.Karst, BatchForm.Singular)]
    [InlineData(OptimismFork.Karst, BatchForm.Span)]
    [Case("S-BL-01")]
    public async Task One_blob_many_blobs_calldata_and_back(OptimismFork fork, BatchForm form)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        net.L1.MineEmpty(1);
        net.Batcher.Form = form;
        foreach (int blobs in (int[])[1, 3, 0, 6, 0, 1])
        {
            List<Block> blocks = await net.SequenceAsync(3);
            byte[] channel = BatchWriter.Channel(form == BatchForm.Singular ? BatchWriter.Singular(blocks) : BatchWriter.Span(net.Rollup.Config, blocks));
            await net.DeriveAsync(blobs == 0
                ? net.Batcher.PostFrames(BatchWriter.Cut(channel, 1))
                : net.Batcher.PostBlobs([.. BatchWriter.Cut(channel, blobs).Select(static frame => BatcherActor.Blob(FrameCodec.Encode([frame])))]));
            await net.AssertSafeAsync(blocks[^1].Number);
        }
    }

    [Theory]
    [InlineData(OptimismFork.Ecotone, false, 3)]
    [InlineData(OptimismFork.Ecotone, true, 3)]
    [InlineData(OptimismFork.Holocene, false, 3)]
    [InlineData(OptimismFork.Holocene, true, 0)]
    [InlineData(OptimismFork.Karst, false, 3)]
    [InlineData(OptimismFork.Karst, true, 0)]
    [Case("S-BL-02")]
    public async Task Calldata_blobs_and_calldata_of_one_block_are_read_in_order(OptimismFork fork, bool swapped, ulong safe)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        byte[][] items = [.. BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(await net.SequenceAsync(3))), 4).Select(static frame => FrameCodec.Encode([frame]))];
        byte[][] blobs = [BatcherActor.Blob(items[swapped ? 2 : 1]), BatcherActor.Blob(items[swapped ? 1 : 2])];
        await net.DeriveAsync(net.Batcher.Post(items[0]), net.Batcher.PostBlobs(blobs), net.Batcher.Post(items[3]));
        await net.AssertSafeAsync(safe);
    }

    [Theory]
    [InlineData("D-BL-01 version", false)]
    [InlineData("D-BL-02 length", false)]
    [InlineData("D-BL-02 empty", false)]
    [InlineData("D-BL-03 element 1", false)]
    [InlineData("D-BL-03 element 0", true)] // masked
    [InlineData("D-BL-04 behind the data", false)]
    [InlineData("D-BL-04 last element", false)]
    [Case("S-BL-03")]
    public async Task A_faulty_blob_is_ignored_and_its_neighbours_are_not(string fault, bool used)
    {
        foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Ecotone, OptimismFork.Karst])
        {
            await using ActorNet net = await ActorNet.StartAsync(fork);
            List<Block> blocks = await net.SequenceAsync(4);
            byte[][] blobs = [.. ((List<Block>[])[blocks[..1], blocks[1..2], [.. blocks[1..3]]]).Select(static part =>
                BatcherActor.Blob(FrameCodec.Encode(BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(part)), 1))))];
            if (used) blobs[2] = BatcherActor.Blob(FrameCodec.Encode(BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks[2..])), 1))); // continues what the middle one carries
            byte[] bad = blobs[1];
            switch (fault)
            {
                case "D-BL-01 version": bad[1] = 1; break;
                case "D-BL-02 length": (bad[2], bad[3], bad[4]) = (0x01, 0xfb, 0xfd); break; // 130,045
                case "D-BL-02 empty": Array.Clear(bad); break;
                case "D-BL-03 element 1": bad[32] |= 0x40; break;
                case "D-BL-03 element 0": bad[0] |= 0x40; break;
                case "D-BL-04 behind the data": bad[(32 * 40) + 5] = 1; break;
                default: bad[^1] = 1; break;
            }

            await net.DeriveAsync(net.Batcher.PostBlobs(blobs));
            await net.AssertSafeAsync(used ? 4ul : 3ul);
            Assert.Empty(net.Verifier.Recorder.Invalid);
        }
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock, true)]
    [InlineData(OptimismFork.Delta, true)]
    [InlineData(OptimismFork.Ecotone, false)]
    [InlineData(OptimismFork.Karst, false)]
    [Case("S-BL-04")]
    public async Task The_calldata_of_a_blob_transaction_counts_before_Ecotone_only(OptimismFork fork, bool counts)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<Block> blocks = await net.SequenceAsync(3);
        byte[] one = FrameCodec.Encode(BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks[..1])), 1));
        byte[] all = FrameCodec.Encode(BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks)), 1));
        await net.DeriveAsync(net.Batcher.PostBlobs([BatcherActor.Blob(one)], calldata: all));
        await net.AssertSafeAsync(counts ? 3ul : 1ul);
    }

    [Theory]
    [InlineData("missing", true)]
    [InlineData("too few", true)]
    [InlineData("too many", true)]
    [InlineData("late", false)]
    [Case("S-BL-05")]
    public async Task A_provider_without_the_blobs_costs_time_and_nothing_else(string fault, bool resets)
    {
        foreach (OptimismFork fork in (OptimismFork[])[OptimismFork.Ecotone, OptimismFork.Karst])
        {
            await using ActorNet net = await ActorNet.StartAsync(fork);
            List<Block> blocks = await net.SequenceAsync(3);
            Frame[] frames = BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks)), 3);
            byte[][] blobs = [.. frames.Select(static frame => BatcherActor.Blob(FrameCodec.Encode([frame])))];
            int before = net.Verifier.Recorder.Resets.Count, asked = 0;
            net.L1.HideBlobs = fault == "missing";
            net.L1.SpoilBlobs = fault switch
            {
                "too few" => static given => [.. given.Take(2)],
                "too many" => static given => [.. given, given[0]],
                _ => null,
            };
            net.L1.BeforeAnswer = question =>
            {
                if (question == "blobs" && asked++ < 3 && fault == "late") throw new SourceException("no answer in time");
            };
            await net.DeriveAsync(net.Batcher.PostBlobs(blobs));
            await net.AssertSafeAsync(0);
            Assert.Equal(resets, net.Verifier.Recorder.Resets.Count > before);
            (net.L1.HideBlobs, net.L1.SpoilBlobs) = (false, null);
            await net.Verifier.RunUntilAsync(() => net.Verifier.Safe.Number == 3, TimeSpan.FromMinutes(3));
            await net.AssertSafeAsync(3);
            Assert.Equal(resets, net.Verifier.Recorder.Resets.Count > before);
        }
    }

    [Theory]
    [InlineData(OptimismFork.Bedrock)]
    [InlineData(OptimismFork.Granite)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-BL-06")]
    public async Task Set_code_transactions_and_creations_carry_no_batches(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        List<Block> blocks = await net.SequenceAsync(3);
        byte[] data = FrameCodec.Encode(BatchWriter.Cut(BatchWriter.Channel(BatchWriter.Singular(blocks)), 1));
        await net.DeriveAsync(
            new L1Item(net.Batcher.Account.SignSetCode(TestRollup.L1ChainId, TestRollup.Inbox, data)), new L1Item(net.Batcher.Account.Sign(TestRollup.L1ChainId, null, data: data)));
        await net.AssertSafeAsync(0);
        await net.DeriveAsync(net.Batcher.Post(data));
        await net.AssertSafeAsync(3);
    }

    [Theory]
    [InlineData(OptimismFork.Ecotone)]
    [InlineData(OptimismFork.Karst)]
    [Case("S-BL-07")]
    public async Task A_full_blob_goes_there_and_back(OptimismFork fork)
    {
        await using ActorNet net = await ActorNet.StartAsync(fork);
        byte[] channel = BatchWriter.Channel(BatchWriter.Singular(await net.SequenceAsync(3)));
        byte[] padding = new byte[130_044 - 1 - Frame.Overhead - channel.Length]; // bytes behind the stream are ignored
        new Random(7).NextBytes(padding);
        byte[] data = FrameCodec.Encode(BatchWriter.Cut([.. channel, .. padding], 1));
        Assert.Equal(BlobCodec.MaxDataLength, data.Length);
        Assert.False(BlobCodec.TryEncode([.. data, 0], new byte[BlobCodec.BlobSize]));
        byte[] blob = BatcherActor.Blob(data);
        Assert.True(BlobCodec.TryDecode(blob, out byte[] back, out _));
        Assert.Equal(data, back);
        await net.DeriveAsync(net.Batcher.PostBlobs([blob]));
        await net.AssertSafeAsync(3);
    }
}
