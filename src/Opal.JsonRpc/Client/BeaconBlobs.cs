namespace Opal.JsonRpc;

/// <summary>What a beacon node answered when asked for blobs.</summary>
/// <param name="Blobs">Those it gave, in no order that may be relied on: perhaps fewer than asked for, perhaps others.</param>
/// <param name="Picked">Whether the node was asked for certain versioned hashes: it has no reason to give other blobs then.</param>
/// <param name="Absence">What the node said when it gave none; null when it gave some.</param>
public sealed record BeaconBlobs(IReadOnlyList<BeaconBlob> Blobs, bool Picked, string? Absence);
