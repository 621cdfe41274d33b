using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Cli.Batches;

/// <summary>Takes apart what a batcher posted: frames, channels, batches. What cannot be read is kept with the reason, and the rest goes on.</summary>
internal sealed class Inspection
{
    private readonly KnownRollup _rollup;
    private readonly ChannelCollector _collector;
    private readonly ChannelDecoder _decoder;
    private readonly DropRecorder _drops = new();
    private readonly List<FrameView> _waiting = []; // used frames of channels that are not complete

    private Inspection(KnownRollup rollup)
    {
        _rollup = rollup;
        _collector = new ChannelCollector(rollup.Config, _drops);
        _decoder = new ChannelDecoder(rollup.Config);
    }

    private readonly Dictionary<InboxTransaction, int> _frameCounts = new(ReferenceEqualityComparer.Instance);

    /// <summary>The transactions, in order.</summary>
    public List<InboxTransaction> Transactions { get; } = [];

    public List<FrameView> Frames { get; } = [];

    /// <summary>The channels, in the order in which their first frames came.</summary>
    public List<ChannelView> Channels { get; private set; } = [];

    /// <summary>What could not be read at all, each with the reason.</summary>
    public List<string> Problems { get; } = [];

    /// <summary>The rollup, as it was inspected.</summary>
    public KnownRollup Rollup => _rollup;

    /// <summary>Whether anything could not be decoded.</summary>
    public bool HasFaults => Problems.Count > 0 || Channels.Exists(static channel =>
        channel.State == ChannelState.Invalid || channel.Batches.Exists(static batch => batch.Item.Rule != BatchRule.None));

    /// <summary>How many frames a transaction carries.</summary>
    public int FrameCountOf(InboxTransaction transaction) => _frameCounts.GetValueOrDefault(transaction);

    /// <summary>Inspects transactions in the order of L1.</summary>
    /// <param name="rollup">What is known of the rollup.</param>
    /// <param name="transactions">The transactions.</param>
    /// <param name="end">The last L1 block that was looked at, by which channels may have timed out; null when L1 is not known.</param>
    public static Inspection Of(KnownRollup rollup, IEnumerable<InboxTransaction> transactions, L1BlockRef? end = null)
    {
        InboxTransaction[] all = [.. transactions];
        bool isPlaced = all.All(static transaction => transaction.Block is not null);
        var inspection = new Inspection(isPlaced ? rollup : rollup.WithoutL1);
        foreach (InboxTransaction transaction in all)
        {
            if (isPlaced) inspection.Enter(transaction.Block!.Value);
            inspection.Add(transaction);
        }

        if (isPlaced && end is { } last) inspection.Enter(last);
        inspection.Finish();
        return inspection;
    }

    private void Enter(in L1BlockRef block)
    {
        _collector.Enter(block);
        Settle(new L1InclusionTime(block.Timestamp));
    }

    private void Add(InboxTransaction transaction)
    {
        Transactions.Add(transaction);
        string name = NameOf(transaction);
        if (transaction.Problem is { } problem) Problems.Add($"{name}: {problem}");
        for (int i = 0; i < transaction.Parts.Count; i++)
        {
            DataPart part = transaction.Parts[i];
            string place = transaction.Parts.Count == 1 ? name : $"{name}, {(part.Carrier == Carrier.Blob ? "blob" : "part")} {i}";
            if (part.Problem is { } reason) Problems.Add($"{place}: {reason}");
            else if (part.Carrier == Carrier.Channel) ReadWhole(part);
            else AddFrames(transaction, part, place);
        }
    }

    private void ReadWhole(DataPart part)
    {
        var channel = new ChannelView(null) { CompressedBytes = part.Data.Length };
        Channels.Add(channel);
        Read(channel, part.Data, default);
    }

    private void AddFrames(InboxTransaction transaction, DataPart part, string place)
    {
        var frames = new List<Frame>();
        if (!FrameCodec.TryParseAll(part.Data, frames, out DataRule rule))
        {
            Problems.Add($"{place}: no batcher data: {RuleNames.Of(rule)}");
            return;
        }

        FrameView[] views = [.. frames.Select(frame => new FrameView(frame, transaction) { Ignored = transaction.Ignored })];
        Frames.AddRange(views);
        _frameCounts[transaction] = FrameCountOf(transaction) + views.Length;
        if (transaction.Ignored is not null) return;
        _collector.Add(part.Data);
        foreach ((Frame frame, FrameRule why) in _drops.TakeFrames())
        {
            // the frames are slices of one memory, so a frame is known by its place in it
            FrameView dropped = views.First(view => view.Frame.Data.Equals(frame.Data) && view.Frame.Number == frame.Number);
            dropped.Dropped = why;
        }

        _waiting.AddRange(views.Where(static view => view.IsUsed));
        Settle(new L1InclusionTime(transaction.Block?.Timestamp ?? 0));
        foreach (FrameView dropped in views.Where(static view => !view.IsUsed)) NewestOf(dropped.Frame.Channel).Frames.Add(dropped);
    }

    /// <summary>Takes up the channels that were completed or dropped.</summary>
    private void Settle(L1InclusionTime time)
    {
        while (_collector.TryTake(out RawChannel complete))
        {
            ChannelView channel = Begun(complete.Id);
            channel.CompressedBytes = complete.Data.Length;
            foreach (Frame frame in complete.Frames)
            {
                int index = _waiting.FindIndex(view => view.Frame.Data.Equals(frame.Data) && view.Frame.Number == frame.Number);
                channel.Frames.Add(_waiting[index]);
                _waiting.RemoveAt(index);
            }

            Read(channel, complete.Data, time);
        }

        foreach ((ChannelId id, ChannelRule rule) in _drops.TakeChannels())
        {
            if (TakeWaiting(id) is not { } channel) continue;
            channel.State = ChannelState.Dropped;
            channel.Rule = rule;
        }
    }

    /// <summary>What waits at the end is incomplete.</summary>
    private void Finish()
    {
        while (_waiting.Count > 0) TakeWaiting(_waiting[0].Frame.Channel);
        var order = new Dictionary<FrameView, int>();
        for (int i = 0; i < Frames.Count; i++) order[Frames[i]] = i;
        foreach (ChannelView channel in Channels) channel.Frames.Sort((a, b) => order[a].CompareTo(order[b]));
        Channels = [.. Channels.OrderBy(channel => channel.Frames.Count == 0 ? -1 : order[channel.Frames[0]])];
    }

    private ChannelView? TakeWaiting(ChannelId id)
    {
        List<FrameView> frames = _waiting.FindAll(view => view.Frame.Channel == id);
        if (frames.Count == 0) return null;
        _waiting.RemoveAll(view => view.Frame.Channel == id);
        ChannelView begun = Begun(id);
        begun.Frames.AddRange(frames);
        begun.CompressedBytes = frames.Sum(static view => view.Frame.Data.Length);
        return begun;
    }

    /// <summary>The channel of an id that is not settled yet; a new one where there is none.</summary>
    private ChannelView Begun(ChannelId id)
    {
        ChannelView? begun = Channels.FindLast(channel => channel.Id.Equals(id) && channel.State == ChannelState.Incomplete);
        if (begun is null) Channels.Add(begun = new ChannelView(id));
        return begun;
    }

    /// <summary>The channel that a dropped frame is shown with: the newest of its id.</summary>
    private ChannelView NewestOf(ChannelId id) => Channels.FindLast(channel => channel.Id.Equals(id)) ?? Begun(id);

    private void Read(ChannelView channel, ReadOnlyMemory<byte> data, L1InclusionTime time)
    {
        channel.State = ChannelState.Invalid;
        channel.Rule = _decoder.Open(data.Span, time);
        channel.Compression = _decoder.Compression;
        if (channel.Rule != ChannelRule.None) return;
        channel.ContentBytes = _decoder.ContentLength;
        while (_decoder.TryRead(time, out ChannelItem item)) channel.Batches.Add(new BatchView(item));
        channel.Rule = _decoder.End;
        channel.IsUnended = channel.Rule == ChannelRule.CompressionTruncated && _decoder.Rest == 0 && channel.Batches.Count > 0;
        if (channel.Rule == ChannelRule.None || channel.IsUnended) channel.State = ChannelState.Complete;
    }

    /// <summary>How a transaction is called in messages.</summary>
    private static string NameOf(InboxTransaction transaction) =>
        transaction.File ?? $"L1 block {transaction.Block?.Number}, transaction {transaction.Hash}";
}
