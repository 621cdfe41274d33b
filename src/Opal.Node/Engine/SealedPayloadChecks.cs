using Opal.Protocol;

namespace Opal.Node;

/// <summary>What a block that came out of the engine must look like before it is imported and published.</summary>
public static class SealedPayloadChecks
{
    /// <summary>
    /// Done, or what is wrong. Retry: it is not the block that was asked for, which is the engine's fault and says nothing about the attributes. Invalid: the engine
    /// left out transactions that it was told to include, which is how some engines say that they cannot be executed.
    /// </summary>
    public static EngineStep Judge(ExecutionPayload payload, BuildJob job)
    {
        if (FindFault(payload, job) is { } fault) return EngineStep.Retry($"the engine's block is not the one asked for: {fault}");
        PayloadAttributes attributes = job.Attributes;
        int at = 0, missing = 0;
        foreach (byte[] wanted in attributes.Transactions)
        {
            if (at < payload.Transactions.Count && payload.Transactions[at].AsSpan().SequenceEqual(wanted)) at++;
            else if (IsDeposit(wanted)) return EngineStep.Retry("the engine's block is not the one asked for: a deposit is missing");
            else missing++;
        }

        if (attributes.NoTxPool && at < payload.Transactions.Count) return EngineStep.Retry("the engine's block is not the one asked for: it holds transactions that were not to be in it");
        return missing == 0 ? EngineStep.Done : EngineStep.Invalid($"the engine left out {missing} of the {attributes.Transactions.Count} transactions it was told to include");
    }

    private static string? FindFault(ExecutionPayload payload, BuildJob job)
    {
        PayloadAttributes attributes = job.Attributes;
        if (payload.ParentHash != job.Parent.Hash) return $"it is built on {payload.ParentHash} instead of {job.Parent.Hash}";
        if (payload.BlockNumber != job.Parent.Number + 1) return $"it is block {payload.BlockNumber} on block {job.Parent.Number}";
        if (payload.Timestamp != attributes.Timestamp) return $"its time is {payload.Timestamp} instead of {attributes.Timestamp}";
        if (payload.PrevRandao != attributes.PrevRandao) return $"its randomness is {payload.PrevRandao} instead of {attributes.PrevRandao}";
        if (attributes.GasLimit is { } gasLimit && payload.GasLimit != gasLimit) return $"its gas limit is {payload.GasLimit} instead of {gasLimit}";
        if (payload.Transactions.Count == 0) return "it has no transactions, not even the L1 attributes deposit";
        if (!IsDeposit(payload.Transactions[0])) return "its first transaction is no deposit";
        bool deposits = true;
        foreach (byte[] transaction in payload.Transactions)
        {
            if (!IsDeposit(transaction)) deposits = false;
            else if (!deposits) return "a deposit comes after a transaction that is none";
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
