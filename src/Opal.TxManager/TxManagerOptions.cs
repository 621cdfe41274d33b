using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>How transactions are priced, repeated and confirmed. Defaults as op-batcher's and op-proposer's.</summary>
public sealed record TxManagerOptions
{
    private static UInt256 Gwei(ulong gwei) => new UInt256(gwei) * 1_000_000_000UL;

    /// <summary>The chain id that every L1 endpoint must have; null: that they agree is enough.</summary>
    public ulong? ChainId { get; init; }

    /// <summary>Blocks that a transaction must be deep, its own included (<c>num-confirmations</c>).</summary>
    public ulong ConfirmationBlocks { get; init; } = 10;

    /// <summary>Looks that find the nonce used and no receipt of ours, after which a transaction may be given up (<c>safe-abort-nonce-too-low-count</c>).</summary>
    public int SafeAbortNonceTooLowCount { get; init; } = 3;

    /// <summary>How long an unmined transaction stays as it is before its fees are raised (<c>resubmission-timeout</c>).</summary>
    public TimeSpan ResubmissionTimeout { get; init; } = TimeSpan.FromSeconds(48);

    /// <summary>How often L1's pools are asked whether they still hold an unmined transaction; zero: never (<c>txmgr.rebroadcast-interval</c>).</summary>
    public TimeSpan RebroadcastInterval { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>The wait before a transaction is offered again that no pool took (<c>txmgr.retry-interval</c>).</summary>
    public TimeSpan RetryInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>How long one request to L1 may take (<c>network-timeout</c>).</summary>
    public TimeSpan NetworkTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How many times the current price a raised fee may be (<c>fee-limit-multiplier</c>).</summary>
    public uint FeeLimitMultiplier { get; init; } = 5;

    /// <summary>The fee below which that limit does not bind, wei (<c>txmgr.fee-limit-threshold</c>).</summary>
    public UInt256 FeeLimitThreshold { get; init; } = Gwei(100);

    /// <summary>The least base fee reckoned with, wei (<c>txmgr.min-basefee</c>).</summary>
    public UInt256 MinBaseFee { get; init; } = Gwei(1);

    /// <summary>The base fee above which nothing is offered, wei; null: none (<c>txmgr.max-basefee</c>).</summary>
    public UInt256? MaxBaseFee { get; init; }

    /// <summary>The least tip, wei (<c>txmgr.min-tip-cap</c>).</summary>
    public UInt256 MinTip { get; init; } = Gwei(1);

    /// <summary>The tip above which nothing is offered, wei; null: none (<c>txmgr.max-tip-cap</c>).</summary>
    public UInt256? MaxTip { get; init; }

    /// <summary>Whether blob transactions offer the tip that others of late blocks paid, instead of the node's suggestion; <see cref="MinTip"/> holds then only where there are none (<c>txmgr.blob-tip-cap-dynamic</c>).</summary>
    public bool BlobTipDynamic { get; init; }

    /// <summary>Which of these tips, 1 to 100 percent of the way from the least to the most (<c>txmgr.blob-tip-cap-percentile</c>).</summary>
    public int BlobTipPercentile { get; init; } = 60;

    /// <summary>In how many of the latest blocks they are looked for (<c>txmgr.blob-tip-cap-range</c>).</summary>
    public int BlobTipRange { get; init; } = 20;

    /// <summary>The least blob fee cap offered, wei (<c>txmgr_setMinBlobFee</c>).</summary>
    public UInt256 MinBlobFee { get; init; } = Gwei(1);

    /// <summary>How long sending may take altogether; zero: as long as it takes (<c>txmgr.send-timeout</c>).</summary>
    public TimeSpan SendTimeout { get; init; } = TimeSpan.Zero;

    /// <summary>How long to try to get a transaction into L1's pool at all (<c>txmgr.not-in-mempool-timeout</c>).</summary>
    public TimeSpan NotInMempoolTimeout { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>How often L1 is asked for receipts (<c>txmgr.receipt-query-interval</c>).</summary>
    public TimeSpan ReceiptQueryInterval { get; init; } = TimeSpan.FromSeconds(12);

    /// <summary>Parts of error messages by which some provider says that it has the transaction already (<c>txmgr.already-published-custom-errs</c>).</summary>
    public IReadOnlyList<string> AlreadyPublishedErrors { get; init; } = [];

    /// <summary>L1 time in seconds from which blob transactions carry cell proofs (Osaka); null: as the public networks do, never on others (<c>txmgr.cell-proof-time</c>).</summary>
    public ulong? CellProofTime { get; init; }
}
