using Opal.Protocol;

namespace Opal.Execution;

/// <summary>What a data directory holds.</summary>
/// <param name="ChainId">The chain's id.</param>
/// <param name="Schema">The version of the layout.</param>
/// <param name="Head">The head.</param>
/// <param name="Safe">The safe head; null while none was named.</param>
/// <param name="Finalized">The finalized head; null while none was named.</param>
/// <param name="PersistedState">The block whose state is on disk; null before genesis.</param>
/// <param name="OldestState">The oldest block whose state can be read.</param>
/// <param name="OldestProof">The oldest block whose state can be proven.</param>
/// <param name="Sizes">Bytes on disk by part.</param>
public sealed record DatabaseStatistics(
    ulong ChainId, int Schema, BlockId Head, BlockId? Safe, BlockId? Finalized, BlockId? PersistedState, ulong OldestState, ulong OldestProof,
    IReadOnlyList<(string Part, long Bytes)> Sizes);

/// <summary>How far a verification is.</summary>
/// <param name="Blocks">Blocks of the journal read and checked.</param>
/// <param name="TotalBlocks">Canonical blocks there are.</param>
/// <param name="StateRows">Rows of the state checked: accounts, slots and branch records.</param>
public readonly record struct VerifyProgress(ulong Blocks, ulong TotalBlocks, long StateRows);
