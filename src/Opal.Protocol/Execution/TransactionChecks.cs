using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The rules of a transaction that need no state.</summary>
public static class TransactionChecks
{
    private const byte KzgVersion = 0x01;

    /// <summary>Checks all rules that hold whatever the state and the block's prices: what a pool checks first. The signature is checked by the sender's recovery.</summary>
    /// <param name="transaction">The transaction; no deposit.</param>
    /// <param name="rules">The rules of the block it is for.</param>
    /// <param name="chainId">The chain's id.</param>
    /// <param name="leniency">Rules to pass over.</param>
    /// <param name="intrinsicGas">Its intrinsic gas.</param>
    /// <param name="floorGas">Its floor.</param>
    public static TransactionVerdict CheckStateless(
        Transaction transaction, Rules rules, in UInt256 chainId, Leniency leniency, out ulong intrinsicGas, out ulong floorGas)
    {
        intrinsicGas = 0;
        floorGas = 0;
        if (transaction.IsDeposit || !rules.Allows(transaction.Type)) return TransactionVerdict.TypeNotAllowed;
        if (transaction.ChainId is { } id && chainId != id) return TransactionVerdict.WrongChainId;
        if (transaction.Nonce == ulong.MaxValue && (leniency & Leniency.SkipNonce) == 0) return TransactionVerdict.NonceOverflow;
        if (transaction.GasLimit > rules.MaxTransactionGas && (leniency & Leniency.SkipGasCap) == 0) return TransactionVerdict.GasLimitTooHigh;
        if (transaction.MaxPriorityFeePerGas > transaction.MaxFeePerGas) return TransactionVerdict.PriorityFeeAboveMaxFee;
        if (!UInt256.TryMultiply(transaction.MaxFeePerGas, transaction.GasLimit, out _)) return TransactionVerdict.CostOverflow;
        if (transaction.To is null && transaction.Data.Length > rules.Evm.MaxInitCodeSize) return TransactionVerdict.InitCodeTooLarge;
        TransactionVerdict byType = transaction.Type switch
        {
            TransactionType.Blob => CheckBlobs(transaction, rules),
            TransactionType.SetCode => CheckSetCode(transaction),
            _ => TransactionVerdict.Valid,
        };
        if (byType != TransactionVerdict.Valid) return byType;
        intrinsicGas = IntrinsicGas.Of(transaction, rules, out floorGas);
        if (transaction.GasLimit < intrinsicGas) return TransactionVerdict.IntrinsicGasTooLow;
        return transaction.GasLimit < floorGas ? TransactionVerdict.FloorGasTooLow : TransactionVerdict.Valid;
    }

    private static TransactionVerdict CheckBlobs(Transaction transaction, Rules rules)
    {
        if (transaction.To is null) return TransactionVerdict.CreationNotAllowed;
        if (transaction.BlobVersionedHashes.Length == 0) return TransactionVerdict.NoBlobs;
        ulong most = Math.Min(rules.MaxBlobsPerTransaction, rules.Blobs.MaxBlobs);
        if ((ulong)transaction.BlobVersionedHashes.Length > most) return TransactionVerdict.TooManyBlobs;
        foreach (Hash256 hash in transaction.BlobVersionedHashes)
        {
            if (hash.ToUInt256().ByteAt(0) != KzgVersion) return TransactionVerdict.UnknownBlobVersion;
        }

        return TransactionVerdict.Valid;
    }

    private static TransactionVerdict CheckSetCode(Transaction transaction)
    {
        if (transaction.To is null) return TransactionVerdict.CreationNotAllowed;
        return transaction.AuthorizationList.Length == 0 ? TransactionVerdict.NoAuthorizations : TransactionVerdict.Valid;
    }

    /// <summary>The most that a transaction can cost its sender: value, gas at the max fee, blobs at the max blob fee. Saturated at 2^256 - 1. Without L1 and operator fee.</summary>
    public static UInt256 MaxCost(Transaction transaction) => TryMaxCost(transaction, out UInt256 cost) ? cost : UInt256.MaxValue;

    /// <summary>As <see cref="MaxCost"/>; false when it does not fit 256 bits, so that no balance covers it.</summary>
    internal static bool TryMaxCost(Transaction transaction, out UInt256 cost)
    {
        if (!UInt256.TryMultiply(transaction.MaxFeePerGas, transaction.GasLimit, out cost) || !UInt256.TryAdd(cost, transaction.Value, out cost)) return false;
        if (transaction.Type != TransactionType.Blob) return true;
        ulong blobGas = (ulong)transaction.BlobVersionedHashes.Length * BlobGas.GasPerBlob;
        return UInt256.TryMultiply(transaction.MaxFeePerBlobGas, blobGas, out UInt256 blobs) && UInt256.TryAdd(cost, blobs, out cost);
    }
}
