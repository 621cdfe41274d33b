using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>Where a log stands in the chain.</summary>
/// <param name="BlockHash">The block's hash.</param>
/// <param name="BlockNumber">The block's number.</param>
/// <param name="BlockTimestamp">The block's timestamp in seconds.</param>
/// <param name="TransactionHash">The transaction's hash.</param>
/// <param name="TransactionIndex">The transaction's index in the block.</param>
/// <param name="LogIndex">The log's index in the block.</param>
/// <param name="Removed">Whether a reorg took the log away.</param>
public readonly record struct LogPlace(
    Hash256 BlockHash, ulong BlockNumber, ulong BlockTimestamp, Hash256 TransactionHash, ulong TransactionIndex, ulong LogIndex, bool Removed = false);
