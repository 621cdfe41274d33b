using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Proposer;

/// <summary>Sends proposals through a transaction manager.</summary>
public sealed class TxManagerProposalSender(TransactionManager manager) : IProposalSender
{
    /// <inheritdoc/>
    public Address Sender => manager.Sender;

    /// <inheritdoc/>
    public async Task<BlockId> SendAsync(Address to, byte[] data, UInt256 value, CancellationToken cancellation)
    {
        try
        {
            TxReceiptInfo receipt = await manager.SendAsync(new TxCandidate(to, data, value), cancellation);
            return receipt.Succeeded ? receipt.Block : throw new ProposalException($"the proposal's transaction {receipt.TransactionHash} reverted on L1");
        }
        catch (Exception error) when (error is TxManagerException or RpcTransportException or RpcCallException)
        {
            throw new ProposalException(error.Message, error);
        }
    }
}
