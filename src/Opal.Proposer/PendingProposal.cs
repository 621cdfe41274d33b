using Opal.Primitives;
using Opal.TxManager;

namespace Opal.Proposer;

/// <summary>A proposal of which versions were signed, and whose end is not known.</summary>
/// <param name="Sender">The account.</param>
/// <param name="Proposal">What was to be sent.</param>
/// <param name="Versions">The signed versions, oldest first, all of one nonce.</param>
internal sealed record PendingProposal(Address Sender, Proposal Proposal, IReadOnlyList<TxVersion> Versions)
{
    /// <summary>What the transaction manager needs to take it up again.</summary>
    public TxResume Resume => new(Versions[^1].Nonce, Versions);
}
