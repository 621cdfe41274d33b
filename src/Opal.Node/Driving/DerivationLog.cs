using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Writes to the log, and counts, what derivation drops and why.</summary>
internal sealed class DerivationLog(ILogger logger, NodeMetrics metrics, DroppedItems dropped) : IDerivationObserver
{
    public void OriginAdvanced(in L1BlockRef origin) => logger.LogTrace("reading L1 block {Number} {Hash}", origin.Number, origin.Hash);

    public void DataDropped(in L1BlockRef origin, DataRule rule)
    {
        metrics.Dropped("data", rule);
        dropped.Add(new DroppedItem(origin.Number, "batcher data", rule.ToString()));
        logger.LogInformation("L1 block {Number}: batcher data ignored: {Rule}", origin.Number, rule);
    }

    public void FrameDropped(in L1BlockRef origin, in Frame frame, FrameRule rule)
    {
        metrics.Dropped("frame", rule);
        dropped.Add(new DroppedItem(origin.Number, $"frame {frame.Number} of channel {frame.Channel}", rule.ToString()));
        logger.LogInformation("L1 block {Number}: frame {Frame} of channel {Channel} dropped: {Rule}", origin.Number, frame.Number, frame.Channel, rule);
    }

    public void ChannelDropped(in L1BlockRef origin, in ChannelId channel, ChannelRule rule)
    {
        metrics.Dropped("channel", rule);
        dropped.Add(new DroppedItem(origin.Number, $"channel {channel}", rule.ToString()));
        logger.LogInformation("L1 block {Number}: channel {Channel} dropped: {Rule}", origin.Number, channel, rule);
    }

    public void ChannelRead(in L1BlockRef origin, in ChannelId channel, int compressedBytes, int decompressedBytes) =>
        logger.LogDebug("L1 block {Number}: channel {Channel}, {Compressed} bytes compressed, {Decompressed} plain", origin.Number, channel, compressedBytes, decompressedBytes);

    public void BatchChecked(in L1BlockRef origin, BatchKind kind, ulong timestamp, in BatchCheck check)
    {
        if (check.Verdict == BatchVerdict.Drop)
        {
            metrics.Dropped("batch", check.Rule);
            dropped.Add(new DroppedItem(origin.Number, $"{Name(kind)} of time {timestamp}", check.Rule.ToString()));
        }

        LogLevel level = check.Verdict == BatchVerdict.Drop ? LogLevel.Information : LogLevel.Debug;
        if (logger.IsEnabled(level)) logger.Log(level, "L1 block {Number}: {Kind} batch of time {Time}: {Verdict} {Rule}", origin.Number, kind, timestamp, check.Verdict, check.Rule);
    }

    private static string Name(BatchKind kind) => kind switch { BatchKind.Singular => "singular batch", BatchKind.Span => "span batch", _ => "block of a span batch" };

    public void SystemConfigUpdateSkipped(in BlockId l1Block, int logIndex) =>
        logger.LogWarning("L1 block {Number}: system config update in log {Index} skipped: malformed or unknown", l1Block.Number, logIndex);

    public void EmptyBatchForced(in L1BlockRef origin, in BlockId epoch, ulong timestamp)
    {
        metrics.Forced();
        logger.LogWarning("L1 block {Number}: no batch came in the window of epoch {Epoch}: empty block at time {Time}", origin.Number, epoch.Number, timestamp);
    }
}
