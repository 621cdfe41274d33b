namespace Opal.Derivation;

/// <summary>How far an open channel is, for people who ask why nothing is derived.</summary>
/// <param name="Id">The channel.</param>
/// <param name="OpenBlock">The number of the L1 block that its first frame came in.</param>
/// <param name="Frames">Frames held.</param>
/// <param name="Total">How many frames it has; null before the closing one came.</param>
/// <param name="FirstMissing">The lowest frame number not held; the closing frame's number plus one when none is missing.</param>
public readonly record struct ChannelProgress(ChannelId Id, ulong OpenBlock, int Frames, int? Total, int FirstMissing);
