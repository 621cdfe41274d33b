using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>How fees are offered and raised. Pure functions over amounts in wei.</summary>
public static class FeeRules
{
    /// <summary>Percent that L1's pools want a replacement to offer more: every fee of an ordinary transaction.</summary>
    public const uint BumpPercent = 10;

    /// <summary>Percent that L1's pools want a replacement to offer more: every fee of a blob transaction.</summary>
    public const uint BlobBumpPercent = 100;

    /// <summary>The first offer: room for the base fee to double, and the blob base fee as well.</summary>
    public static TxFees Initial(in TxPrices prices, bool isBlob) =>
        new(prices.Tip, Cap(prices.BaseFee, prices.Tip), isBlob ? prices.BlobBaseFee * 2 : UInt256.Zero);

    private static UInt256 Cap(in UInt256 baseFee, in UInt256 tip) => (baseFee * 2) + tip;

    /// <summary>The offer that may replace <paramref name="old"/> in L1's pools and is fair at the prices of the moment.</summary>
    public static TxFees Raise(in TxFees old, in TxPrices prices, bool isBlob) => Raise(old, prices, isBlob, isBlob ? BlobBumpPercent : BumpPercent);

    /// <summary>The next offer after one that the pools refused as too low: in small steps, as what it has to replace is not ours and its fees are not known.</summary>
    public static TxFees Approach(in TxFees refused, in TxPrices prices, bool isBlob) => Raise(refused, prices, isBlob, BumpPercent);

    private static TxFees Raise(in TxFees old, in TxPrices prices, bool isBlob, uint percent)
    {
        UInt256 tip = UInt256.Max(AtLeast(old.Tip, percent), prices.Tip);
        UInt256 cap = UInt256.Max(AtLeast(old.FeeCap, percent), Cap(prices.BaseFee, tip));
        UInt256 blobCap = isBlob ? UInt256.Max(AtLeast(old.BlobFeeCap, percent), prices.BlobBaseFee * 2) : UInt256.Zero;
        return new TxFees(tip, cap, blobCap);
    }

    /// <summary>The least amount that is <paramref name="percent"/> more, rounded up.</summary>
    private static UInt256 AtLeast(in UInt256 amount, uint percent) => ((amount * (100UL + percent)) + 99UL) / 100UL;

    /// <summary>Whether an offer stays within the limit: some multiple of a fresh offer, for fees above the threshold.</summary>
    /// <remarks>Without it, an endless series of raises in a stuck L1 would offer everything the account has.</remarks>
    public static bool IsWithinLimit(in TxFees offer, in TxPrices prices, bool isBlob, TxManagerOptions options)
    {
        TxFees fresh = Initial(prices, isBlob);
        return Within(offer.Tip, fresh.Tip, options) && Within(offer.FeeCap, fresh.FeeCap, options) && Within(offer.BlobFeeCap, fresh.BlobFeeCap, options);
    }

    /// <summary>Why nothing is offered at these prices; null when they are within the operator's bounds.</summary>
    public static string? TooHigh(in TxPrices prices, TxManagerOptions options)
    {
        if (options.MaxBaseFee is { } most && prices.BaseFee > most) return $"L1's base fee of {TxFees.Gwei(prices.BaseFee)} gwei is above the configured {TxFees.Gwei(most)} gwei (txmgr.max-basefee)";
        if (options.MaxTip is { } highest && prices.Tip > highest) return $"L1's tip of {TxFees.Gwei(prices.Tip)} gwei is above the configured {TxFees.Gwei(highest)} gwei (txmgr.max-tip-cap)";
        return null;
    }

    /// <summary>Whether an offer no longer pays for a block at these prices.</summary>
    public static bool IsStale(in TxFees offer, in TxPrices prices, bool isBlob) =>
        offer.FeeCap < prices.BaseFee + UInt256.Min(offer.Tip, prices.Tip) || (isBlob && offer.BlobFeeCap < prices.BlobBaseFee);

    private static bool Within(in UInt256 offered, in UInt256 fresh, TxManagerOptions options) =>
        offered <= options.FeeLimitThreshold || offered <= fresh * options.FeeLimitMultiplier;
}
