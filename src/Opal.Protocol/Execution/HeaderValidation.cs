using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The rules of a header that need only its parent.</summary>
public static class HeaderValidation
{
    private const ulong MinGasLimit = 5_000;
    private const ulong GasLimitBoundDivisor = 1_024;
    private const int MaxExtraDataSize = 32;

    /// <summary>Checks a header against its parent.</summary>
    public static BlockError Check(BlockHeader header, BlockHeader parent, ChainSpec spec)
    {
        Rules rules = spec.At(header);
        Rules parentRules = spec.At(parent);
        if (header.ParentHash != parent.Hash) return BlockError.UnknownParent;
        if (parent.Number == ulong.MaxValue || header.Number != parent.Number + 1) return BlockError.WrongNumber;
        if (header.Timestamp <= parent.Timestamp) return BlockError.TimestampNotAfterParent;
        BlockError error = CheckExtraData(header.ExtraData, rules.ExtraData);
        if (error == BlockError.None) error = CheckConsensusFields(header, rules);
        if (error == BlockError.None) error = CheckGas(header, parent, parentRules, rules);
        if (error == BlockError.None) error = CheckForkFields(header, rules);
        if (error == BlockError.None) error = CheckBlobGas(header, parent, rules);
        return error;
    }

    private static BlockError CheckExtraData(ReadOnlySpan<byte> extraData, ExtraDataRule rule) => rule switch
    {
        ExtraDataRule.AtMost32Bytes => extraData.Length <= MaxExtraDataSize ? BlockError.None : BlockError.ExtraDataTooLong,
        ExtraDataRule.Empty => extraData.IsEmpty ? BlockError.None : BlockError.InvalidExtraData,
        ExtraDataRule.Holocene => Eip1559ExtraData.TryDecodeHolocene(extraData, out _) ? BlockError.None : BlockError.InvalidExtraData,
        _ => Eip1559ExtraData.TryDecodeJovian(extraData, out _) ? BlockError.None : BlockError.InvalidExtraData,
    };

    private static BlockError CheckConsensusFields(BlockHeader header, Rules rules)
    {
        if (header.OmmersHash != Hash256.EmptyList) return BlockError.OmmersNotEmpty;
        if (rules.IsProofOfWork) return BlockError.None;
        if (!header.Difficulty.IsZero) return BlockError.NonZeroDifficulty;
        return header.Nonce == 0 ? BlockError.None : BlockError.NonZeroNonce;
    }

    private static BlockError CheckGas(BlockHeader header, BlockHeader parent, Rules parentRules, Rules rules)
    {
        if (header.GasLimit > long.MaxValue) return BlockError.GasLimitOutOfBounds;
        if (!rules.IsOptimism && !IsGasLimitAllowed(header.GasLimit, parent.GasLimit)) return BlockError.GasLimitOutOfBounds;
        if (header.GasUsed > header.GasLimit) return BlockError.GasUsedAboveLimit;
        if (header.BaseFeePerGas is not { } baseFee) return BlockError.MissingBaseFee;
        if (!BaseFee.TryNext(parent, parentRules, rules, out UInt256 expected)) return BlockError.InvalidParentExtraData;
        return baseFee == expected ? BlockError.None : BlockError.WrongBaseFee;
    }

    /// <summary>Whether L1 allows a gas limit after the parent's: a change by less than 1/1024, and at least 5,000.</summary>
    public static bool IsGasLimitAllowed(ulong gasLimit, ulong parentGasLimit)
    {
        ulong difference = gasLimit > parentGasLimit ? gasLimit - parentGasLimit : parentGasLimit - gasLimit;
        return difference < parentGasLimit / GasLimitBoundDivisor && gasLimit >= MinGasLimit;
    }

    /// <summary>The gas limit nearest to a target that L1 allows after the parent's.</summary>
    public static ulong GasLimitTowards(ulong target, ulong parentGasLimit)
    {
        ulong bound = parentGasLimit / GasLimitBoundDivisor;
        ulong most = bound == 0 ? 0 : bound - 1;
        if (target > parentGasLimit) return Math.Min(target, parentGasLimit + Math.Min(most, ulong.MaxValue - parentGasLimit));
        return Math.Max(Math.Max(target, MinGasLimit), parentGasLimit - most);
    }

    private static BlockError CheckForkFields(BlockHeader header, Rules rules)
    {
        if (rules.Withdrawals == WithdrawalsRule.None)
        {
            if (header.WithdrawalsRoot is not null) return BlockError.UnexpectedWithdrawalsRoot;
        }
        else if (header.WithdrawalsRoot is not { } root)
        {
            return BlockError.MissingWithdrawalsRoot;
        }
        else if (rules.Withdrawals == WithdrawalsRule.EmptyList && root != Hash256.EmptyTrie)
        {
            return BlockError.WrongWithdrawalsRoot;
        }

        if (rules.HasBeaconRoot != header.ParentBeaconBlockRoot is not null)
        {
            return rules.HasBeaconRoot ? BlockError.MissingBeaconRoot : BlockError.UnexpectedBeaconRoot;
        }

        if (rules.Requests == RequestsRule.None) return header.RequestsHash is null ? BlockError.None : BlockError.UnexpectedRequestsHash;
        if (header.RequestsHash is not { } requests) return BlockError.MissingRequestsHash;
        return rules.Requests == RequestsRule.AlwaysEmpty && requests != ExecutionRequests.EmptyHash ? BlockError.WrongRequestsHash : BlockError.None;
    }

    private static BlockError CheckBlobGas(BlockHeader header, BlockHeader parent, Rules rules)
    {
        if (rules.BlobGas == BlobGasRule.None)
        {
            return header.BlobGasUsed is null && header.ExcessBlobGas is null ? BlockError.None : BlockError.UnexpectedBlobGas;
        }

        if (header.BlobGasUsed is not { } used || header.ExcessBlobGas is not { } excess) return BlockError.MissingBlobGas;
        switch (rules.BlobGas)
        {
            case BlobGasRule.Blobs:
                if (used > rules.Blobs.MaxBlobs * BlobGas.GasPerBlob || used % BlobGas.GasPerBlob != 0) return BlockError.BlobGasAboveLimit;
                return excess == BlobGas.NextExcess(parent, rules.Blobs, rules.HasBlobReservePrice) ? BlockError.None : BlockError.WrongExcessBlobGas;
            case BlobGasRule.Zero:
                if (excess != 0) return BlockError.WrongExcessBlobGas;
                return used == 0 ? BlockError.None : BlockError.BlobGasNotZero;
            default:
                if (excess != 0) return BlockError.WrongExcessBlobGas;
                return used <= header.GasLimit ? BlockError.None : BlockError.BlobGasAboveLimit;
        }
    }

    /// <summary>Checks a body against its header: the roots, the withdrawals, the size.</summary>
    public static BlockError CheckBody(Block block, Rules rules)
    {
        if (block.Ommers.Length != 0) return BlockError.OmmersNotEmpty;
        if (rules.MaxBlockSize != int.MaxValue && block.Encode().Length > rules.MaxBlockSize) return BlockError.BlockTooLarge;
        if (BodyRoots.OfTransactions(block.Transactions) != block.Header.TransactionsRoot) return BlockError.WrongTransactionsRoot;
        if (rules.Withdrawals == WithdrawalsRule.None) return block.Withdrawals is null ? BlockError.None : BlockError.UnexpectedWithdrawals;
        if (block.Withdrawals is not { } withdrawals) return BlockError.MissingWithdrawals;
        if (rules.Withdrawals != WithdrawalsRule.List) return withdrawals.Length == 0 ? BlockError.None : BlockError.WithdrawalsNotEmpty;
        return BodyRoots.OfWithdrawals(withdrawals) == block.Header.WithdrawalsRoot ? BlockError.None : BlockError.WrongWithdrawalsRoot;
    }
}
