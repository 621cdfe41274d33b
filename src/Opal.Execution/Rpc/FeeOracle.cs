using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>How fees are suggested.</summary>
public sealed record FeeOracleOptions
{
    /// <summary>Blocks looked at.</summary>
    public int Blocks { get; init; } = 20;

    /// <summary>Which of the sampled tips is suggested, in percent.</summary>
    public int Percentile { get; init; } = 60;

    /// <summary>The highest suggestion, in wei.</summary>
    public UInt256 MaxTip { get; init; } = new(500_000_000_000);

    /// <summary>Tips below this are no sample, in wei.</summary>
    public UInt256 IgnoreBelow { get; init; } = new(2);

    /// <summary>The least suggestion, in wei; also the answer while nothing can be sampled.</summary>
    public UInt256 MinTip { get; init; } = new(1_000_000);
}

/// <summary>Suggests tips from recent blocks.</summary>
/// <remarks>
/// On Ethereum: a percentile of the lowest tips of recent blocks. On the OP Stack a block is rarely full, and then the least tip is enough;
/// only when the last block was near its limit is the median of its tips, and a tenth more, suggested.
/// </remarks>
public sealed class FeeOracle(Blockchain chain, FeeOracleOptions options)
{
    private const int SamplesPerBlock = 3;
    private sealed record Cached(Hash256 Head, UInt256 Tip);

    private Cached? _cached;

    /// <summary>The suggested tip, in wei.</summary>
    public UInt256 SuggestTip()
    {
        ExecutedBlock head = chain.Head;
        if (_cached is { } cached && cached.Head == head.Hash) return cached.Tip;
        UInt256 tip = chain.Spec.IsOptimism ? SuggestForRollup(head) : SuggestFromPercentile(head);
        tip = UInt256.Min(UInt256.Max(tip, options.MinTip), options.MaxTip);
        _cached = new Cached(head.Hash, tip);
        return tip;
    }

    private UInt256 SuggestForRollup(ExecutedBlock head)
    {
        ulong largest = 0;
        List<UInt256> tips = [];
        for (int i = 0; i < head.Transactions.Count; i++)
        {
            if (head.Transactions[i].IsDeposit) continue;
            largest = Math.Max(largest, head.Receipts[i].GasUsed);
            tips.Add(TransactionFees.EffectiveTip(head.Transactions[i], head.Header.BaseFeePerGas ?? UInt256.Zero));
        }

        bool nearlyFull = head.Header.GasUsed + largest > head.Header.GasLimit;
        if (!nearlyFull || tips.Count == 0) return options.MinTip;
        tips.Sort();
        UInt256 median = tips[tips.Count / 2];
        return median + (median / new UInt256(10));
    }

    private UInt256 SuggestFromPercentile(ExecutedBlock head)
    {
        List<UInt256> samples = [];
        ExecutedBlock? block = head;
        for (int i = 0; i < options.Blocks && block is not null && block.Number > 0; i++)
        {
            UInt256 baseFee = block.Header.BaseFeePerGas ?? UInt256.Zero;
            samples.AddRange(block.Transactions
                .Where(t => !t.IsDeposit && SenderOf(t) != block.Header.Beneficiary)
                .Select(t => TransactionFees.EffectiveTip(t, baseFee))
                .Where(tip => tip >= options.IgnoreBelow)
                .Order()
                .Take(SamplesPerBlock));
            block = chain.Find(block.Header.ParentHash);
        }

        if (samples.Count == 0) return _cached?.Tip ?? options.MinTip;
        samples.Sort();
        return samples[(samples.Count - 1) * options.Percentile / 100];
    }

    private Address SenderOf(Transaction transaction) => transaction.TryGetSender(chain.Crypto, out Address sender) ? sender : default;
}
