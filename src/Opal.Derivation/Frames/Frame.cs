namespace Opal.Derivation;

/// <summary>A piece of a channel, as carried inside one batcher transaction.</summary>
/// <remarks>Wire: channel_id (16 B) ++ frame_number (u16 BE) ++ length (u32 BE) ++ data ++ is_last (1 B). Spec: derivation.md#frame-format.</remarks>
/// <param name="Channel">The channel it belongs to.</param>
/// <param name="Number">Its index in the channel.</param>
/// <param name="Data">Its bytes of the channel; may be none.</param>
/// <param name="IsLast">Whether it closes the channel.</param>
public readonly record struct Frame(ChannelId Channel, ushort Number, ReadOnlyMemory<byte> Data, bool IsLast)
{
    /// <summary>The bytes on the wire around the data.</summary>
    public const int Overhead = 23;

    /// <summary>The most bytes of data that a frame may carry.</summary>
    public const int MaxDataLength = 1_000_000;

    /// <summary>What a frame counts in the size of a channel: its data and 200 bytes.</summary>
    public ulong AccountedSize => (ulong)Data.Length + 200;
}
