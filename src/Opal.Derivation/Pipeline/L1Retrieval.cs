using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Finds the batcher's data in an L1 block: calldata and blobs, in the order of the block (derivation.md#l1-retrieval; ecotone/derivation.md).</summary>
internal sealed class L1Retrieval(RollupConfig config, ICrypto crypto, L1Traversal traversal, Exchange exchange, IDerivationObserver observer) : IDataSource
{
    private readonly Queue<Item> _items = new();
    private readonly List<Hash256> _blobHashes = [];
    private readonly List<int> _blobIndices = [];
    private IReadOnlyList<ReadOnlyMemory<byte>>? _blobs;

    /// <summary>Calldata, or the index of a blob.</summary>
    private readonly record struct Item(ReadOnlyMemory<byte> Data, int Blob);

    public void Reset()
    {
        _items.Clear();
        _blobHashes.Clear();
        _blobIndices.Clear();
        _blobs = null;
    }

    /// <summary>Begins with the block that traversal stands at.</summary>
    public void Open()
    {
        Reset();
        if (traversal.Block is not { } block) return;
        int blobsBefore = 0;
        for (int i = 0; i < block.Transactions.Count; i++)
        {
            if (block.Transactions[i] is not { } transaction) continue;
            int firstBlob = blobsBefore;
            if (transaction.Type == TransactionType.Blob) blobsBefore += transaction.BlobVersionedHashes.Length;
            if (!IsBatcherTransaction(transaction)) continue;
            if (!BatcherTransactions.UsesBlobs(transaction, config, traversal.Time))
            {
                _items.Enqueue(new Item(transaction.Data, -1));
                continue;
            }

            foreach (Hash256 hash in transaction.BlobVersionedHashes)
            {
                _items.Enqueue(new Item(default, _blobHashes.Count));
                _blobHashes.Add(hash);
                _blobIndices.Add(firstBlob++);
            }
        }
    }

    /// <summary>Whether a transaction is to the inbox and from the batcher, as its signature gives the sender.</summary>
    private bool IsBatcherTransaction(Transaction transaction) =>
        BatcherTransactions.IsAddressed(transaction, config) && transaction.TryGetSender(crypto, out Address sender) && sender == traversal.SystemConfig.BatcherAddress;

    public Pull Next(out ReadOnlyMemory<byte> data)
    {
        data = default;
        if (_items.Count == 0) return Pull.Starved;
        Item item = _items.Peek();
        if (item.Blob < 0)
        {
            _items.Dequeue();
            data = item.Data;
            return Pull.Yielded;
        }

        if (_blobs is null)
        {
            if (exchange.Blobs is not { } given) return exchange.Ask(new NeedBlobs(traversal.Origin, _blobHashes.ToArray(), _blobIndices.ToArray()));
            if (given.Blobs.Count != _blobHashes.Count) return exchange.Reset(ResetReason.BlobsGone);
            exchange.Blobs = null;
            _blobs = given.Blobs;
        }

        ReadOnlySpan<byte> blob = _blobs[item.Blob].Span;
        if (blob.Length != BlobCodec.BlobSize) return exchange.Reset(ResetReason.BlobsGone);
        _items.Dequeue();
        if (!BlobCodec.TryDecode(blob, out byte[] content, out DataRule rule))
        {
            observer.DataDropped(traversal.Origin, rule);
            return Pull.Again;
        }

        data = content;
        return Pull.Yielded;
    }
}
