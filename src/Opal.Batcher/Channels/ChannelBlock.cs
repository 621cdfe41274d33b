using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>What a channel carries of an L2 block: everything but its deposits, and what encoding it depends on.</summary>
/// <param name="Batch">The block's batch.</param>
/// <param name="SequenceNumber">The block's index in its epoch.</param>
/// <param name="OriginTime">The timestamp in seconds of the block's L1 origin. No L1 block that carries the batch is older, so a fork active by it is active there.</param>
public readonly record struct ChannelBlock(SingularBatch Batch, ulong SequenceNumber, ulong OriginTime)
{
    /// <summary>Takes it from a block.</summary>
    /// <exception cref="InvalidDataException">The block has no L1 attributes deposit: it is not of a rollup.</exception>
    public static ChannelBlock Of(Block block)
    {
        if (block.Transactions.Length == 0 || !L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info))
        {
            throw new InvalidDataException($"L2 block {block.Number} ({block.Hash}) does not begin with an L1 attributes deposit");
        }

        var transactions = new List<byte[]>(block.Transactions.Length);
        foreach (Transaction transaction in block.Transactions)
        {
            if (transaction.Type != TransactionType.Deposit) transactions.Add(transaction.Encoded);
        }

        var batch = new SingularBatch
        {
            ParentHash = block.Header.ParentHash, EpochNumber = info!.Number, EpochHash = info.BlockHash, Timestamp = block.Header.Timestamp, Transactions = transactions,
        };
        return new ChannelBlock(batch, info.SequenceNumber, info.Timestamp);
    }
}
