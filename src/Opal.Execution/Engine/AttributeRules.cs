using System.Buffers.Binary;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Which fields payload attributes must and must not have at their time.</summary>
/// <remarks>Spec: execution-apis (shanghai, cancun); holocene and jovian/exec-engine.md; exec-engine.md#extended-payloadattributesv3.</remarks>
internal static class AttributeRules
{
    /// <summary>What is wrong with the attributes of the block after <paramref name="parent"/>; null when nothing is.</summary>
    public static string? Check(ChainSpec spec, ExecutedBlock parent, PayloadAttributes attributes)
    {
        if (attributes.Timestamp <= parent.Header.Timestamp) return $"invalid timestamp: {attributes.Timestamp} is not after the parent's {parent.Header.Timestamp}";
        Rules rules = spec.At(parent.Number + 1, attributes.Timestamp);
        bool hasWithdrawals = rules.Withdrawals != WithdrawalsRule.None;
        if (hasWithdrawals != attributes.Withdrawals is not null) return hasWithdrawals ? "missing withdrawals" : "unexpected withdrawals";
        if (rules.HasBeaconRoot != attributes.ParentBeaconBlockRoot is not null) return rules.HasBeaconRoot ? "missing beacon root" : "unexpected beacon root";
        return rules.IsOptimism ? CheckOptimism(rules, attributes) : CheckEthereum(attributes);
    }

    private static string? CheckOptimism(Rules rules, PayloadAttributes attributes)
    {
        if (attributes.GasLimit is null) return "gasLimit parameter is required";
        if (attributes.Withdrawals is { Count: > 0 }) return "an L2 block has no withdrawals";
        return CheckFeeParameters(rules, attributes);
    }

    private static string? CheckFeeParameters(Rules rules, PayloadAttributes attributes)
    {
        bool wantsParameters = rules.ExtraData is ExtraDataRule.Holocene or ExtraDataRule.Jovian;
        if (attributes.Eip1559Params is not { } parameters)
        {
            if (wantsParameters) return "eip1559Params are missing";
        }
        else
        {
            if (!wantsParameters) return "got eip1559Params before Holocene, expected none";
            if (parameters.Length != 8) return $"eip1559Params have {parameters.Length} bytes, expected 8";
            uint denominator = BinaryPrimitives.ReadUInt32BigEndian(parameters), elasticity = BinaryPrimitives.ReadUInt32BigEndian(parameters.AsSpan(4));
            if (denominator == 0 && elasticity != 0) return "eip1559Params cannot have a 0 denominator unless elasticity is also 0";
            if (denominator != 0 && elasticity == 0) return "eip1559Params cannot have a 0 elasticity unless denominator is also 0";
        }

        bool wantsMinimum = rules.ExtraData == ExtraDataRule.Jovian;
        if (wantsMinimum != attributes.MinBaseFee is not null) return wantsMinimum ? "minBaseFee is missing" : "got minBaseFee before Jovian, expected none";
        return null;
    }

    private static string? CheckEthereum(PayloadAttributes attributes) =>
        attributes.Transactions.Count > 0 || attributes.Eip1559Params is not null || attributes.MinBaseFee is not null ? "attributes of a rollup on an L1 chain" : null;
}
