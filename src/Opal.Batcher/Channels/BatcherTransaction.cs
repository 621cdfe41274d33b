using Opal.Derivation;

namespace Opal.Batcher;

/// <summary>The frames that one L1 transaction carries: one in calldata, one a blob.</summary>
/// <param name="Id">The transaction's number within this run of the batcher.</param>
/// <param name="Frames">The frames, all of one channel, in order.</param>
/// <param name="AsBlobs">Whether each frame goes into a blob; else there is one frame, in calldata.</param>
public sealed record BatcherTransaction(ulong Id, IReadOnlyList<Frame> Frames, bool AsBlobs);
