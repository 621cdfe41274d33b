using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Proposer;

/// <summary>Sends proposals through a transaction manager.</summary>
public sealed class ProposalSender(TransactionManager manager) : IProposalSender
{
    private const ulong PlainTransferGas = 21_000;

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
        catch (Exception error) when (error is RpcTransportException or RpcCallException or TimeoutException)
        {
            throw new ProposalException(error.Message, error) { MayStillBeMined = true };
        }
    }

    /// <inheritdoc/>
    public async Task<bool> CancelAsync(TxResume resume, CancellationToken cancellation)
    {
        try
        {
            TxReceiptInfo receipt = await manager.SendAsync(new TxCandidate(manager.Sender, ReadOnlyMemory<byte>.Empty, UInt256.Zero, PlainTransferGas), null, resume, cancellation);
            return resume.Versions.All(version => version.Hash != receipt.TransactionHash);
        }
        catch (TxManagerException error) when (error.Failure == TxFailure.NonceTaken)
        {
            return true; // by an earlier cancelling one, or by another program
        }
        catch (Exception error) when (error is TxManagerException or RpcTransportException or RpcCallException or TimeoutException)
        {
            throw new ProposalException(error.Message, error) { MayStillBeMined = true };
        }
    }
}
