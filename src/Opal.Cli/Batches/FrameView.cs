using Opal.Derivation;

namespace Opal.Cli.Batches;

/// <summary>A frame with where it came from and what became of it.</summary>
internal sealed class FrameView(Frame frame, InboxTransaction transaction)
{
    public Frame Frame => frame;

    public InboxTransaction Transaction => transaction;

    /// <summary>The rule by which it was not used; none when it was.</summary>
    public FrameRule Dropped { get; set; }

    /// <summary>Why derivation does not even look at it; null when it does.</summary>
    public string? Ignored { get; init; }

    public bool IsUsed => Dropped == FrameRule.None && Ignored is null;
}
