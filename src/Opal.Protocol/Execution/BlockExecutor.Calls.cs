using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <content>Simulated calls and traces.</content>
public sealed partial class BlockExecutor
{
    /// <summary>The state as the last call, transaction or block left it: warm sets for access lists, values for tracers.</summary>
    public Journal Journal => _processor.Machine.Journal;

    /// <summary>Runs one message in the context of a block, as eth_call does: no nonce, no signature; unpriced gas is free. Changes nothing.</summary>
    /// <param name="header">The block whose context it sees.</param>
    /// <param name="message">The message as an unsigned transaction whose sender is set.</param>
    /// <param name="state">The state it runs on: usually the one after the block.</param>
    /// <param name="overrides">Values to assume; null for none.</param>
    /// <param name="tracer">An observer; null for none.</param>
    /// <param name="leniency">The rules to pass over.</param>
    public TransactionOutcome Call(
        BlockHeader header, Transaction message, IExecutionState state, CallOverrides? overrides = null, ITracer? tracer = null, Leniency leniency = Leniency.Call)
    {
        BeginCalls(header, state, overrides);
        return NextCall(message, tracer, leniency);
    }

    /// <summary>Begins a sequence of simulated calls, each of which sees what those before it did.</summary>
    public void BeginCalls(BlockHeader header, IExecutionState state, CallOverrides? overrides = null)
    {
        Rules rules = spec.At(header);
        BlockContext context = BlockExecution.ContextOf(header, rules, spec.ChainId);
        if (overrides is not null)
        {
            context = context with
            {
                Number = overrides.Number ?? context.Number,
                Timestamp = overrides.Timestamp ?? context.Timestamp,
                GasLimit = overrides.GasLimit ?? context.GasLimit,
                BaseFee = overrides.BaseFee ?? context.BaseFee,
                BlobBaseFee = overrides.BlobBaseFee ?? context.BlobBaseFee,
                PrevRandao = overrides.PrevRandao ?? context.PrevRandao,
                Coinbase = overrides.Coinbase ?? context.Coinbase,
            };
        }

        _processor.StartBlock(overrides?.Apply(rules) ?? rules, context, state, state);
        if (overrides is null) return;
        foreach ((Address address, AccountOverride account) in overrides.Accounts) Journal.Override(address, account);
    }

    /// <summary>Runs the next of a sequence of simulated calls.</summary>
    public TransactionOutcome NextCall(Transaction message, ITracer? tracer = null, Leniency leniency = Leniency.Call)
    {
        EvmMachine machine = _processor.Machine;
        machine.Tracer = tracer;
        TransactionOutcome outcome = _processor.Execute(message, long.MaxValue, leniency);
        machine.Tracer = null;
        return outcome;
    }

    /// <summary>Executes a known block again under an observer, up to where the observer stops. The header's commitments are not checked.</summary>
    public ExecutionResult Trace(BlockHeader parent, Block block, IExecutionState state, IBlockObserver observer)
    {
        var execution = new BlockExecution(_processor, spec);
        execution.Start(block.Header, parent, state);
        EvmMachine machine = _processor.Machine;
        for (int i = 0; i < block.Transactions.Length; i++)
        {
            machine.Tracer = observer.BeginTransaction(i, block.Transactions[i], Journal);
            TransactionVerdict verdict = execution.Add(block.Transactions[i], out TransactionOutcome outcome);
            machine.Tracer = null;
            if (verdict != TransactionVerdict.Valid)
            {
                return new ExecutionResult { Error = BlockError.InvalidTransaction, InvalidTransaction = i, Verdict = verdict };
            }

            if (!observer.EndTransaction(i, outcome, Journal)) break;
        }

        return new ExecutionResult { Receipts = execution.Receipts.ToArray() };
    }
}
