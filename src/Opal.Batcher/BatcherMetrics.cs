using System.Diagnostics.Metrics;

namespace Opal.Batcher;

/// <summary>What the batcher measures, under the meter <c>Opal.Batcher</c>.</summary>
internal sealed class BatcherMetrics : IDisposable
{
    private readonly Meter _meter = new("Opal.Batcher");
    private readonly Counter<long> _closed;
    private readonly Counter<long> _frames;
    private readonly Counter<long> _bytesIn;
    private readonly Counter<long> _bytesOut;
    private readonly Counter<long> _losses;
    private readonly Histogram<double> _ratio;

    public BatcherMetrics(Func<BatcherStatus> status, BatcherJournal journal)
    {
        _closed = _meter.CreateCounter<long>("opal.batcher.channels.closed", "{channel}", "Channels closed, by reason");
        _frames = _meter.CreateCounter<long>("opal.batcher.frames", "{frame}", "Frames cut");
        _bytesIn = _meter.CreateCounter<long>("opal.batcher.input", "By", "Bytes of L2 transactions in closed channels");
        _bytesOut = _meter.CreateCounter<long>("opal.batcher.output", "By", "Bytes of frame data of closed channels");
        _losses = _meter.CreateCounter<long>("opal.batcher.losses", "{channel}", "Channels that had no effect, by rule");
        _ratio = _meter.CreateHistogram<double>("opal.batcher.ratio", "1", "Frame data over transaction bytes of a channel");
        _meter.CreateObservableGauge("opal.batcher.blocks.pending", () => (long)status().PendingBlocks, "{block}", "Unsafe blocks in no closed channel");
        _meter.CreateObservableGauge("opal.batcher.backlog", () => status().BacklogBytes, "By", "Estimated bytes of the blocks that are not wholly on L1");
        _meter.CreateObservableGauge("opal.batcher.safe_lag", () => (long)status().SafeLag, "{block}", "L2 blocks from the safe to the unsafe head");
        _meter.CreateObservableGauge("opal.batcher.in_flight", () => (long)status().InFlight, "{transaction}", "L1 transactions on their way");
        _meter.CreateObservableCounter("opal.batcher.transactions", () => (long)status().Transactions, "{transaction}", "Batcher transactions confirmed");
        _meter.CreateObservableCounter("opal.batcher.posted", () => status().PostedBytes, "By", "Bytes of frames in confirmed transactions");
        _meter.CreateObservableCounter("opal.batcher.blobs", () => status().PostedBlobs, "{blob}", "Blobs in confirmed transactions");
        _meter.CreateObservableCounter("opal.batcher.reposts", () => status().Reposts, "{channel}", "Channels with blocks that were on their way or on L1 before, mostly lost there");
        _meter.CreateObservableCounter("opal.batcher.duplicates", () => status().Duplicates, "{channel}", "Channels by which L1 holds blocks twice to no end");
        _meter.CreateObservableGauge("opal.batcher.journal.channels", () => (long)journal.Channels, "{channel}", "Channels in the journal that are not final");
        _meter.CreateObservableGauge("opal.batcher.journal.size", () => journal.Size, "By", "Bytes of the journal");
        _meter.CreateObservableCounter("opal.batcher.journal.syncs", () => journal.Syncs, "{sync}", "How often the journal was made durable");
        _meter.CreateObservableCounter("opal.batcher.journal.sync_time", () => journal.SyncTime.TotalSeconds, "s", "Time that took");
    }

    public void Closed(ClosedChannel channel)
    {
        _closed.Add(1, new KeyValuePair<string, object?>("reason", channel.Reason.ToString()));
        _frames.Add(channel.FrameCount);
        _bytesIn.Add(channel.RawBytes);
        _bytesOut.Add(channel.DataBytes);
        if (channel.RawBytes > 0) _ratio.Record((double)channel.DataBytes / channel.RawBytes);
    }

    public void Lost(LossRule rule) => _losses.Add(1, new KeyValuePair<string, object?>("rule", rule.ToString()));

    public void Dispose() => _meter.Dispose();
}
