using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>The labels of L1 blocks.</summary>
public enum L1Label : byte
{
    /// <summary>The head ("latest").</summary>
    Head,

    /// <summary>The newest safe block.</summary>
    Safe,

    /// <summary>The newest finalized block.</summary>
    Finalized,
}

/// <summary>
/// L1 as derivation and sequencing read it. What comes back is verified (hash of the header, transactions root, receipts root) unless the operator trusts
/// the provider. Null means that the provider answered and has no such block; <see cref="SourceException"/> that there was no usable answer.
/// </summary>
public interface IL1Source
{
    /// <summary>The header a label points at; null when there is none yet.</summary>
    Task<BlockHeader?> HeaderByLabelAsync(L1Label label, CancellationToken cancellation);

    /// <summary>The canonical header of a height.</summary>
    Task<BlockHeader?> HeaderByNumberAsync(ulong number, CancellationToken cancellation);

    /// <summary>A header by hash.</summary>
    Task<BlockHeader?> HeaderByHashAsync(Hash256 hash, CancellationToken cancellation);

    /// <summary>The canonical block of a height, with its transactions.</summary>
    Task<L1Block?> BlockByNumberAsync(ulong number, CancellationToken cancellation);

    /// <summary>The receipts of a block, in transaction order.</summary>
    Task<L1Receipts?> ReceiptsAsync(BlockHeader header, CancellationToken cancellation);

    /// <summary>Forgets what was fetched by height and not asked for yet: derivation starts over, maybe because L1 is another chain now.</summary>
    void DropReadAhead()
    {
        // a source that reads nothing ahead has nothing to forget
    }
}
