using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Proposer;

/// <summary>Where outputs are proposed.</summary>
internal interface IOutputSink
{
    /// <summary>Checks that the contract is there, is this rollup's, and takes proposals from this account.</summary>
    /// <exception cref="ProposerRefusedException">It does not; the message says why.</exception>
    Task CheckAsync(RollupConfig rollup, CancellationToken cancellation);

    /// <summary>Why withdrawals cannot be proven by what is proposed here, or not safely; null when they can, or L1 does not say.</summary>
    /// <param name="portal">The rollup's portal.</param>
    /// <param name="node">The rollup node.</param>
    /// <param name="cancellation">Gives up.</param>
    Task<string?> FindUselessAsync(ContractView portal, RollupNodeClient node, CancellationToken cancellation);

    /// <summary>Whether a proposal, of an earlier run, is one that would be made here.</summary>
    bool Makes(Proposal proposal);

    /// <summary>What is due, given the newest block that may be proposed.</summary>
    Task<DueProposal> NextAsync(ulong newest, CancellationToken cancellation);

    /// <summary>The transaction for an output; null when L1 has this proposal already.</summary>
    /// <exception cref="ProposalException">It cannot be made now.</exception>
    Task<Proposal?> PrepareAsync(OutputAtBlock output, CancellationToken cancellation);
}
