namespace Opal.Execution;

/// <summary>The three heads at one moment. Swapped whole, so that a reader never sees a mix of two fork choices.</summary>
/// <param name="Head">The unsafe head: the tip of the canonical chain (tag <c>latest</c>).</param>
/// <param name="Safe">The safe head, or null while none was named (tag <c>safe</c>).</param>
/// <param name="Finalized">The finalized head, or null while none was named (tag <c>finalized</c>).</param>
public sealed record ChainHeads(ExecutedBlock Head, ExecutedBlock? Safe, ExecutedBlock? Finalized);
