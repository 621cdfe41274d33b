using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.Protocol;

/// <content>Blocks that are simulated whole: eth_simulateV1.</content>
public sealed partial class BlockExecutor
{
    private BlockExecution? _simulated;

    /// <summary>Begins a simulated block: overrides first, then what the protocol itself does before the first transaction.</summary>
    /// <param name="header">The block's header; its outcome fields are not read.</param>
    /// <param name="parent">The parent's header.</param>
    /// <param name="state">The state it runs on.</param>
    /// <param name="overrides">Accounts, precompiles and blob base fee to assume; its other fields are the header's and are not read here.</param>
    public void BeginSimulated(BlockHeader header, BlockHeader parent, IExecutionState state, CallOverrides overrides)
    {
        _simulated = new BlockExecution(_processor, spec);
        _simulated.Start(header, parent, state, overrides);
    }

    /// <summary>Runs the next transaction of the simulated block; a valid one is in it from then on.</summary>
    /// <param name="transaction">The transaction, whose sender is set.</param>
    /// <param name="leniency">The rules to pass over.</param>
    /// <param name="tracer">An observer; null for none.</param>
    public TransactionOutcome NextSimulated(Transaction transaction, Leniency leniency, ITracer? tracer)
    {
        EvmMachine machine = _processor.Machine;
        machine.Tracer = tracer;
        _simulated!.Add(transaction, out TransactionOutcome outcome, leniency);
        machine.Tracer = null;
        return outcome;
    }

    /// <summary>Ends the simulated block.</summary>
    /// <param name="header">The block's header; its outcome fields are not read.</param>
    /// <param name="withdrawals">The withdrawals.</param>
    /// <param name="result">Receipts, changes, requests; what a header says of them is the caller's business.</param>
    public BlockError EndSimulated(BlockHeader header, IReadOnlyList<Withdrawal>? withdrawals, out SimulatedResult result)
    {
        BlockExecution execution = _simulated!;
        BlockError error = execution.Finish(header, withdrawals, out List<byte[]> requests);
        result = new SimulatedResult(execution.Receipts.ToArray(), _processor.TakeDiff(), requests, execution.GasUsed, BlobGasUsed(_processor.Rules));
        return error;
    }
}

/// <summary>What a simulated block did.</summary>
/// <param name="Receipts">One a transaction.</param>
/// <param name="Diff">Everything it changed, overrides included.</param>
/// <param name="Requests">The requests to the consensus layer, type byte first.</param>
/// <param name="GasUsed">Of all transactions.</param>
/// <param name="BlobGasUsed">What the header's field would be; null before there is one.</param>
public sealed record SimulatedResult(Receipt[] Receipts, StateDiff Diff, IReadOnlyList<byte[]> Requests, ulong GasUsed, ulong? BlobGasUsed);
