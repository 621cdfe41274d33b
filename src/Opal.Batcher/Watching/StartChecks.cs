using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>Looks, before anything is sent, whether a batcher has the right chains, inbox and key; for programs that hold a batcher within themselves.</summary>
/// <param name="l1">L1, where transactions are sent.</param>
/// <param name="signer">The address of the batcher's key.</param>
public sealed class StartChecks(EthClient l1, Address signer)
{
    /// <summary>The first thing that is wrong, with what is and what should be; null when nothing is. A batcher with a fault must not start: it would spend ether for nothing.</summary>
    /// <param name="sequencer">The sequencer that is to be followed.</param>
    /// <param name="inbox">Where batches are to be sent; null takes what the rollup node says.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="RpcTransportException">One of them gives no answer: nothing is known, try again.</exception>
    /// <exception cref="RpcCallException">One of them refuses a question.</exception>
    public async Task<string?> FindFaultAsync(SequencerPair sequencer, Address? inbox, CancellationToken cancellation)
    {
        RollupConfig rollup = await sequencer.Node.RollupConfigAsync(cancellation);
        string node = sequencer.Node.Rpc.Endpoint;
        ulong l1Chain = await l1.ChainIdAsync(cancellation);
        if (l1Chain != rollup.L1ChainId) return $"L1 at {l1.Rpc.Endpoint} is chain {l1Chain}, but the rollup of the rollup node at {node} lives on chain {rollup.L1ChainId}: check --l1-eth-rpc";
        ulong l2Chain = await sequencer.L2.ChainIdAsync(cancellation);
        if (l2Chain != rollup.L2ChainId) return $"L2 at {sequencer.L2.Rpc.Endpoint} is chain {l2Chain}, but the rollup node at {node} is of chain {rollup.L2ChainId}: check --l2-eth-rpc and --rollup-rpc";
        if (inbox is { } own && own != rollup.BatchInboxAddress)
            return $"batches would go to {own.ToChecksumString()}, but the rollup node at {node} reads them at {rollup.BatchInboxAddress.ToChecksumString()}";
        return await new BatcherIdentity(new L1Facts(l1, signer, rollup.L1SystemConfigAddress), rollup).FindFaultAsync(cancellation);
    }
}
