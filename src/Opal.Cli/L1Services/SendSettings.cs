using Opal.Cli.Flags;
using Opal.TxManager;

namespace Opal.Cli.L1Services;

/// <summary>How transactions are sent, made from the flags.</summary>
internal static class SendSettings
{
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
            MinTip = values.Gwei("txmgr.min-tip-cap"),
            SendTimeout = values.Duration("txmgr.send-timeout"),
            NotInMempoolTimeout = values.Duration("txmgr.not-in-mempool-timeout"),
            ReceiptQueryInterval = values.Duration("txmgr.receipt-query-interval"),
            CellProofTime = values.NumberOrNull("txmgr.cell-proof-time"),
        };
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
