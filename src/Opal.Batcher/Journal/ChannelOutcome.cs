namespace Opal.Batcher;

/// <summary>How a channel ended.</summary>
internal enum ChannelOutcome : byte
{
    /// <summary>Its blocks are safe, and as good as final.</summary>
    Safe = 1,
    /// <summary>It is on L1 and has no effect there, or can have none any more.</summary>
    Lost = 2,
    /// <summary>Its blocks are not those of the L2 chain any more, or a channel before it ended without effect.</summary>
    Abandoned = 3,
}
