using Opal.Derivation;

namespace Opal.Batcher;

/// <summary>Where L1 holds a frame of a channel.</summary>
/// <param name="Channel">The channel.</param>
/// <param name="Place">The place.</param>
public readonly record struct ChannelPlace(ChannelId Channel, L1Inclusion Place);
