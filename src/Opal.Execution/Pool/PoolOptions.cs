using Opal.Primitives;

namespace Opal.Execution;

/// <summary>Limits and prices of the transaction pool; the defaults are the known client's.</summary>
public sealed record PoolOptions
{
    /// <summary>The least tip accepted, in wei (<c>txpool.pricelimit</c>).</summary>
    public UInt256 PriceLimit { get; init; } = UInt256.One;

    /// <summary>How much dearer a replacement must be, in percent (<c>txpool.pricebump</c>).</summary>
    public uint PriceBumpPercent { get; init; } = 10;

    /// <summary>How much dearer the replacement of a blob transaction must be, in percent.</summary>
    public uint BlobPriceBumpPercent { get; init; } = 100;

    /// <summary>Executable transactions every account may count on when there are more than <see cref="GlobalSlots"/> (<c>txpool.accountslots</c>).</summary>
    public int AccountSlots { get; init; } = 16;

    /// <summary>Slots for executable transactions in all (<c>txpool.globalslots</c>); a slot is 32 KiB. Accounts that keep to their share may exceed it together, up to the pool's whole capacity.</summary>
    public int GlobalSlots { get; init; } = 5120;

    /// <summary>Waiting transactions (a nonce is missing below them) one account may have (<c>txpool.accountqueue</c>).</summary>
    public int AccountQueue { get; init; } = 64;

    /// <summary>Waiting transactions in all (<c>txpool.globalqueue</c>).</summary>
    public int GlobalQueue { get; init; } = 1024;

    /// <summary>How long a waiting transaction is kept (<c>txpool.lifetime</c>).</summary>
    public TimeSpan Lifetime { get; init; } = TimeSpan.FromHours(3);

    /// <summary>Accounts whose transactions no price, limit or lifetime keeps out or drops, and that are always journaled (<c>txpool.locals</c>).</summary>
    public IReadOnlyList<Address> Locals { get; init; } = [];

    /// <summary>Whether transactions sent to this node's RPC are treated like any other, that is not journaled (<c>txpool.nolocals</c>).</summary>
    public bool NoLocals { get; init; }

    /// <summary>The file that keeps local transactions over restarts (<c>txpool.journal</c>, <c>transactions.rlp</c> in the client's directory); null keeps none.</summary>
    public string? JournalPath { get; init; }

    /// <summary>How often the journal is written anew with what is still pooled (<c>txpool.rejournal</c>).</summary>
    public TimeSpan JournalInterval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Whether all transactions are journaled, not only local ones (<c>txpool.journalremotes</c>).</summary>
    public bool JournalRemotes { get; init; }

    /// <summary>The largest transaction accepted, in bytes without blobs.</summary>
    public int MaxTransactionSize { get; init; } = 4 * PoolTransaction.SlotSize;

    /// <summary>Whether blob transactions with their sidecars are taken (an L1), or refused (an L2).</summary>
    public bool AcceptBlobs { get; init; }

    /// <summary>Blobs kept of pooled and included transactions, oldest dropped first.</summary>
    public int MaxStoredBlobs { get; init; } = 2048;
}
