using Opal.Derivation;

namespace Opal.Cli.Batches;

/// <summary>An L2 block as a batch describes it.</summary>
/// <param name="Index">Its place in the batch.</param>
/// <param name="Timestamp">Its time in seconds. Of a span of an unknown rollup only the first block's is known, relative to L2's genesis.</param>
/// <param name="Origin">The number of its L1 origin.</param>
/// <param name="Transactions">Its sequenced transactions.</param>
internal readonly record struct BlockView(int Index, ulong Timestamp, ulong Origin, IReadOnlyList<byte[]> Transactions);

/// <summary>A batch of a channel, of either form, seen as blocks.</summary>
internal sealed class BatchView(ChannelItem item)
{
    /// <summary>The batch as it lies in the channel.</summary>
    public ChannelItem Item => item;

    public BatchKind Kind => item.Kind;

    /// <summary>Whether its blocks are known: not those of a span that cannot be rebuilt.</summary>
    public bool HasBlocks => item.Singular is not null || item.Span is not null;

    public int BlockCount => item.Span?.BlockCount ?? (item.Singular is null ? 0 : 1);

    public int TransactionCount => item.Span?.TransactionCount ?? item.Singular?.Transactions.Count ?? 0;

    public ulong FirstTimestamp => item.Span?.Timestamp ?? item.Singular!.Timestamp;

    public ulong LastTimestamp => item.Span?.LastTimestamp ?? item.Singular!.Timestamp;

    public ulong FirstOrigin => item.Span?.StartEpoch ?? item.Singular!.EpochNumber;

    public ulong LastOrigin => item.Span?.EndEpoch ?? item.Singular!.EpochNumber;

    public IEnumerable<BlockView> Blocks
    {
        get
        {
            if (item.Singular is { } singular) yield return new BlockView(0, singular.Timestamp, singular.EpochNumber, singular.Transactions);
            if (item.Span is not { } span) yield break;
            for (int i = 0; i < span.BlockCount; i++) yield return new BlockView(i, span.TimestampOf(i), span.EpochOf(i), span.TransactionsOf(i).ToArray());
        }
    }
}
