using Opal.Primitives;

namespace Opal.TxManager;

/// <summary>One signed version of a transaction.</summary>
/// <remarks>
/// Every version of one candidate has the same nonce, but for one case: when L1's pools refused the first version because its nonce is taken, the next has a fresh
/// nonce. Then the versions of the old nonce are nowhere, and those of the last nonce are the ones to resume.
/// </remarks>
/// <param name="Nonce">The account's nonce.</param>
/// <param name="Hash">The transaction's hash, by which its receipt is found.</param>
/// <param name="Fees">What it offers.</param>
public readonly record struct TxVersion(ulong Nonce, Hash256 Hash, TxFees Fees);

/// <summary>Hears of every signed version before L1 does, so that a program that is killed knows at its next start what may be on its way.</summary>
public interface ITxRecorder
{
    /// <summary>A version is about to be published. Publishing waits until this returns: what has to be on disk is on disk then. A hash is told once.</summary>
    /// <exception cref="IOException">It cannot be recorded: the version is not published, and sending fails.</exception>
    ValueTask PublishingAsync(TxVersion version, CancellationToken cancellation);
}

/// <summary>What an earlier run of the program had published of a candidate: its nonce is used again, so that at most one of all versions is mined.</summary>
/// <param name="Nonce">The nonce of its versions.</param>
/// <param name="Versions">The versions that may have been published, oldest first; at least one.</param>
public sealed record TxResume(ulong Nonce, IReadOnlyList<TxVersion> Versions);
