using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The base fee of the next block (EIP-1559).</summary>
/// <remarks>On L2 the parameters are the chain's own, from Holocene on those in the parent's extra data; from Jovian on the parent's
/// DA footprint counts like its gas, and the parent's extra data holds a minimum. Spec: exec-engine.md#1559-parameters and the forks' pages.</remarks>
public static class BaseFee
{
    /// <summary>The base fee of the first block that has one.</summary>
    public const ulong Initial = 1_000_000_000;

    /// <summary>The base fee of the block after <paramref name="parent"/>, in wei.</summary>
    /// <param name="parent">The parent's header.</param>
    /// <param name="parentRules">The rules of the parent.</param>
    /// <param name="rules">The rules of the block.</param>
    /// <param name="baseFee">The base fee.</param>
    /// <returns>False when the parent's extra data does not hold the parameters it must hold.</returns>
    public static bool TryNext(BlockHeader parent, Rules parentRules, Rules rules, out UInt256 baseFee)
    {
        uint elasticity = rules.Elasticity;
        uint denominator = rules.BaseFeeDenominator;
        ulong gasUsed = parent.GasUsed;
        ulong minimum = 0;
        baseFee = default;
        if (parentRules.ExtraData == ExtraDataRule.Holocene)
        {
            if (!Eip1559ExtraData.TryDecodeHolocene(parent.ExtraData, out Eip1559ExtraData parameters)) return false;
            (denominator, elasticity) = (parameters.Denominator, parameters.Elasticity);
        }
        else if (parentRules.ExtraData == ExtraDataRule.Jovian)
        {
            if (!Eip1559ExtraData.TryDecodeJovian(parent.ExtraData, out Eip1559ExtraData parameters)) return false;
            (denominator, elasticity, minimum) = (parameters.Denominator, parameters.Elasticity, parameters.MinBaseFee ?? 0);
            gasUsed = Math.Max(gasUsed, parent.BlobGasUsed ?? 0);
        }

        if (parent.BaseFeePerGas is not { } parentFee)
        {
            baseFee = Initial;
            return true;
        }

        baseFee = UInt256.Max(Next(parentFee, parent.GasLimit, gasUsed, elasticity, denominator), minimum);
        return true;
    }

    /// <summary>EIP-1559's formula.</summary>
    /// <param name="parentFee">The parent's base fee in wei.</param>
    /// <param name="parentGasLimit">The parent's gas limit.</param>
    /// <param name="parentGasUsed">The gas the parent used.</param>
    /// <param name="elasticity">The gas limit over the gas target; not zero.</param>
    /// <param name="denominator">The max change denominator; not zero.</param>
    public static UInt256 Next(in UInt256 parentFee, ulong parentGasLimit, ulong parentGasUsed, uint elasticity, uint denominator)
    {
        ulong target = parentGasLimit / elasticity;
        if (parentGasUsed == target) return parentFee;
        if (target == 0) return parentFee; // a gas limit below the elasticity: no block with transactions has it
        if (parentGasUsed > target)
        {
            UInt256 increase = SaturatingMath.Multiply(parentFee, parentGasUsed - target) / target / denominator;
            return SaturatingMath.Add(parentFee, UInt256.Max(increase, UInt256.One));
        }

        UInt256 decrease = SaturatingMath.Multiply(parentFee, target - parentGasUsed) / target / denominator;
        return parentFee > decrease ? parentFee - decrease : UInt256.Zero;
    }
}
