using Opal.Primitives;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>Remembers the hashes of the newest L1 transactions that this batcher signed. Safe for use by many threads.</summary>
/// <param name="remembered">How many.</param>
public sealed class OwnTransactions(int remembered = 10_000)
{
    private readonly Lock _gate = new();
    private readonly HashSet<Hash256> _hashes = [];
    private readonly Queue<Hash256> _order = new();

    /// <summary>Remembers one.</summary>
    public void Add(Hash256 hash)
    {
        lock (_gate)
        {
            if (!_hashes.Add(hash)) return;
            _order.Enqueue(hash);
            if (_order.Count > remembered) _hashes.Remove(_order.Dequeue());
        }
    }

    /// <summary>Whether it is ours.</summary>
    public bool Contains(Hash256 hash)
    {
        lock (_gate) return _hashes.Contains(hash);
    }

    /// <summary>Remembers every version of what is sent through a submitter, before it is published, and those of an earlier run that are taken up again.</summary>
    public IL1Submitter Watching(IL1Submitter submitter) => new WatchedSubmitter(submitter, this);

    private sealed class WatchedSubmitter(IL1Submitter inner, OwnTransactions own) : IL1Submitter
    {
        public Task<Protocol.BlockId> SubmitAsync(IReadOnlyList<byte[]> carriers, bool asBlobs, ITxRecorder? recorder, TxResume? resume, CancellationToken cancellation)
        {
            foreach (TxVersion version in resume?.Versions ?? []) own.Add(version.Hash);
            return inner.SubmitAsync(carriers, asBlobs, new WatchedRecorder(recorder, own), resume, cancellation);
        }
    }

    private sealed class WatchedRecorder(ITxRecorder? inner, OwnTransactions own) : ITxRecorder
    {
        public ValueTask PublishingAsync(TxVersion version, CancellationToken cancellation)
        {
            own.Add(version.Hash);
            return inner?.PublishingAsync(version, cancellation) ?? ValueTask.CompletedTask;
        }
    }
}
