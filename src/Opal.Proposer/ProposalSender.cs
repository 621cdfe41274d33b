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
    public async Task<BlockId> SendAsync(Address to, byte[] data, UInt256 value, CancellationToken cancellation)
    {
        try
        {
            TxReceiptInfo receipt = await manager.SendAsync(new TxCandidate(to, data, value), cancellation);
            return receipt.Succeeded ? receipt.Block : throw new ProposalException($"the proposal {receipt.TransactionHash} reverted in L1 block {receipt.Block.Number}");
        }
        catch (Exception error) when (error is TxManagerException or RpcTransportException or RpcCallException)
        {
            throw new ProposalException(error.Message, error);
        }
    }
}
