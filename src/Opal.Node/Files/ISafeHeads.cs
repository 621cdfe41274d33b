using Opal.Protocol;

namespace Opal.Node;

/// <summary>The safe head after each L1 block, for optimism_safeHeadAtL1Block: one record per L1 block, the last one wins. Safe for concurrent readers.</summary>
/// <remarks>Spec: none; behaviour as op-node's safe head database has it (cases D-DB of the derivation rules).</remarks>
public interface ISafeHeads
{
    /// <summary>The L2 block was safe once the L1 block had been read.</summary>
    void Record(BlockId l1, BlockId safe);

    /// <summary>
    /// Derivation starts over from a safe head. Records at or above the first that made it (or a later block) safe are removed; that one is rewritten
    /// to the safe head when an older record exists, since what lies before it is then known to be complete.
    /// </summary>
    void ResetTo(BlockId safe);

    /// <summary>Derivation goes on behind an L1 block: records of later ones are removed, those up to it stand.</summary>
    void CutAfter(ulong l1Number);

    /// <summary>The newest record at or before an L1 height; false when there is none.</summary>
    bool TryGet(ulong l1Number, out BlockId l1, out BlockId safe);
}
