namespace Opal.Execution;

/// <summary>Limits on the estimated data-availability size of pool transactions, set by the batcher (<c>miner_setMaxDASize</c>). Null means no limit.</summary>
/// <param name="MaxTransactionBytes">The largest estimate one transaction may have.</param>
/// <param name="MaxBlockBytes">The largest sum of estimates in one block.</param>
public sealed record DALimits(ulong? MaxTransactionBytes, ulong? MaxBlockBytes)
{
    /// <summary>No limits.</summary>
    public static DALimits None { get; } = new(null, null);
}
