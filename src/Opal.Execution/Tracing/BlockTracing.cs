using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Runs a known block again with a tracer on every transaction, or on one.</summary>
internal static class BlockTracing
{
    /// <summary>The tracers, one a transaction from index 0; where <paramref name="only"/> is given the others are null.</summary>
    public static TransactionTracer?[] Trace(Blockchain chain, ExecutedBlock block, TraceOptions options, int? only)
    {
        if (chain.Find(block.Header.ParentHash) is not { } parent) throw RpcException.Refused("genesis is not traceable");
        var budget = new TraceBudget();
        var tracers = new TransactionTracer?[block.Transactions.Count];
        for (int i = 0; i < tracers.Length; i++)
        {
            if (only is null || only == i) tracers[i] = TransactionTracer.Create(options, budget);
        }

        Run(chain, parent, block, new Watching(chain, block, tracers, only));
        if (Array.Exists(tracers, static t => t is { NeedsStateBefore: true })) Run(chain, parent, block, new LookingBefore(tracers, only));
        budget.Check();
        return tracers;
    }

    private static void Run(Blockchain chain, ExecutedBlock parent, ExecutedBlock block, IBlockObserver observer)
    {
        ChainState state = BlockSelector.GetState(chain, parent);
        using ExecutorLease lease = chain.RentExecutor();
        ExecutionResult result = lease.Executor.Trace(parent.Header, block.Block, state, observer);
        if (!result.IsValid) throw RpcException.Refused($"the block could not be executed again: {result.Describe()}");
    }

    private sealed class Watching(Blockchain chain, ExecutedBlock block, TransactionTracer?[] tracers, int? only) : IBlockObserver
    {
        public ITracer? BeginTransaction(int index, Transaction transaction, Journal journal)
        {
            if (tracers[index] is not { } tracer) return null;
            transaction.TryGetSender(chain.Crypto, out Address sender);
            tracer.Begin(transaction, sender, block.Header.Beneficiary);
            return tracer;
        }

        public bool EndTransaction(int index, in TransactionOutcome outcome, Journal journal)
        {
            tracers[index]?.End(outcome, journal);
            return index != only;
        }
    }

    private sealed class LookingBefore(TransactionTracer?[] tracers, int? only) : IBlockObserver
    {
        public ITracer? BeginTransaction(int index, Transaction transaction, Journal journal)
        {
            tracers[index]?.SeeBefore(journal);
            return null;
        }

        public bool EndTransaction(int index, in TransactionOutcome outcome, Journal journal) => index != only;
    }
}
