using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>The rules for entering the pool, with the messages clients know. Stateless; thread-safe.</summary>
internal sealed class PoolAdmission(PoolOptions options, IBlobProofs? blobProofs, ICrypto crypto)
{
    private static PoolAddResult Refuse(PoolError error, string message) => PoolAddResult.Refused(error, message);

    /// <summary>What can be judged without the sender's account. A blob sidecar may be replaced by the form the head's fork asks for.</summary>
    public PoolAddResult CheckTransaction(Transaction transaction, ref BlobSidecar? sidecar, PoolHead head, bool isPrivileged)
    {
        Rules rules = head.Rules;
        bool supported = !transaction.IsDeposit && rules.Allows(transaction.Type) && (transaction.Type != TransactionType.Blob || options.AcceptBlobs);
        if (!supported) return Refuse(PoolError.TypeNotSupported, "transaction type not supported");
        int size = transaction.Encoded.Length;
        if (size > options.MaxTransactionSize) return Refuse(PoolError.Oversized, $"oversized data: transaction size {size}, limit {options.MaxTransactionSize}");
        if (transaction.To is null && transaction.Data.Length > rules.Evm.MaxInitCodeSize)
        {
            return Refuse(PoolError.InitCodeTooLarge, $"max initcode size exceeded: code size {transaction.Data.Length}, limit {rules.Evm.MaxInitCodeSize}");
        }

        if (transaction.GasLimit > rules.MaxTransactionGas)
        {
            return Refuse(PoolError.GasLimitTooHigh, $"transaction gas limit too high (cap: {rules.MaxTransactionGas}, tx: {transaction.GasLimit})");
        }

        if (transaction.GasLimit > head.GasLimit) return Refuse(PoolError.ExceedsBlockGasLimit, "exceeds block gas limit");
        if (transaction.MaxPriorityFeePerGas > transaction.MaxFeePerGas) return Refuse(PoolError.TipAboveFeeCap, "max priority fee per gas higher than max fee per gas");
        if (transaction.ChainId is { } chainId && chainId != head.ChainId)
        {
            return Refuse(PoolError.InvalidSender, $"invalid sender: invalid chain id for signer: have {chainId} want {head.ChainId}");
        }

        ulong intrinsic = IntrinsicGas.Of(transaction, rules, out ulong floor);
        if (transaction.GasLimit < intrinsic) return Refuse(PoolError.IntrinsicGas, $"intrinsic gas too low: gas {transaction.GasLimit}, minimum needed {intrinsic}");
        if (transaction.GasLimit < floor)
        {
            return Refuse(PoolError.FloorDataGas, $"insufficient gas for floor data gas cost: gas {transaction.GasLimit}, minimum needed {floor}");
        }

        if (!isPrivileged && transaction.MaxPriorityFeePerGas < options.PriceLimit)
        {
            return Refuse(PoolError.Underpriced, $"transaction underpriced: gas tip cap {transaction.MaxPriorityFeePerGas}, minimum needed {options.PriceLimit}");
        }

        return transaction.Type switch
        {
            TransactionType.Blob => CheckBlobs(transaction, ref sidecar, head),
            TransactionType.SetCode when transaction.AuthorizationList.Length == 0 => Refuse(PoolError.NoAuthorizations, "set code tx must have at least one authorization tuple"),
            TransactionType.SetCode when transaction.To is null => Refuse(PoolError.TypeNotSupported, "set code transaction must not be a create transaction"),
            _ => default,
        };
    }

    private PoolAddResult CheckBlobs(Transaction transaction, ref BlobSidecar? sidecar, PoolHead head)
    {
        Rules rules = head.Rules;
        int blobs = transaction.BlobVersionedHashes.Length;
        if (transaction.To is null) return Refuse(PoolError.BlobFieldsInvalid, "blob transaction of type create");
        if (blobs == 0) return Refuse(PoolError.BlobFieldsInvalid, "blobless blob transaction");
        ulong most = Math.Min(rules.MaxBlobsPerTransaction, rules.Blobs.MaxBlobs);
        if ((ulong)blobs > most) return Refuse(PoolError.BlobFieldsInvalid, $"too many blobs in transaction: have {blobs}, permitted {most}");
        if (transaction.MaxFeePerBlobGas < BlobGas.MinBaseFee)
        {
            return Refuse(PoolError.Underpriced, $"transaction underpriced: blob fee cap {transaction.MaxFeePerBlobGas}, minimum needed {BlobGas.MinBaseFee}");
        }

        if (sidecar is null) return Refuse(PoolError.BlobSidecarMissing, "missing sidecar in blob transaction");
        if (PooledTransaction.Check(transaction, sidecar, crypto) is not TransactionError.None and var mismatch)
        {
            return Refuse(PoolError.BlobSidecarInvalid, $"invalid sidecar: {TransactionErrorText.Of(mismatch)}");
        }

        if (!blobProofs!.Verify(sidecar)) return Refuse(PoolError.BlobSidecarInvalid, "invalid blob proofs");

        // from Osaka on sidecars carry cell proofs; older ones are converted, newer ones are too early
        if (!SidecarForm.HasCellProofs(rules)) return sidecar.WrapperVersion == 0 ? default : Refuse(PoolError.BlobSidecarInvalid, "unexpected sidecar version 1, want 0");
        if (sidecar.WrapperVersion == 0) sidecar = blobProofs.WithCellProofs(sidecar);
        return sidecar is not null ? default : Refuse(PoolError.BlobSidecarInvalid, "invalid blobs");
    }

    /// <summary>What depends on the sender's account and what it has pooled already.</summary>
    public PoolAddResult CheckAccount(PoolTransaction candidate, PoolTransaction? replaced, Account account, SenderTransactions queue, PoolHead head, bool hasPendingAuthorization)
    {
        Transaction transaction = candidate.Transaction;
        if (transaction.Nonce < account.Nonce) return Refuse(PoolError.NonceTooLow, $"nonce too low: next nonce {account.Nonce}, tx nonce {transaction.Nonce}");
        if (transaction.Nonce == ulong.MaxValue) return Refuse(PoolError.NonceAtMaximum, "nonce has max value");
        bool delegated = hasPendingAuthorization;
        if (account.CodeHash != Hash256.EmptyCode && account.CodeHash != Hash256.Zero)
        {
            if (!Delegation.TryParse(head.State.GetCode(account.CodeHash).Span, out _))
            {
                return Refuse(PoolError.SenderHasCode, $"sender not an eoa: address {candidate.Sender.ToChecksumString()}, codehash: {account.CodeHash}");
            }

            delegated = true;
        }

        // an account with delegated code can be emptied by anybody's transaction: it may have one in flight, and no gap
        if (delegated && replaced is null)
        {
            if (queue.Count > 0) return Refuse(PoolError.InFlightLimit, "in-flight transaction limit reached for delegated accounts");
            if (transaction.Nonce != account.Nonce) return Refuse(PoolError.InFlightLimit, "gapped-nonce tx from delegated accounts");
        }

        if (replaced is not null && CheckReplacement(candidate, replaced) is { IsAccepted: false } refused) return refused;
        UInt256 cost = candidate.TotalCost;
        if (cost > account.Balance)
        {
            return Refuse(PoolError.InsufficientFunds, $"insufficient funds for gas * price + value: balance {account.Balance}, tx cost {cost}, overshot {cost - account.Balance}");
        }

        UInt256 queued = queue.TotalCost(exceptNonce: transaction.Nonce);
        if (!UInt256.TryAdd(queued, cost, out UInt256 total) || total > account.Balance)
        {
            return Refuse(PoolError.InsufficientFunds, $"insufficient funds for gas * price + value: balance {account.Balance}, queued cost {queued}, tx cost {cost}, overshot {total - account.Balance}");
        }

        bool waits = transaction.Nonce > queue.NextNonce;
        if (!waits || replaced is not null) return default;
        if (transaction.Type == TransactionType.Blob) return Refuse(PoolError.NonceTooHigh, $"nonce too high: tx nonce {transaction.Nonce}, gapped nonce {queue.NextNonce}");
        return !queue.IsPrivileged && queue.QueuedCount >= options.AccountQueue && (options.AccountQueue == 0 || transaction.Nonce > queue.Last.Nonce)
            ? Refuse(PoolError.QueueLimit, $"too many waiting transactions of this account: {queue.QueuedCount}, next nonce {queue.NextNonce}")
            : default;
    }

    private PoolAddResult CheckReplacement(PoolTransaction candidate, PoolTransaction replaced)
    {
        bool blob = replaced.Transaction.Type == TransactionType.Blob;
        if (blob != (candidate.Transaction.Type == TransactionType.Blob)) return Refuse(PoolError.ReplacementUnderpriced, "address already reserved");
        uint bump = blob ? options.BlobPriceBumpPercent : options.PriceBumpPercent;
        bool enough = IsBumped(candidate.FeeCap, replaced.FeeCap, bump) && IsBumped(candidate.TipCap, replaced.TipCap, bump)
            && (!blob || IsBumped(candidate.Transaction.MaxFeePerBlobGas, replaced.Transaction.MaxFeePerBlobGas, bump));
        return enough ? default : Refuse(PoolError.ReplacementUnderpriced, "replacement transaction underpriced");
    }

    private static bool IsBumped(in UInt256 offered, in UInt256 before, uint percent)
    {
        if (!UInt256.TryMultiply(before, new UInt256(100UL + percent), out UInt256 scaled)) return false;
        return offered > before && offered >= scaled / new UInt256(100);
    }

    /// <summary>The accounts whose code the transaction would set.</summary>
    public IEnumerable<Address> Authorities(Transaction transaction)
    {
        foreach (Authorization authorization in transaction.AuthorizationList)
        {
            if (authorization.TryGetAuthority(crypto, out Address authority)) yield return authority;
        }
    }
}
