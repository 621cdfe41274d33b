using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>What the batcher keeps of an L2 block once it is in a closed channel.</summary>
/// <param name="Id">The block.</param>
/// <param name="Time">Its timestamp, seconds.</param>
/// <param name="Origin">The number of its L1 origin.</param>
/// <param name="OriginTime">The timestamp of its L1 origin, seconds.</param>
/// <param name="IsEmpty">Whether it holds deposits alone.</param>
public readonly record struct PostedBlock(BlockId Id, ulong Time, ulong Origin, ulong OriginTime, bool IsEmpty)
{
    /// <summary>The block's number.</summary>
    public ulong Number => Id.Number;

    /// <summary>What is kept of a block. One without an L1 attributes deposit has the origin 0.</summary>
    public static PostedBlock Of(Block block)
    {
        bool isEmpty = true;
        foreach (Transaction transaction in block.Transactions) isEmpty &= transaction.Type == TransactionType.Deposit;
        L1BlockInfo? info = block.Transactions.Length > 0 && L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? read) ? read : null;
        return new PostedBlock(new BlockId(block.Hash, block.Number), block.Header.Timestamp, info?.Number ?? 0, info?.Timestamp ?? 0, isEmpty);
    }
}
