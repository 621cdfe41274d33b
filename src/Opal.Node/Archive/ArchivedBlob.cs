using Opal.Primitives;

namespace Opal.Node;

/// <summary>A blob and its place in an L1 block.</summary>
/// <param name="Index">Which of the block's blobs it is.</param>
/// <param name="VersionedHash">Its versioned hash.</param>
/// <param name="Content">The blob, with commitment and proof.</param>
public sealed record ArchivedBlob(int Index, Hash256 VersionedHash, VerifiedBlob Content);
