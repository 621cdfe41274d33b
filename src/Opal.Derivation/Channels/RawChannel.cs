namespace Opal.Derivation;

/// <summary>A complete channel, still compressed.</summary>
internal readonly record struct RawChannel(ChannelId Id, ReadOnlyMemory<byte> Data);
