using Opal.Cli.Flags;
using Opal.Primitives;
using Opal.TxManager;

namespace Opal.Cli.L1Services;

/// <summary>How transactions are sent, made from the flags.</summary>
internal static class SendSettings
{
    /// <summary>How this service's transactions are priced, repeated and confirmed.</summary>
    /// <exception cref="FlagException">A flag has a value that nothing can be sent with.</exception>
    public static TxManagerOptions Read(FlagValues values)
    {
        foreach (string name in new[] { "num-confirmations", "safe-abort-nonce-too-low-count", "fee-limit-multiplier" }) AtLeastOne(values, name);
        foreach (string name in new[] { "resubmission-timeout", "network-timeout", "txmgr.not-in-mempool-timeout", "txmgr.receipt-query-interval" }) RequireTime(values, name);
        return new TxManagerOptions
        {
            ConfirmationBlocks = values.Number("num-confirmations"),
            SafeAbortNonceTooLowCount = values.Int("safe-abort-nonce-too-low-count"),
            ResubmissionTimeout = values.Duration("resubmission-timeout"),
            NetworkTimeout = values.Duration("network-timeout"),
            FeeLimitMultiplier = (uint)values.Int("fee-limit-multiplier"),
            FeeLimitThreshold = values.Gwei("txmgr.fee-limit-threshold"),
            MinBaseFee = values.Gwei("txmgr.min-basefee"),
            MaxBaseFee = LimitOf(values, "txmgr.max-basefee", "txmgr.min-basefee"),
            MinTip = values.Gwei("txmgr.min-tip-cap"),
            MaxTip = LimitOf(values, "txmgr.max-tip-cap", "txmgr.min-tip-cap"),
            MinBlobFee = values.Gwei("txmgr.min-blob-tx-fee"),
            RebroadcastInterval = values.Duration("txmgr.rebroadcast-interval"),
            RetryInterval = values.Duration("txmgr.retry-interval"),
            AlreadyPublishedErrors = values.List("txmgr.already-published-custom-errs"),
            SendTimeout = values.Duration("txmgr.send-timeout"),
            NotInMempoolTimeout = values.Duration("txmgr.not-in-mempool-timeout"),
            ReceiptQueryInterval = values.Duration("txmgr.receipt-query-interval"),
            CellProofTime = values.NumberOrNull("txmgr.cell-proof-time"),
        };
    }

    /// <summary>An upper bound in wei; null sets none.</summary>
    private static UInt256? LimitOf(FlagValues values, string most, string least)
    {
        if (values.TextOrNull(most) is null || values.Gwei(most).IsZero) return null;
        return values.Gwei(most) >= values.Gwei(least) ? values.Gwei(most) : throw new FlagException($"{values.NamedAs(most)} ({values.Text(most)} gwei) is less than --{least} ({values.Text(least)} gwei): nothing could be sent");
    }

    /// <summary>Refuses zero.</summary>
    /// <exception cref="FlagException">The number is zero.</exception>
    public static void AtLeastOne(FlagValues values, string name)
    {
        if (values.Number(name) == 0) throw new FlagException($"{values.NamedAs(name)}: must be at least 1");
    }

    /// <summary>Refuses a time of nothing.</summary>
    /// <exception cref="FlagException">The duration is zero.</exception>
    public static void RequireTime(FlagValues values, string name)
    {
        if (values.Duration(name) <= TimeSpan.Zero) throw new FlagException($"{values.NamedAs(name)}: must be longer than nothing, as {values.Table[name].Default}");
    }
}
