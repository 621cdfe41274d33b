using Opal.Primitives;

namespace Opal.TxManager.Tests;

public class FeeRulesTests
{
    private static readonly TxPrices Prices = new(BaseFee: 10_000, Tip: 1_000, BlobBaseFee: 500);

    [Fact]
    public void The_first_offer_has_room_for_the_base_fees_to_double()
    {
        Assert.Equal(new TxFees(1_000, 21_000, 0), FeeRules.Initial(Prices, isBlob: false));
        Assert.Equal(new TxFees(1_000, 21_000, 1_000), FeeRules.Initial(Prices, isBlob: true));
    }

    [Fact]
    public void A_raise_is_ten_percent_or_the_price_whichever_is_more()
    {
        TxFees first = FeeRules.Initial(Prices, isBlob: false);
        Assert.Equal(new TxFees(1_100, 23_100, 0), FeeRules.Raise(first, Prices, isBlob: false));
        Assert.Equal(new TxFees(5_000, 205_000, 0), FeeRules.Raise(first, new TxPrices(100_000, 5_000, 0), isBlob: false));
    }

    [Fact]
    public void A_blob_transaction_doubles_every_fee()
    {
        TxFees raised = FeeRules.Raise(FeeRules.Initial(Prices, isBlob: true), Prices, isBlob: true);
        Assert.Equal(new TxFees(2_000, 42_000, 2_000), raised);
    }

    [Fact]
    public void What_is_not_ours_is_approached_in_small_steps() =>
        Assert.Equal(new TxFees(1_100, 23_100, 1_100), FeeRules.Approach(FeeRules.Initial(Prices, isBlob: true), Prices, isBlob: true));

    [Fact]
    public void Raises_satisfy_the_pools_at_any_size()
    {
        var random = new Random(5);
        for (int i = 0; i < 2000; i++)
        {
            var prices = new TxPrices((ulong)random.NextInt64(1, 1L << random.Next(2, 62)), (ulong)random.NextInt64(1, 1L << random.Next(2, 62)), (ulong)random.NextInt64(1, 1L << random.Next(2, 62)));
            foreach (bool isBlob in new[] { false, true })
            {
                uint percent = isBlob ? FeeRules.BlobBumpPercent : FeeRules.BumpPercent;
                var old = new TxFees((ulong)random.Next(1, 1000), (ulong)random.Next(1000, 5000), isBlob ? (UInt256)(ulong)random.Next(1, 100) : UInt256.Zero);
                TxFees raised = FeeRules.Raise(old, prices, isBlob);
                Assert.True(raised.Tip * 100UL >= old.Tip * (100UL + percent));
                Assert.True(raised.FeeCap * 100UL >= old.FeeCap * (100UL + percent));
                Assert.True(raised.BlobFeeCap * 100UL >= old.BlobFeeCap * (100UL + percent));
                Assert.True(raised.FeeCap >= raised.Tip);
            }
        }
    }

    [Fact]
    public void The_limit_binds_above_its_threshold_only()
    {
        var options = new TxManagerOptions { FeeLimitMultiplier = 5, FeeLimitThreshold = 1_000_000 };
        Assert.True(FeeRules.IsWithinLimit(new TxFees(900_000, 1_000_000, 0), Prices, false, options));
        Assert.False(FeeRules.IsWithinLimit(new TxFees(1_000, 1_000_001, 0), Prices, false, options));
        Assert.True(FeeRules.IsWithinLimit(new TxFees(1_000, 1_000_001, 0), Prices with { BaseFee = 1_000_000 }, false, options));
        Assert.False(FeeRules.IsWithinLimit(new TxFees(1_000, 21_000, 2_000_000), Prices, true, options));
    }

    [Fact]
    public void Options_that_make_no_sense_are_named_by_their_flag()
    {
        var good = new TxManagerOptions();
        Assert.Null(good.FindProblem());
        Assert.Null((good with { MaxBaseFee = good.MinBaseFee, MaxTip = good.MinTip }).FindProblem());
        foreach ((TxManagerOptions bad, string flag) in new (TxManagerOptions, string)[]
        {
            (good with { ConfirmationBlocks = 0 }, "num-confirmations"), (good with { SafeAbortNonceTooLowCount = 0 }, "safe-abort-nonce-too-low-count"),
            (good with { FeeLimitMultiplier = 0 }, "fee-limit-multiplier"), (good with { ResubmissionTimeout = TimeSpan.Zero }, "resubmission-timeout"),
            (good with { NetworkTimeout = TimeSpan.Zero }, "network-timeout"), (good with { NotInMempoolTimeout = TimeSpan.Zero }, "txmgr.not-in-mempool-timeout"),
            (good with { ReceiptQueryInterval = TimeSpan.Zero }, "txmgr.receipt-query-interval"), (good with { MinBaseFee = 1 }, "txmgr.min-basefee"),
            (good with { MaxBaseFee = UInt256.One }, "txmgr.max-basefee"), (good with { MaxTip = UInt256.One }, "txmgr.max-tip-cap"),
            (good with { BlobTipPercentile = 101 }, "txmgr.blob-tip-cap-percentile"), (good with { BlobTipRange = 0 }, "txmgr.blob-tip-cap-range"),
        })
        {
            Assert.StartsWith(flag, bad.FindProblem());
        }
    }
}
