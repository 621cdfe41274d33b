namespace Opal.Derivation;

/// <summary>A complete channel, still compressed.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Data">The data of all frames, joined.</param>
/// <param name="Frames">The frames that it was made of, by number.</param>
public readonly record struct RawChannel(ChannelId Id, ReadOnlyMemory<byte> Data, IReadOnlyList<Frame> Frames);
