using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Writes to the log what derivation drops and why.</summary>
internal sealed class DerivationLog(ILogger logger) : IDerivationObserver
{
    public void OriginAdvanced(in L1BlockRef origin) => logger.LogTrace("reading L1 block {Number} {Hash}", origin.Number, origin.Hash);

    public void DataDropped(in L1BlockRef origin, DataRule rule) => logger.LogInformation("L1 block {Number}: batcher data ignored: {Rule}", origin.Number, rule);

    public void FrameDropped(in L1BlockRef origin, in Frame frame, FrameRule rule) =>
        logger.LogInformation("L1 block {Number}: frame {Frame} of channel {Channel} dropped: {Rule}", origin.Number, frame.Number, frame.Channel, rule);

    public void ChannelDropped(in L1BlockRef origin, in ChannelId channel, ChannelRule rule) =>
        logger.LogInformation("L1 block {Number}: channel {Channel} dropped: {Rule}", origin.Number, channel, rule);

    public void ChannelRead(in L1BlockRef origin, in ChannelId channel, int compressedBytes, int decompressedBytes) =>
        logger.LogDebug("L1 block {Number}: channel {Channel}, {Compressed} bytes compressed, {Decompressed} plain", origin.Number, channel, compressedBytes, decompressedBytes);

    public void BatchChecked(in L1BlockRef origin, BatchKind kind, ulong timestamp, in BatchCheck check)
    {
        if (logger.IsEnabled(LogLevel.Debug)) logger.LogDebug("L1 block {Number}: {Kind} batch of time {Time}: {Check}", origin.Number, kind, timestamp, check);
    }

    public void SystemConfigUpdateSkipped(in BlockId l1Block, int logIndex) =>
        logger.LogWarning("L1 block {Number}: system config update in log {Index} skipped: malformed or unknown", l1Block.Number, logIndex);

    public void EmptyBatchForced(in L1BlockRef origin, in BlockId epoch, ulong timestamp) =>
        logger.LogWarning("L1 block {Number}: no batch came in the window of epoch {Epoch}: empty block at time {Time}", origin.Number, epoch.Number, timestamp);
}
