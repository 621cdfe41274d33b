using Opal.Crypto;
using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>What a run of the pipeline came to.</summary>
/// <param name="Spent">The time it took, without that of making L1.</param>
/// <param name="PostedBytes">The bytes of the channels read.</param>
/// <param name="ContentBytes">What they decompress to.</param>
/// <param name="Problem">What was wrong; null when every block was derived.</param>
internal sealed record PipelineResult(Spent Spent, long PostedBytes, long ContentBytes, string? Problem);

/// <summary>Derives L2 blocks from the L1 in memory: the whole pipeline, on one thread.</summary>
/// <param name="rollup">The rollup.</param>
/// <param name="l1">L1.</param>
/// <param name="maker">What makes blocks of attributes.</param>
internal sealed class PipelineRun(BenchRollup rollup, BenchL1 l1, BlockMaker maker)
{
    /// <summary>Derives up to an L2 block.</summary>
    /// <param name="blocks">Its number.</param>
    /// <param name="postNext">Posts the next channel when L1 is used up; null where everything is posted.</param>
    public PipelineResult Run(ulong blocks, Action<L2BlockRef>? postNext = null)
    {
        var bytes = new ByteCounter();
        var builder = new AttributesBuilder(rollup.Config, BlobSchedule.None, NetworkUpgrades.None);
        var pipeline = new DerivationPipeline(rollup.Config, NativeCrypto.Instance, builder, bytes);
        pipeline.Reset(rollup.GenesisRef, rollup.Config.GenesisSystemConfig, l1.Genesis);
        Spent posting = default, begin = Spent.Now();
        string? problem = null;
        while (problem is null && pipeline.SafeHead.Number < blocks)
        {
            DerivationStep step = pipeline.Step();
            if (step is NeedL1Block { Number: var number } && l1.At(number) is null && postNext is not null)
            {
                Spent before = Spent.Now();
                postNext(pipeline.SafeHead);
                posting += Spent.Since(before);
            }

            problem = Answer(pipeline, step);
        }

        return new PipelineResult(Spent.Since(begin) - posting, bytes.Posted, bytes.Content, problem ?? bytes.Problem);
    }

    private string? Answer(DerivationPipeline pipeline, DerivationStep step)
    {
        switch (step)
        {
            case PreparedAttributes { Attributes: var derived }:
                if (maker.Make(derived) is not { } made) return maker.Problem;
                pipeline.AttributesAccepted(made);
                return null;
            case NeedL1Block { Number: var number } when l1.At(number) is { } block:
                pipeline.Provide(block);
                return null;
            case NeedBlobs need when l1.BlobsOf(need.Block, need.VersionedHashes) is { } blobs:
                pipeline.Provide(blobs);
                return null;
            case NeedL2BlockByHash need when maker.Find(need.Hash) is { } parent:
                pipeline.Provide(parent);
                return null;
            default:
                return $"derivation stops at L2 block {pipeline.SafeHead.Number}: {step}";
        }
    }

    /// <summary>Counts the bytes of channels, and notes the first thing dropped: there is nothing to drop.</summary>
    private sealed class ByteCounter : IDerivationObserver
    {
        public long Posted { get; private set; }

        public long Content { get; private set; }

        public string? Problem { get; private set; }

        public void ChannelRead(in L1BlockRef origin, in ChannelId channel, int compressedBytes, int decompressedBytes)
        {
            Posted += compressedBytes;
            Content += decompressedBytes;
        }

        public void DataDropped(in L1BlockRef origin, DataRule rule) => Problem ??= $"data of L1 block {origin.Number} dropped: {rule}";

        public void FrameDropped(in L1BlockRef origin, in Frame frame, FrameRule rule) => Problem ??= $"a frame of L1 block {origin.Number} dropped: {rule}";

        public void ChannelDropped(in L1BlockRef origin, in ChannelId channel, ChannelRule rule) => Problem ??= $"a channel of L1 block {origin.Number} dropped: {rule}";

        public void BatchChecked(in L1BlockRef origin, BatchKind kind, ulong timestamp, in BatchCheck check)
        {
            if (check.Verdict != BatchVerdict.Accept) Problem ??= $"a batch of L1 block {origin.Number} for time {timestamp}: {check.Verdict} {check.Rule}";
        }

        public void EmptyBatchForced(in L1BlockRef origin, in BlockId epoch, ulong timestamp) => Problem ??= $"an empty batch was forced at L1 block {origin.Number}";

        public void OriginAdvanced(in L1BlockRef origin)
        {
        }

        public void SystemConfigUpdateSkipped(in BlockId l1Block, int logIndex)
        {
        }
    }
}
