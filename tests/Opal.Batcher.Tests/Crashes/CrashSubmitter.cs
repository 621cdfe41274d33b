using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Batcher.Tests.Crashes;

/// <summary>Sends as the transaction manager promises to: records, publishes, publishes again what the pool lost, takes up what an earlier run published.</summary>
internal sealed class CrashSubmitter(CrashL1 l1, CrashPoints points, Random random, ulong confirmations) : IL1Submitter
{
    private sealed record Waiting(PoolTransaction Newest, HashSet<Hash256> Versions, TaskCompletionSource<BlockId> Mined);

    private readonly List<Waiting> _waiting = [];
    private ulong? _next;

    /// <summary>How often a transaction fails before anything of it is known to L1.</summary>
    public double FailureRate { get; set; }

    public async Task<BlockId> SubmitAsync(IReadOnlyList<byte[]> carriers, bool asBlobs, ITxRecorder? recorder, TxResume? resume, CancellationToken cancellation)
    {
        points.Step();
        if (random.NextDouble() < FailureRate) throw new BatchSubmissionException("L1 does not answer");
        ulong nonce = resume?.Nonce ?? AcquireNonce();
        if (resume is null || _next <= nonce) _next = nonce + 1;
        var versions = new HashSet<Hash256>(resume?.Versions.Select(static v => v.Hash) ?? []);
        bool isMined = versions.Any(version => l1.Find(version) is not null);
        if (!isMined && nonce < l1.Nonce) throw NonceTaken(nonce);
        var bytes = new byte[32];
        random.NextBytes(bytes);
        var transaction = new PoolTransaction(new Hash256(bytes), nonce, carriers);
        var waiting = new Waiting(transaction, versions, new TaskCompletionSource<BlockId>());
        _waiting.Add(waiting);
        cancellation.Register(() => waiting.Mined.TrySetCanceled(cancellation));
        if (isMined) return await waiting.Mined.Task;
        try
        {
            await recorder!.PublishingAsync(new TxVersion(nonce, transaction.Hash, new TxFees(1, 2, 3)), cancellation);
            versions.Add(transaction.Hash);
            points.Step();
            if (!l1.Publish(transaction)) throw NonceTaken(nonce);
            points.Step();
            if (random.NextDouble() < FailureRate) throw new BatchSubmissionException("L1 took it, and its answer was lost");
        }
        catch
        {
            _waiting.Remove(waiting);
            throw;
        }

        return await waiting.Mined.Task;
    }

    /// <summary>As the transaction manager does: a nonce that was published is not handed out again, unless nothing is on its way and the pool lost it.</summary>
    private ulong AcquireNonce() =>
        _next is null ? Math.Max(l1.Nonce, _waiting.Count == 0 ? 0 : _waiting.Max(static w => w.Newest.Nonce) + 1)
        : _waiting.Count == 0 ? l1.PendingNonce : _next.Value;

    private BatchSubmissionException NonceTaken(ulong nonce)
    {
        _next = null;
        return new BatchSubmissionException("taken", new TxManagerException(TxFailure.NonceTaken, $"nonce {nonce} is taken"));
    }

    /// <summary>Hears of a new L1 chain.</summary>
    public void Look()
    {
        FillGap();
        foreach (Waiting waiting in _waiting.ToArray())
        {
            if (points.IsDead) return;
            L1Inclusion? mined = waiting.Versions.Select(l1.Find).FirstOrDefault(static i => i is not null);
            if (mined is null && waiting.Newest.Nonce >= l1.Nonce)
            {
                if (!waiting.Versions.Any(l1.HasInPool)) l1.Publish(waiting.Newest);
                continue;
            }

            if (mined is { } deep && deep.Block.Number + confirmations > l1.Head.Number + 1) continue;
            _waiting.Remove(waiting);
            if (mined is { } place) waiting.Mined.TrySetResult(place.Block);
            else waiting.Mined.TrySetException(NonceTaken(waiting.Newest.Nonce));
        }
    }

    /// <summary>A nonce that nobody has, while others wait behind it, is filled with an empty transaction.</summary>
    private void FillGap()
    {
        ulong next = l1.Nonce;
        if (points.IsDead || _waiting.Count == 0 || _waiting.Min(static w => w.Newest.Nonce) <= next || l1.HasInPool(next)) return;
        l1.Publish(new PoolTransaction(Hash256.FromUInt256(new UInt256(next, 5, (ulong)random.Next(), 5)), next, []));
    }
}
