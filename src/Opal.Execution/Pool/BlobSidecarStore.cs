using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Sidecars of blob transactions by transaction hash: of pooled ones, and of included ones for as long as there is room. Thread-safe.</summary>
public sealed class BlobSidecarStore(int maxBlobs)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Hash256, BlobSidecar> _byTransaction = [];
    private readonly Queue<Hash256> _order = new();
    private int _blobs;

    /// <summary>Keeps a sidecar; the oldest ones make room.</summary>
    public void Put(in Hash256 transaction, BlobSidecar sidecar)
    {
        lock (_lock)
        {
            if (!_byTransaction.TryAdd(transaction, sidecar)) return;
            _order.Enqueue(transaction);
            _blobs += sidecar.Blobs.Length;
            while (_blobs > maxBlobs && _order.Count > 1)
            {
                if (_byTransaction.Remove(_order.Dequeue(), out BlobSidecar? dropped)) _blobs -= dropped.Blobs.Length;
            }
        }
    }

    /// <summary>The sidecar of a transaction, if it is still kept.</summary>
    public BlobSidecar? Find(in Hash256 transaction)
    {
        lock (_lock) return _byTransaction.GetValueOrDefault(transaction);
    }
}
