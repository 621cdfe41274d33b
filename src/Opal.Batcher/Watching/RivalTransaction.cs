using Opal.Derivation;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>A transaction of the batcher's account that this batcher did not send.</summary>
/// <param name="Block">The L1 block that holds it.</param>
/// <param name="Hash">Its hash.</param>
/// <param name="IsBatch">Whether it goes to the batch inbox.</param>
/// <param name="Carries">What it carries, for messages.</param>
public sealed record RivalTransaction(BlockId Block, Hash256 Hash, bool IsBatch, string Carries)
{
    internal static RivalTransaction Of(BlockId block, Transaction transaction, Address inbox) =>
        new(block, transaction.Hash, transaction.To == inbox, CarriedBy(transaction, inbox));

    private static string CarriedBy(Transaction transaction, Address inbox)
    {
        if (transaction.To != inbox) return transaction.To is { } to ? $"it goes to {to.ToChecksumString()}" : "it creates a contract";
        if (transaction.BlobVersionedHashes.Length > 0) return $"its frames are in {transaction.BlobVersionedHashes.Length} blobs";
        var frames = new List<Frame>();
        if (!FrameCodec.TryParseAll(transaction.Data, frames, out DataRule rule)) return $"its data are no frames ({rule})";
        return "it carries " + string.Join(", ", frames.GroupBy(static frame => frame.Channel).Select(static channel =>
            $"frames {channel.Min(static f => f.Number)} to {channel.Max(static f => f.Number)} of channel {channel.Key}"));
    }
}
