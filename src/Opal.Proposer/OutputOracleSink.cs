using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Proposer;

/// <summary>Proposes to the L2OutputOracle: every submission interval's block, in order. The contract alone knows which is next, so none is proposed twice.</summary>
internal sealed class OutputOracleSink(Address oracle, Address proposer, EthClient l1, TimeProvider time) : IOutputSink
{
    private static readonly TimeSpan HeadPoll = TimeSpan.FromMilliseconds(500), HeadPatience = TimeSpan.FromMinutes(2);
    private readonly ContractView _oracle = new(oracle, l1);

    public async Task CheckAsync(RollupConfig rollup, CancellationToken cancellation)
    {
        await NextBlockAsync(cancellation);
        UInt256? allowed = await _oracle.FindWordAsync("proposer()", cancellation) ?? await _oracle.FindWordAsync("PROPOSER()", cancellation);
        if (allowed is { } word && Address.FromUInt256(word) is var wanted && wanted != proposer)
        {
            throw new ProposerRefusedException(
                $"the L2OutputOracle {oracle.ToChecksumString()} takes proposals from {wanted.ToChecksumString()} alone, and this proposer's key is {proposer.ToChecksumString()}'s; use the key of the former, or the right oracle");
        }

        UInt256? startBlock = await _oracle.FindWordAsync("startingBlockNumber()", cancellation), startTime = await _oracle.FindWordAsync("startingTimestamp()", cancellation);
        if (startBlock is not { } block || startTime is not { } timestamp) throw NoOracle();
        UInt256 expected = new UInt256(rollup.GenesisL2Time) + ((block - rollup.GenesisL2.Number) * rollup.BlockTimeSeconds);
        if (expected != timestamp)
        {
            throw new ProposerRefusedException(
                $"the L2OutputOracle {oracle.ToChecksumString()} is another rollup's: by it L2 block {block} is of time {timestamp}, and by the rollup node (chain {rollup.L2ChainId}) of {expected}; correct the oracle's address or the rollup node's URL");
        }
    }

    public async Task<string?> FindUselessAsync(ContractView portal, RollupNodeClient node, CancellationToken cancellation)
    {
        if (await portal.FindWordAsync("l2Oracle()", cancellation) is { IsZero: false } asked)
        {
            return Address.FromUInt256(asked) is var used && used == oracle ? null
                : $"withdrawals are not proven by these outputs: the portal {portal.Address.ToChecksumString()} asks the L2OutputOracle {used.ToChecksumString()}, not {oracle.ToChecksumString()}; correct --l2oo-address";
        }

        return await portal.FindWordAsync("disputeGameFactory()", cancellation) is { IsZero: false } factory
            ? $"withdrawals are not proven by these outputs: the portal {portal.Address.ToChecksumString()} asks the dispute games of {Address.FromUInt256(factory).ToChecksumString()}; propose there with --game-factory-address" : null;
    }

    public bool Makes(Proposal proposal) => proposal.To == oracle;

    public async Task<DueProposal> NextAsync(ulong newest, CancellationToken cancellation)
    {
        ulong next = await NextBlockAsync(cancellation);
        ulong? last = (await _oracle.FindWordAsync("latestBlockNumber()", cancellation))?.ToUInt64Saturated();
        return new DueProposal { Block = next <= newest ? next : null, LastBlock = last, NextBlock = next };
    }

    private async Task<ulong> NextBlockAsync(CancellationToken cancellation) =>
        (await _oracle.FindWordAsync("nextBlockNumber()", cancellation) ?? throw NoOracle()).ToUInt64Saturated();

    private ProposerRefusedException NoOracle() => new($"{oracle.ToChecksumString()} on L1 does not answer as an L2OutputOracle does; is it the right address, and L1 the right chain?");

    public async Task<Proposal?> PrepareAsync(OutputAtBlock output, CancellationToken cancellation)
    {
        // The block ties the proposal to an L1 fork: the contract compares blockhash(), which knows only the blocks before the one that asks.
        L1BlockRef l1Block = output.Status.CurrentL1;
        for (DateTimeOffset begun = time.GetUtcNow(); await l1.BlockNumberAsync(cancellation) <= l1Block.Number;)
        {
            if (time.GetUtcNow() - begun >= HeadPatience) throw new ProposalException($"L1 at {l1.Rpc.Endpoint} has no block after {l1Block.Number} for {(int)HeadPatience.TotalMinutes} minutes: it stands still, or is behind");
            await Task.Delay(HeadPoll, time, cancellation);
        }

        if (await NextBlockAsync(cancellation) != output.Block.Number) return null;
        return new Proposal(oracle, CallData.ProposeOutput(output.OutputRoot, output.Block.Number, l1Block.Hash, l1Block.Number), UInt256.Zero, output.Block.Number, output.OutputRoot);
    }
}
