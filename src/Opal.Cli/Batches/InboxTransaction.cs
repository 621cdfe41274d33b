using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.Batches;

/// <summary>A transaction to the batch inbox, or a file in its place, with the batcher data it carries.</summary>
internal sealed record InboxTransaction
{
    /// <summary>The file it came from; null when it came from L1.</summary>
    public string? File { get; init; }

    /// <summary>The L1 block that holds it; null when that is not known.</summary>
    public L1BlockRef? Block { get; init; }

    /// <summary>Its place in the block.</summary>
    public int? Index { get; init; }

    /// <summary>Its hash; null for data that came without a transaction.</summary>
    public Hash256? Hash { get; init; }

    /// <summary>Its sender; null when there is none, or none can be recovered.</summary>
    public Address? From { get; init; }

    /// <summary>Whether the sender is the batcher; null when one of the two is not known.</summary>
    public bool? IsFromBatcher { get; init; }

    /// <summary>Its type; null for data that came without a transaction.</summary>
    public TransactionType? Type { get; init; }

    /// <summary>The pieces of data, in order.</summary>
    public IReadOnlyList<DataPart> Parts { get; init; } = [];

    /// <summary>Why derivation takes nothing of it although it is to the inbox: its sender, type or chain. Null when it does.</summary>
    public string? Ignored { get; init; }

    /// <summary>Why nothing of it could be read; null when something could.</summary>
    public string? Problem { get; init; }
}
