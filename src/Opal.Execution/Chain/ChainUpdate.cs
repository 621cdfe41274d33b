namespace Opal.Execution;

/// <summary>A move of the canonical head.</summary>
/// <param name="OldHead">The head before.</param>
/// <param name="NewHead">The head after.</param>
/// <param name="Removed">Blocks that left the canonical chain, highest first; empty when the chain was only extended.</param>
/// <param name="Added">Blocks that joined it, lowest first; empty when the head was moved back to an ancestor.</param>
public sealed record ChainUpdate(
    ExecutedBlock OldHead,
    ExecutedBlock NewHead,
    IReadOnlyList<ExecutedBlock> Removed,
    IReadOnlyList<ExecutedBlock> Added);
