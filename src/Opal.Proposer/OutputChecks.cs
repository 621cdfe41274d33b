using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Proposer;

/// <summary>What must hold of a rollup node and of its outputs before one is proposed.</summary>
/// <param name="l1">The proposer's L1.</param>
/// <param name="verifiers">Other rollup nodes that must give the same outputs.</param>
/// <param name="metrics">Counts disagreements.</param>
/// <param name="logger">Where to log.</param>
internal sealed class OutputChecks(EthClient l1, IReadOnlyList<RollupNodeClient> verifiers, ProposerMetrics metrics, ILogger logger)
{
    /// <summary>The rollup node and the verifiers follow the same chain, on the proposer's L1.</summary>
    /// <returns>The chain.</returns>
    /// <exception cref="ProposerRefusedException">They do not.</exception>
    public async Task<RollupConfig> RequireSameChainAsync(RollupNodeClient node, CancellationToken cancellation)
    {
        RollupConfig rollup = await node.RollupConfigAsync(cancellation);
        ulong l1ChainId = await l1.ChainIdAsync(cancellation);
        if (rollup.L1ChainId != l1ChainId)
        {
            throw new ProposerRefusedException($"the rollup node at {node.Rpc.Endpoint} derives from L1 chain {rollup.L1ChainId}, and the L1 at {l1.Rpc.Endpoint} is chain {l1ChainId}; correct one of the two URLs");
        }

        foreach (RollupNodeClient verifier in verifiers)
        {
            RollupConfig other = await verifier.RollupConfigAsync(cancellation);
            if (other.L2ChainId == rollup.L2ChainId && other.GenesisL2 == rollup.GenesisL2) continue;
            throw new ProposerRefusedException(
                $"the verifying rollup node at {verifier.Rpc.Endpoint} follows L2 chain {other.L2ChainId} with genesis {other.GenesisL2.Hash}, and {node.Rpc.Endpoint} chain {rollup.L2ChainId} with genesis {rollup.GenesisL2.Hash}; correct one of the URLs");
        }

        return rollup;
    }

    /// <summary>The L1 block that the node had read when it gave the output is on the proposer's L1.</summary>
    /// <exception cref="ProposalException">It is not, or not yet.</exception>
    public async Task RequireCanonicalAsync(OutputAtBlock output, CancellationToken cancellation)
    {
        L1BlockRef read = output.Status.CurrentL1;
        BlockHeader? header = await l1.FindHeaderAsync(BlockParameter.At(read.Number), cancellation)
            ?? throw new ProposalException($"the rollup node has read L1 up to block {read.Number}, which L1 at {l1.Rpc.Endpoint} does not have yet");
        if (header.Hash != read.Hash)
        {
            throw new ProposalException($"the rollup node has read L1 block {read.Number} {read.Hash}, and L1 has {header.Hash} there: it must follow a reorganisation first, or is on another L1 than {l1.Rpc.Endpoint}");
        }
    }

    /// <summary>Every verifier gives the same output root.</summary>
    /// <exception cref="ProposalException">One gives another, or does not answer.</exception>
    public async Task RequireEqualAsync(RollupNodeClient node, OutputAtBlock output, CancellationToken cancellation)
    {
        foreach (RollupNodeClient verifier in verifiers)
        {
            Hash256 root;
            try
            {
                root = (await verifier.OutputAtBlockAsync(output.Block.Number, cancellation)).OutputRoot;
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException or JsonFormatException)
            {
                throw new ProposalException($"the output of L2 block {output.Block.Number} is not proposed until {verifier.Rpc.Endpoint} confirms it: {error.Message}", error);
            }

            if (root == output.OutputRoot) continue;
            metrics.Disagreed();
            logger.LogError("Rollup nodes disagree about L2 block {Block}: {Node} says output root {Root}, {Verifier} says {OtherRoot}; one of them is wrong, and nothing is proposed until they agree",
                output.Block.Number, node.Rpc.Endpoint, output.OutputRoot, verifier.Rpc.Endpoint, root);
            throw new ProposalException($"rollup nodes disagree about L2 block {output.Block.Number}: {node.Rpc.Endpoint} says {output.OutputRoot}, {verifier.Rpc.Endpoint} says {root}");
        }
    }
}
