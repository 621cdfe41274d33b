using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>What the batcher asks of L1 when something was lost, or after a restart.</summary>
public interface IL1Facts
{
    /// <summary>The account that sends.</summary>
    Address Sender { get; }

    /// <summary>The block of a number on the canonical chain; null when there is none.</summary>
    Task<BlockId?> FindBlockAsync(ulong number, CancellationToken cancellation);

    /// <summary>Where the canonical chain holds a transaction; null when it does not.</summary>
    Task<L1Inclusion?> FindInclusionAsync(Hash256 transaction, CancellationToken cancellation);

    /// <summary>The SystemConfig's batcher at L1's head; null when there is no contract to ask.</summary>
    Task<Address?> FindBatcherAsync(CancellationToken cancellation);

    /// <summary>The newest of the last blocks that holds a transaction of the account; null when none of them does.</summary>
    /// <param name="depth">How many blocks are looked at, the head included.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<ulong?> FindNewestOwnBlockAsync(int depth, CancellationToken cancellation);
}
