using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Proposer;

/// <summary>Proposes to the L2OutputOracle: every submission interval's block, in order.</summary>
internal sealed class OutputOracleSink(Address oracle, EthClient l1, IProposalSender sender, TimeProvider time) : IOutputSink
{
    private static readonly TimeSpan HeadPoll = TimeSpan.FromMilliseconds(500);

    public async Task<ulong?> NextBlockAsync(ulong newest, CancellationToken cancellation)
    {
        byte[] answer = await l1.CallAsync(oracle, CallData.NextBlockNumber(), cancellation: cancellation);
        if (answer.Length != 32) throw new ProposalException($"{oracle} does not answer nextBlockNumber(); is it the L2OutputOracle?");
        ulong next = UInt256.FromBigEndian(answer).ToUInt64Saturated();
        return next <= newest ? next : null;
    }

    public async Task<BlockId> ProposeAsync(OutputAtBlock output, CancellationToken cancellation)
    {
        // The block ties the proposal to an L1 fork: the contract compares blockhash(), which knows only the blocks before the one that asks.
        L1BlockRef l1Block = output.Status.CurrentL1;
        while (await l1.BlockNumberAsync(cancellation) <= l1Block.Number) await Task.Delay(HeadPoll, time, cancellation);
        return await sender.SendAsync(oracle, CallData.ProposeOutput(output.OutputRoot, output.Block.Number, l1Block.Hash, l1Block.Number), UInt256.Zero, cancellation);
    }
}
