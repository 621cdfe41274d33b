using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>
/// Fills a nonce that nobody here sends, while later ones wait behind it: one of a transaction that was given up or lost in a reorg, or that stands in L1's pools
/// for too little and is raised by nobody. An empty transaction of the account to itself takes its place.
/// </summary>
/// <param name="parts">The manager's parts.</param>
/// <param name="send">Sends a candidate with a nonce that is adopted already.</param>
internal sealed class NonceGaps(ManagerParts parts, Func<SendAttempt, CancellationToken, Task<TxReceiptInfo>> send)
{
    /// <summary>Whether L1 waits for a nonce that is none of ours, for as long as one of ours would wait before it is raised, and makes blocks without it; fills it then.</summary>
    /// <param name="waiting">The transaction that is stuck behind it.</param>
    /// <param name="next">The account's nonce in L1's latest block.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task ConsiderAsync(SendAttempt waiting, ulong next, CancellationToken cancellation)
    {
        if (next >= waiting.Nonce || parts.Nonces.IsInUse(next))
        {
            waiting.StuckBehind = null;
            return;
        }

        DateTimeOffset now = parts.Clock.GetUtcNow();
        if (waiting.StuckBehind is not { } stuck || stuck.Nonce != next)
        {
            waiting.StuckBehind = (next, now, parts.Head.Moves);
            return;
        }

        if (now - stuck.Since < parts.Options.ResubmissionTimeout || parts.Head.Moves == stuck.HeadMoves) return;
        bool isInPool = await IsInPoolAsync(next, cancellation);
        if (!parts.Nonces.TryAdopt(next)) return;
        string what = isInPool ? "A transaction that nobody here waits for has" : "Nothing has";
        parts.Logger.LogWarning("{What} nonce {Gap} of {Account}, behind which the transaction with nonce {Nonce} waits: an empty transaction takes its place", what, next, parts.Sender, waiting.Nonce);
        var filler = new SendAttempt(EmptyTransaction.Of(parts.Sender, waiting.Candidate.HasBlobs));
        filler.Begin(next);
        _ = FillAsync(filler, cancellation);
    }

    private async Task<bool> IsInPoolAsync(ulong next, CancellationToken cancellation) => await parts.L1.NextNonceAsync(parts.Sender, BlockParameter.Pending, cancellation) > next;

    /// <summary>Where it fails, the gap is seen again.</summary>
    private async Task FillAsync(SendAttempt filler, CancellationToken cancellation)
    {
        try
        {
            await send(filler, cancellation);
        }
        catch (Exception error) when (error is TxManagerException or RpcTransportException or RpcCallException)
        {
            parts.Logger.LogWarning("Nonce {Nonce} of {Account} was not filled: {Problem}", filler.Nonce, parts.Sender, error.Message);
        }
        catch (OperationCanceledException)
        {
            parts.Logger.LogDebug("Filling nonce {Nonce} was given up with the transaction behind it", filler.Nonce);
        }
    }
}

/// <summary>A transaction that does nothing but use its nonce.</summary>
internal static class EmptyTransaction
{
    private const ulong Gas = 21_000;

    /// <summary>Of the account to itself; with an empty blob where L1's pools hold blob transactions of it, as they do not mix the kinds.</summary>
    public static TxCandidate Of(Address account, bool withBlob) => new(account, ReadOnlyMemory<byte>.Empty, UInt256.Zero, Gas, withBlob ? [new byte[Crypto.Kzg.BlobSize]] : null);
}
