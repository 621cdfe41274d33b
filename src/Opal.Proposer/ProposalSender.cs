using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Proposer;

/// <summary>Sends proposals through a transaction manager.</summary>
public sealed class ProposalSender(TransactionManager manager) : IProposalSender
{
    /// <inheritdoc/>
    public Address Sender => manager.Sender;

    /// <inheritdoc/>
    public async Task<BlockId> SendAsync(Proposal proposal, ITxRecorder recorder, TxResume? resume, CancellationToken cancellation)
    {
        try
        {
            TxReceiptInfo receipt = await manager.SendAsync(new TxCandidate(proposal.To, proposal.Data, proposal.Value, proposal.GasLimit), recorder, resume, cancellation);
            return receipt.Succeeded
                ? receipt.Block
                : throw new ProposalException($"the proposal of L2 block {proposal.L2Block} reverted: transaction {receipt.TransactionHash} in L1 block {receipt.Block.Number}");
        }
        catch (TxManagerException error)
        {
            throw new ProposalException(error.Message, error) { MayStillBeMined = error.Published.Count > 0 && error.Failure != TxFailure.NonceTaken };
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            throw new ProposalException(error.Message, error) { MayStillBeMined = true };
        }
    }
}
