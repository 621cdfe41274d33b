using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>
/// Sidecars of blob transactions by transaction hash: of pooled ones, and of included ones for as long as there is room. Thread-safe.
/// The zeros at the end of a blob, most of it on a quiet chain, are not stored.
/// </summary>
public sealed class BlobSidecarStore(int maxBlobs)
{
    private readonly Lock _lock = new();
    private readonly Dictionary<Hash256, Kept> _byTransaction = [];
    private readonly Queue<Hash256> _order = new();
    private int _blobs;

    /// <summary>Keeps a sidecar; the oldest ones make room.</summary>
    public void Put(in Hash256 transaction, BlobSidecar sidecar)
    {
        lock (_lock)
        {
            if (!_byTransaction.TryAdd(transaction, Kept.Of(sidecar))) return;
            _order.Enqueue(transaction);
            _blobs += sidecar.Blobs.Length;
            while (_blobs > maxBlobs && _order.Count > 1)
            {
                if (_byTransaction.Remove(_order.Dequeue(), out Kept? dropped)) _blobs -= dropped.Blobs.Length;
            }
        }
    }

    /// <summary>The sidecar of a transaction, if it is still kept.</summary>
    public BlobSidecar? Find(in Hash256 transaction)
    {
        Kept? kept;
        lock (_lock) kept = _byTransaction.GetValueOrDefault(transaction);
        return kept?.Restore();
    }

    /// <summary>A sidecar with its blobs cut behind their last byte that is not zero.</summary>
    private sealed record Kept(byte WrapperVersion, byte[][] Blobs, int[] Sizes, byte[][] Commitments, byte[][] Proofs)
    {
        public static Kept Of(BlobSidecar sidecar) => new(
            sidecar.WrapperVersion,
            [.. sidecar.Blobs.Select(static b => b.AsSpan(0, b.AsSpan().LastIndexOfAnyExcept((byte)0) + 1).ToArray())],
            [.. sidecar.Blobs.Select(static b => b.Length)],
            [.. sidecar.Commitments],
            [.. sidecar.Proofs]);

        public BlobSidecar Restore()
        {
            var blobs = new byte[Blobs.Length][];
            for (int i = 0; i < blobs.Length; i++)
            {
                blobs[i] = new byte[Sizes[i]];
                Blobs[i].CopyTo(blobs[i], 0);
            }

            return new BlobSidecar { WrapperVersion = WrapperVersion, Blobs = blobs, Commitments = Commitments, Proofs = Proofs };
        }
    }
}
