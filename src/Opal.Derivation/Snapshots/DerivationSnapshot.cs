using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>
/// All that derivation remembers between two L1 blocks: with it, it goes on from there as if it had never stopped. Immutable.
/// </summary>
/// <remarks>
/// Taken by <see cref="DerivationPipeline.TakeSnapshot"/> when an L1 block is drained, restored by <see cref="DerivationPipeline.Restore"/>. It is valid
/// while <see cref="Origin"/> is canonical on L1 and <see cref="Safe"/> is a block of the L2 chain. A walk back (<see cref="ResetWalk"/>) needs none, but reads
/// a sequencing window again, and may judge batches that were judged against an older safe head differently.
/// </remarks>
public sealed class DerivationSnapshot
{
    internal DerivationSnapshot(L2BlockRef safe, SystemConfig config, EpochBlock current, L1BlockRef stageOrigin, EpochBlock[] epochs, Channel[] channels, Batch[] batches, SingularBatch[] span)
    {
        Safe = safe;
        Config = config;
        Current = current;
        StageOrigin = stageOrigin;
        Epochs = epochs;
        Channels = channels;
        Batches = batches;
        Span = span;
    }

    /// <summary>The last L1 block that was read whole.</summary>
    public L1BlockRef Origin => Current.Ref;

    /// <summary>The safe head once it was read.</summary>
    public L2BlockRef Safe { get; }

    /// <summary>The system config whose batcher key holds for that L1 block.</summary>
    internal SystemConfig Config { get; }

    internal EpochBlock Current { get; }

    /// <summary>The L1 block that the batch stage knows; traversal may be ahead of it.</summary>
    internal L1BlockRef StageOrigin { get; }

    internal EpochBlock[] Epochs { get; }

    /// <summary>Channels being collected, oldest first; one at most from Holocene on.</summary>
    internal Channel[] Channels { get; }

    /// <summary>Batches that wait for their turn (before Holocene).</summary>
    internal Batch[] Batches { get; }

    /// <summary>The blocks of the span in use that were not taken yet.</summary>
    internal SingularBatch[] Span { get; }

    /// <summary>The snapshot as bytes, for <see cref="TryDecode"/>.</summary>
    public byte[] Encode() => SnapshotCodec.Encode(this);

    /// <summary>Reads what <see cref="Encode"/> wrote. False: it is damaged, or of another version of the form.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> encoded, RollupConfig config, out DerivationSnapshot? snapshot) => SnapshotCodec.TryDecode(encoded, config, out snapshot);
}
