namespace Opal.Batcher;

/// <summary>
/// Tells whether unsafe blocks whose sequencing window is over are those that verifiers make in their place: without transactions, each on the newest
/// L1 origin that its time allows. A sequencer in recovery mode makes such blocks; they need not be posted to become safe.
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
        PostedBlock? parent = null;
        foreach (PostedBlock block in blocks)
        {
            if (l1Head < block.Origin + sequencingWindow) return null;
            if (!block.IsEmpty) return block;

            // the parent's time had reached this origin's already: a verifier would have taken the origin then
            if (parent is { } before && before.Origin != block.Origin && before.Time >= block.OriginTime) return block;
            parent = block;
        }

        return null;
    }
}
