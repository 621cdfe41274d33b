using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Proposer;

/// <summary>Puts a proposal's transaction on L1.</summary>
public interface IProposalSender
{
    /// <summary>The address proposals come from.</summary>
    Address Sender { get; }

    /// <summary>Sends a call and waits until it is confirmed.</summary>
    /// <returns>The L1 block that holds it.</returns>
    /// <exception cref="ProposalException">It reverted, or cannot be sent.</exception>
    Task<BlockId> SendAsync(Address to, byte[] data, UInt256 value, CancellationToken cancellation);
}

/// <summary>A proposal did not make it to L1; it is tried again.</summary>
public sealed class ProposalException(string message, Exception? inner = null) : Exception(message, inner);
