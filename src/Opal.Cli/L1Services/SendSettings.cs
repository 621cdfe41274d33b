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
        return Checked(values, new TxManagerOptions
        {
            ConfirmationBlocks = values.Number("num-confirmations"),
            SafeAbortNonceTooLowCount = values.Int("safe-abort-nonce-too-low-count"),
            ResubmissionTimeout = values.Duration("resubmission-timeout"),
            NetworkTimeout = values.Duration("network-timeout"),
            FeeLimitMultiplier = (uint)values.Int("fee-limit-multiplier"),
            FeeLimitThreshold = values.Gwei("txmgr.fee-limit-threshold"),
            MinBaseFee = values.Gwei("txmgr.min-basefee"),
            MaxBaseFee = LimitOf(values, "txmgr.max-basefee"),
            MinTip = values.Gwei("txmgr.min-tip-cap"),
            MaxTip = LimitOf(values, "txmgr.max-tip-cap"),
            MinBlobFee = values.Gwei("txmgr.min-blob-tx-fee"),
            RebroadcastInterval = values.Duration("txmgr.rebroadcast-interval"),
            RetryInterval = values.Duration("txmgr.retry-interval"),
            AlreadyPublishedErrors = values.List("txmgr.already-published-custom-errs"),
            SendTimeout = values.Duration("txmgr.send-timeout"),
            NotInMempoolTimeout = values.Duration("txmgr.not-in-mempool-timeout"),
            ReceiptQueryInterval = values.Duration("txmgr.receipt-query-interval"),
            CellProofTime = values.NumberOrNull("txmgr.cell-proof-time"),
        });
    }

    /// <summary>Options that something can be sent with.</summary>
    /// <exception cref="FlagException">They are not; the message begins with the flag as its user wrote it.</exception>
    public static TxManagerOptions Checked(FlagValues values, TxManagerOptions options)
    {
        if (options.FindProblem() is not { } problem) return options;
        int name = problem.IndexOf(' ', StringComparison.Ordinal);
        throw new FlagException($"{values.NamedAs(problem[..name])}{problem[name..]}");
    }

    /// <summary>An upper bound in wei; null sets none.</summary>
    private static UInt256? LimitOf(FlagValues values, string flag) => values.Gwei(flag) is { IsZero: false } most ? most : null;

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
