using Opal.Protocol;

namespace Opal.Node;

/// <summary>What a block that came out of the engine must look like before it is imported and published.</summary>
public static class SealedPayloadChecks
{
    /// <summary>The first fault, in words; null when there is none.</summary>
    public static string? Find(ExecutionPayload payload, BuildJob job)
    {
        if (payload.ParentHash != job.Parent.Hash) return $"the engine built on {payload.ParentHash} instead of {job.Parent.Hash}";
        if (payload.BlockNumber != job.Parent.Number + 1) return $"the engine built block {payload.BlockNumber} on block {job.Parent.Number}";
        if (payload.Timestamp != job.Attributes.Timestamp) return $"the engine built a block of time {payload.Timestamp} instead of {job.Attributes.Timestamp}";
        if (payload.Transactions.Count == 0) return "the block has no transactions, not even the L1 attributes deposit";
        if (!IsDeposit(payload.Transactions[0])) return "the first transaction is no deposit";
        bool deposits = true;
        foreach (byte[] transaction in payload.Transactions)
        {
            if (IsDeposit(transaction))
            {
                if (!deposits) return "a deposit comes after a transaction that is none";
            }
            else
            {
                deposits = false;
            }
        }

        return null;
    }

    /// <summary>Whether all transactions of the attributes are deposits: such a block can never be invalid.</summary>
    public static bool OnlyDeposits(PayloadAttributes attributes)
    {
        foreach (byte[] transaction in attributes.Transactions)
        {
            if (!IsDeposit(transaction)) return false;
        }

        return true;
    }

    private static bool IsDeposit(byte[] transaction) => transaction.Length > 0 && transaction[0] == (byte)TransactionType.Deposit;
}
