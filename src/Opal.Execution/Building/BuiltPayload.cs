using Opal.Protocol;

namespace Opal.Execution;

/// <summary>A finished block with the blobs of its transactions.</summary>
/// <param name="Built">The block and what its execution gave.</param>
/// <param name="Sidecars">Sidecars of its blob transactions, in order.</param>
public sealed record BuiltPayload(BuiltBlock Built, IReadOnlyList<BlobSidecar> Sidecars)
{
    /// <summary>The block.</summary>
    public Block Block => Built.Block;
}
