using Opal.Derivation;
using Opal.Node;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.Batches;

/// <summary>Reads the transactions to the batch inbox out of L1 blocks, with the data of their blobs.</summary>
internal sealed class L1Inbox(KnownRollup rollup, IL1Source l1, IBlobSource blobs, ICrypto crypto)
{
    /// <summary>Blocks asked for at a time.</summary>
    private const int AtOnce = 8;

    /// <summary>The transactions of a range of blocks, and the range's last block.</summary>
    /// <exception cref="DecodeException">L1 does not have a block.</exception>
    /// <exception cref="SourceException">L1 gives no usable answer.</exception>
    public async Task<(List<InboxTransaction> Transactions, L1BlockRef End)> ReadAsync(ulong from, ulong to, Action<ulong> done, CancellationToken cancellation)
    {
        var transactions = new List<InboxTransaction>();
        var ahead = new Queue<Task<(L1BlockRef Block, List<InboxTransaction> Transactions)>>();
        L1BlockRef end = default;
        for (ulong next = from; next <= to || ahead.Count > 0;)
        {
            while (next <= to && ahead.Count < AtOnce) ahead.Enqueue(ReadBlockAsync(next++, null, cancellation));
            (end, List<InboxTransaction> found) = await ahead.Dequeue();
            transactions.AddRange(found);
            done(end.Number);
        }

        return (transactions, end);
    }

    /// <summary>One transaction of a block, whatever it is.</summary>
    /// <inheritdoc cref="ReadAsync" path="/exception"/>
    public async Task<InboxTransaction> ReadOneAsync(ulong block, Hash256 transaction, CancellationToken cancellation)
    {
        (_, List<InboxTransaction> found) = await ReadBlockAsync(block, transaction, cancellation);
        return found.Count == 1 ? found[0] : throw new DecodeException($"L1 block {block} does not hold the transaction {transaction}");
    }

    private async Task<(L1BlockRef Block, List<InboxTransaction> Transactions)> ReadBlockAsync(ulong number, Hash256? only, CancellationToken cancellation)
    {
        L1Block block = await l1.BlockByNumberAsync(number, cancellation) ?? throw new DecodeException($"L1 has no block {number}");
        var found = new List<InboxTransaction>();
        int blobsBefore = 0;
        for (int i = 0; i < block.Transactions.Count; i++)
        {
            if (block.Transactions[i] is not { } transaction) continue;
            int firstBlob = blobsBefore;
            blobsBefore += transaction.BlobVersionedHashes.Length;
            if (only is { } hash ? transaction.Hash != hash : transaction.To != rollup.Config.BatchInboxAddress) continue;
            found.Add(await ReadTransactionAsync(block.Ref, i, firstBlob, transaction, cancellation));
        }

        return (block.Ref, found);
    }

    private async Task<InboxTransaction> ReadTransactionAsync(L1BlockRef block, int index, int firstBlob, Transaction transaction, CancellationToken cancellation)
    {
        Address? from = transaction.TryGetSender(crypto, out Address sender) ? sender : null;
        bool? isFromBatcher = rollup.Batcher is { } batcher ? from == batcher : null;
        return new InboxTransaction
        {
            Block = block,
            Index = index,
            Hash = transaction.Hash,
            From = from,
            IsFromBatcher = isFromBatcher,
            Type = transaction.Type,
            Ignored = WhyIgnored(transaction, from, isFromBatcher),
            Parts = BatcherTransactions.UsesBlobs(transaction, rollup.Config, new L1InclusionTime(block.Timestamp))
                ? await ReadBlobsAsync(block, transaction.BlobVersionedHashes, firstBlob, cancellation)
                : [new DataPart(Carrier.Calldata, transaction.Data, transaction.Data.Length)],
        };
    }

    private string? WhyIgnored(Transaction transaction, Address? from, bool? isFromBatcher)
    {
        if (transaction.To != rollup.Config.BatchInboxAddress) return "not sent to the batch inbox";
        if (!BatcherTransactions.IsAddressed(transaction, rollup.Config)) return $"no batcher transaction by its type {(byte)transaction.Type} or chain {transaction.ChainId}";
        if (from is null) return "its signature gives no sender";
        return isFromBatcher is false ? "its sender is not the batcher" : null;
    }

    private async Task<List<DataPart>> ReadBlobsAsync(L1BlockRef block, Hash256[] hashes, int firstBlob, CancellationToken cancellation)
    {
        var parts = new List<DataPart>();
        (L1Blobs? all, string? problem) = await FetchAsync(new NeedBlobs(block, hashes, [.. Enumerable.Range(firstBlob, hashes.Length)]), cancellation);
        for (int i = 0; i < hashes.Length; i++)
        {
            // where some are missing, each is asked for alone: the others may be there
            L1Blobs? one = null;
            if (all is null && problem is null && hashes.Length > 1) (one, problem) = await FetchAsync(new NeedBlobs(block, [hashes[i]], [firstBlob + i]), cancellation);
            ReadOnlyMemory<byte>? blob = all is not null ? all.Blobs[i] : one?.Blobs[0];
            parts.Add(blob is { } found ? BlobPart(found.Span, hashes[i]) : new DataPart(Carrier.Blob, default, 0, hashes[i], problem ?? "the Beacon API does not have this blob"));
        }

        return parts;
    }

    private async Task<(L1Blobs? Blobs, string? Problem)> FetchAsync(NeedBlobs need, CancellationToken cancellation)
    {
        try
        {
            return (await blobs.BlobsAsync(need, cancellation), null);
        }
        catch (SourceException error)
        {
            return (null, error.Message);
        }
    }

    /// <summary>The data of a blob, or why it has none.</summary>
    public static DataPart BlobPart(ReadOnlySpan<byte> blob, Hash256? hash) =>
        BlobCodec.TryDecode(blob, out byte[] data, out DataRule rule)
            ? new DataPart(Carrier.Blob, data, data.Length, hash)
            : new DataPart(Carrier.Blob, default, 0, hash, $"no rollup data in the blob: {RuleNames.Of(rule)}");
}
