namespace Opal.Protocol;

/// <summary>How the fee for L1 data is computed (exec-engine.md#l1-cost-fees-l1-fee-vault).</summary>
public enum L1CostFormula : byte
{
    /// <summary>There is none: L1.</summary>
    None,
    /// <summary>Calldata gas with 68 bytes for a signature, overhead and scalar.</summary>
    Bedrock,
    /// <summary>Calldata gas, overhead and scalar.</summary>
    Regolith,
    /// <summary>Calldata gas, two scalars, blob base fee.</summary>
    Ecotone,
    /// <summary>FastLZ estimate, two scalars, blob base fee.</summary>
    Fjord,
}
