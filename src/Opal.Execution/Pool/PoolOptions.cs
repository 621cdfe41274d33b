using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Limits and prices of the transaction pool; the defaults are the known client's.</summary>
public sealed record PoolOptions
{
    /// <summary>The least tip accepted, in wei.</summary>
    public UInt256 PriceLimit { get; init; } = UInt256.One;

    /// <summary>How much dearer a replacement must be, in percent.</summary>
    public uint PriceBumpPercent { get; init; } = 10;

    /// <summary>How much dearer the replacement of a blob transaction must be, in percent.</summary>
    public uint BlobPriceBumpPercent { get; init; } = 100;

    /// <summary>Executable slots every account may count on before it competes with others.</summary>
    public int AccountSlots { get; init; } = 16;

    /// <summary>Slots for executable transactions in all.</summary>
    public int GlobalSlots { get; init; } = 5120;

    /// <summary>Waiting transactions (a nonce is missing below them) one account may have.</summary>
    public int AccountQueue { get; init; } = 64;

    /// <summary>Slots for waiting transactions in all.</summary>
    public int GlobalQueue { get; init; } = 1024;

    /// <summary>How long a waiting transaction is kept.</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(3);

    /// <summary>The largest transaction accepted, in bytes without blobs.</summary>
    public int MaxTransactionSize { get; init; } = 4 * PoolTransaction.SlotSize;

    /// <summary>Whether blob transactions with their sidecars are taken (an L1), or refused (an L2).</summary>
    public bool AcceptBlobs { get; init; }

    /// <summary>Blobs kept of pooled and included transactions, oldest dropped first.</summary>
    public int MaxStoredBlobs { get; init; } = 2048;
}
