namespace Opal.Batcher;

/// <summary>
/// Tells whether unsafe blocks whose sequencing window is over are those that verifiers make in their place: without transactions, each on its parent's L1
/// origin, or on the next one as soon as its time allows. A sequencer in recovery mode makes such blocks; they need not be posted to become safe.
/// </summary>
/// <remarks>Spec: derivation.md#deriving-payload-attributes (batch queue, empty batches).</remarks>
public static class ForcedChain
{
    /// <summary>The first block that cannot become safe any more, since its batch would come too late and verifiers put another in its place; null when there is none.</summary>
    /// <param name="blocks">The blocks above the safe head, oldest first.</param>
    /// <param name="l1Head">The newest L1 block: what is sent now is above it.</param>
    /// <param name="sequencingWindow">L1 blocks that a batch may come after its origin.</param>
    public static PostedBlock? FindDoomed(IEnumerable<PostedBlock> blocks, ulong l1Head, ulong sequencingWindow)
    {
        PostedBlock? parent = null, grandparent = null;
        foreach (PostedBlock block in blocks)
        {
            if (l1Head < block.Origin + sequencingWindow) return null;
            if (!block.IsEmpty) return block;

            // The parent kept its own parent's origin although its time had reached this one: a verifier would have gone on to this origin there. A parent that went on
            // to another origin itself could go no further: verifiers take one step a block.
            if (parent is { } before && grandparent is { } first && before.Number == first.Number + 1 && before.Number + 1 == block.Number
                && before.Origin == first.Origin && before.Origin != block.Origin && before.Time >= block.OriginTime) return block;
            (grandparent, parent) = (parent, block);
        }

        return null;
    }
}
