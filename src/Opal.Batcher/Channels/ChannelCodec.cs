using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Encodes blocks as singular batches or one span batch and compresses the stream.</summary>
/// <remarks>
/// Before Delta there are singular batches only, and before Fjord zlib only: what is configured begins with the fork that brings it.
/// Spec: derivation.md#channel-format (zlib), fjord/derivation.md (Brotli behind a version byte 1).
/// </remarks>
public sealed class ChannelCodec(RollupConfig config, BatcherOptions options) : IChannelCodec
{
    /// <inheritdoc/>
    public byte[] Encode(IReadOnlyList<Block> blocks)
    {
        var stream = new RlpWriter(4096);
        var first = new L2Time(blocks.Count == 0 ? 0 : blocks[0].Header.Timestamp);
        bool asSpan = options.BatchType == BatchType.Span && config.IsActive(OptimismFork.Delta, first);
        if (!asSpan || !TryWriteSpan(blocks, stream))
        {
            foreach (Block block in blocks) stream.WriteBytes(BatchOf(block, out _).Encode());
        }

        return ChannelContent.Compress(stream.Written, config.IsActive(OptimismFork.Fjord, first) ? options.Compression : ChannelCompression.Zlib, options.BrotliQuality);
    }

    /// <summary>A span batch carries all blocks or none: where one of them does not fit its format, singular batches carry them all.</summary>
    private bool TryWriteSpan(IReadOnlyList<Block> blocks, RlpWriter stream)
    {
        var span = new SpanBatchBuilder(config);
        foreach (Block block in blocks)
        {
            SingularBatch batch = BatchOf(block, out ulong sequenceNumber);
            if (span.TryAdd(batch, sequenceNumber) != SpanBuildError.None) return false;
        }

        stream.WriteBytes(span.Encode());
        return true;
    }

    /// <summary>What L1 has to know of a block: everything but its deposits.</summary>
    /// <exception cref="InvalidDataException">The block has no L1 attributes deposit: it is not of a rollup.</exception>
    internal static SingularBatch BatchOf(Block block, out ulong sequenceNumber)
    {
        if (block.Transactions.Length == 0 || !L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info))
        {
            throw new InvalidDataException($"L2 block {block.Number} ({block.Hash}) does not begin with an L1 attributes deposit");
        }

        sequenceNumber = info!.SequenceNumber;
        var transactions = new List<byte[]>();
        foreach (Transaction transaction in block.Transactions)
        {
            if (transaction.Type != TransactionType.Deposit) transactions.Add(transaction.Encoded.ToArray());
        }

        return new SingularBatch
        {
            ParentHash = block.Header.ParentHash, EpochNumber = info.Number, EpochHash = info.BlockHash, Timestamp = block.Header.Timestamp, Transactions = transactions,
        };
    }
}
