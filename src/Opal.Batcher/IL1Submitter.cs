using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>Puts batcher transactions on L1.</summary>
public interface IL1Submitter
{
    /// <summary>Sends one transaction to the batch inbox and waits until it is confirmed.</summary>
    /// <param name="carriers">What each carrier holds: one for calldata, one a blob otherwise; each begins with the derivation version byte 0.</param>
    /// <param name="asBlobs">Whether the carriers are blobs.</param>
    /// <param name="recorder">Hears of every signed version before it is published.</param>
    /// <param name="resume">What an earlier run published of the same carriers; null sends them for the first time.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>The L1 block that holds it. One that reverted counts too: derivation does not ask for the status (derivation.md#l1-retrieval).</returns>
    /// <exception cref="BatchSubmissionException">The transaction failed for good; the frames have to be sent again.</exception>
    Task<BlockId> SubmitAsync(IReadOnlyList<byte[]> carriers, bool asBlobs, ITxRecorder? recorder, TxResume? resume, CancellationToken cancellation);
}

/// <summary>A batcher transaction did not make it to L1.</summary>
public sealed class BatchSubmissionException(string message, Exception? inner = null) : Exception(message, inner);
