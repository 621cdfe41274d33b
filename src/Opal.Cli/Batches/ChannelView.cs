using Opal.Derivation;

namespace Opal.Cli.Batches;

/// <summary>How far a channel is.</summary>
internal enum ChannelState
{
    /// <summary>All frames are there, and it was read to its end.</summary>
    Complete,

    /// <summary>A frame is missing.</summary>
    Incomplete,

    /// <summary>It was dropped before it was complete.</summary>
    Dropped,

    /// <summary>All frames are there, and it, or the end of it, cannot be read.</summary>
    Invalid,
}

/// <summary>A channel with its frames and what it holds.</summary>
/// <param name="id">Its name; null for a channel that came as a whole.</param>
internal sealed class ChannelView(ChannelId? id)
{
    public ChannelId? Id => id;

    /// <summary>Its frames, dropped ones too, in the order in which they came.</summary>
    public List<FrameView> Frames { get; } = [];

    public List<BatchView> Batches { get; } = [];

    public ChannelState State { get; set; } = ChannelState.Incomplete;

    /// <summary>The rule by which it was dropped, or reading ended early; none when neither happened.</summary>
    public ChannelRule Rule { get; set; }

    /// <summary>The bytes of its frames' data, as far as they were used.</summary>
    public int CompressedBytes { get; set; }

    /// <summary>The bytes it decompresses to; 0 while it is not complete.</summary>
    public int ContentBytes { get; set; }

    public CompressionKind Compression { get; set; }

    /// <summary>Whether it was complete and all its content was read, but its compressed stream was not ended: a batcher that flushes leaves it so.</summary>
    public bool IsUnended { get; set; }

    public int UsedFrames => Frames.Count(static frame => frame.IsUsed);

    /// <summary>How many frames it has, if its closing frame was seen.</summary>
    public int? TotalFrames => Frames.Find(static frame => frame.Frame.IsLast) is { } last ? last.Frame.Number + 1 : null;

    /// <summary>The lowest number that no used frame has.</summary>
    public int FirstMissing
    {
        get
        {
            HashSet<int> numbers = [.. Frames.Where(static frame => frame.IsUsed).Select(static frame => (int)frame.Frame.Number)];
            int missing = 0;
            while (numbers.Contains(missing)) missing++;
            return missing;
        }
    }

    public ulong? FirstL1Block => Numbers.Min();

    public ulong? LastL1Block => Numbers.Max();

    public int BlockCount => Batches.Sum(static batch => batch.BlockCount);

    public int TransactionCount => Batches.Sum(static batch => batch.TransactionCount);

    /// <summary>Decompressed bytes for each byte posted; null while it is not complete.</summary>
    public double? Ratio => ContentBytes == 0 || CompressedBytes == 0 ? null : (double)ContentBytes / CompressedBytes;

    /// <summary>The state in words.</summary>
    public string StateText => State switch
    {
        ChannelState.Complete => IsUnended ? "complete, stream not ended" : "complete",
        ChannelState.Dropped => $"{RuleNames.Of(Rule)}, {Lack}",
        ChannelState.Invalid => Batches.Count == 0 ? $"invalid: {RuleNames.Of(Rule)}" : $"invalid after batch {Batches.Count}: {RuleNames.Of(Rule)}",
        _ => Lack,
    };

    private string Lack => TotalFrames is { } total ? $"lacks frame {FirstMissing} of {total}" : $"lacks frame {FirstMissing}";

    private IEnumerable<ulong?> Numbers => Frames.Select(static frame => frame.Transaction.Block?.Number);
}
