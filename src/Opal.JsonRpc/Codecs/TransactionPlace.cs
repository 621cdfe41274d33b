using Opal.Primitives;

namespace Opal.JsonRpc;

/// <summary>Where a transaction stands in the chain.</summary>
/// <param name="BlockHash">The block's hash.</param>
/// <param name="BlockNumber">The block's number.</param>
/// <param name="BlockTimestamp">The block's timestamp in seconds.</param>
/// <param name="Index">The transaction's index in the block.</param>
/// <param name="BaseFee">The block's base fee; null before London.</param>
public readonly record struct TransactionPlace(Hash256 BlockHash, ulong BlockNumber, ulong BlockTimestamp, ulong Index, UInt256? BaseFee);
