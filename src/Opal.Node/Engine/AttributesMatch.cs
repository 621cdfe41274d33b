using System.Buffers.Binary;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Consolidation: does an unsafe block hold what derivation says the block at its height holds?</summary>
/// <remarks>Spec: protocol/derivation.md#l1-consolidation-payload-attributes-matching, and the attributes each fork added.</remarks>
public static class AttributesMatch
{
    /// <summary>The first difference between derived attributes (on a parent) and a block.</summary>
    public static AttributesMismatch Compare(PayloadAttributes attributes, in Hash256 parentHash, Block block, RollupConfig config)
    {
        BlockHeader header = block.Header;
        if (header.ParentHash != parentHash) return AttributesMismatch.ParentHash;
        if (header.Timestamp != attributes.Timestamp) return AttributesMismatch.Timestamp;
        if (header.MixHash != attributes.PrevRandao) return AttributesMismatch.PrevRandao;
        if (block.Transactions.Length != attributes.Transactions.Count) return AttributesMismatch.TransactionCount;
        for (int i = 0; i < block.Transactions.Length; i++)
        {
            if (!block.Transactions[i].Encoded.AsSpan().SequenceEqual(attributes.Transactions[i])) return AttributesMismatch.Transactions;
        }

        if (attributes.GasLimit is not { } gasLimit || header.GasLimit != gasLimit) return AttributesMismatch.GasLimit;
        if (!SameWithdrawals(attributes, block, config)) return AttributesMismatch.Withdrawals;
        if (header.ParentBeaconBlockRoot != attributes.ParentBeaconBlockRoot) return AttributesMismatch.ParentBeaconBlockRoot;
        if (header.Beneficiary != attributes.SuggestedFeeRecipient) return AttributesMismatch.FeeRecipient;
        return CompareFeeParameters(attributes, header, config);
    }

    /// <summary>
    /// Both have a list or neither has, and the lists are empty. The header's root is then the empty one, or from Isthmus on the message passer's storage root,
    /// which is the engine's to compute.
    /// </summary>
    private static bool SameWithdrawals(PayloadAttributes attributes, Block block, RollupConfig config)
    {
        Hash256? root = block.Header.WithdrawalsRoot;
        if (attributes.Withdrawals is null) return block.Withdrawals is null && root is null;
        if (root is null || block.Withdrawals is not { Length: 0 } || attributes.Withdrawals.Count != 0) return false;
        return config.IsActive(OptimismFork.Isthmus, new L2Time(block.Header.Timestamp)) || root.Value == Hash256.EmptyTrie;
    }

    private static AttributesMismatch CompareFeeParameters(PayloadAttributes attributes, BlockHeader header, RollupConfig config)
    {
        if (attributes.Eip1559Params is not { Length: 8 } parameters)
            return header.ExtraData.Length == 0 ? AttributesMismatch.None : AttributesMismatch.ExtraData;

        uint denominator = BinaryPrimitives.ReadUInt32BigEndian(parameters);
        uint elasticity = BinaryPrimitives.ReadUInt32BigEndian(parameters.AsSpan(4));
        if (denominator == 0 && elasticity == 0) (denominator, elasticity) = (config.FeeMarket.DenominatorCanyon, config.FeeMarket.Elasticity);
        bool readable = attributes.MinBaseFee is null
            ? Eip1559ExtraData.TryDecodeHolocene(header.ExtraData, out Eip1559ExtraData found)
            : Eip1559ExtraData.TryDecodeJovian(header.ExtraData, out found);
        if (!readable) return AttributesMismatch.ExtraData;
        if (found.Denominator != denominator || found.Elasticity != elasticity) return AttributesMismatch.Eip1559Params;
        return found.MinBaseFee == attributes.MinBaseFee ? AttributesMismatch.None : AttributesMismatch.MinBaseFee;
    }
}
