using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Proposer;

/// <summary>Puts a proposal's transaction on L1.</summary>
public interface IProposalSender
{
    /// <summary>The address proposals come from.</summary>
    Address Sender { get; }

    /// <summary>Sends a proposal and waits until it is confirmed.</summary>
    /// <param name="proposal">What to send.</param>
    /// <param name="recorder">Hears of every version before L1 does.</param>
    /// <param name="resume">What was published of it before; null sends it for the first time.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>The L1 block that holds it.</returns>
    /// <exception cref="ProposalException">It reverted, or cannot be sent.</exception>
    Task<BlockId> SendAsync(Proposal proposal, ITxRecorder recorder, TxResume? resume, CancellationToken cancellation);

    /// <summary>Keeps what was published from being mined: an empty transaction takes its nonce. Waits until that is confirmed.</summary>
    /// <param name="resume">What was published.</param>
    /// <param name="cancellation">Gives up waiting.</param>
    /// <returns>False when a version was mined before.</returns>
    /// <exception cref="ProposalException">Neither is so yet; it is to be tried again.</exception>
    Task<bool> CancelAsync(TxResume resume, CancellationToken cancellation);
}
