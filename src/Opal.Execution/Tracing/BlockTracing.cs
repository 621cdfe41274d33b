using Opal.Evm;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Runs a known block again with a tracer on every transaction, or on one.</summary>
internal static class BlockTracing
{
    /// <summary>The tracers, one a transaction from index 0; where <paramref name="only"/> is given the others are null.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="block">The block; its parent must be known, with its state. It need not be valid beyond its transactions.</param>
    /// <param name="create">Makes a tracer.</param>
    /// <param name="only">The one transaction to trace; null traces all.</param>
    /// <param name="timeout">The most time for one transaction.</param>
    /// <exception cref="RpcException">The block cannot be traced, or not within the limits.</exception>
    public static TTracer?[] Trace<TTracer>(Blockchain chain, Block block, Func<TraceBudget, TTracer> create, int? only, TimeSpan timeout) where TTracer : TransactionTracer
    {
        if (block.Number == chain.Genesis.Number) throw RpcException.Refused("genesis is not traceable");
        if (chain.Find(block.Header.ParentHash) is not { } parent) throw RpcException.Refused($"parent {block.Header.ParentHash} not found");
        var budget = new TraceBudget(timeout);
        var tracers = new TTracer?[block.Transactions.Length];
        for (int i = 0; i < tracers.Length; i++)
        {
            if (only is not null && only != i) continue;
            TTracer tracer = create(budget);
            tracer.Place = new FlatPlace(block.Hash, block.Number, block.Transactions[i].Hash, i);
            tracer.Crypto = chain.Crypto;
            tracers[i] = tracer;
        }

        Run(chain, parent, block, new Watching<TTracer>(chain, block, tracers, only, budget));
        if (Array.Exists(tracers, static t => t is { NeedsStateBefore: true })) Run(chain, parent, block, new LookingBefore<TTracer>(tracers, only));
        budget.Check();
        return tracers;
    }

    /// <summary>Runs a block again under an observer.</summary>
    /// <exception cref="RpcException">The parent's state is not kept, or a transaction is invalid.</exception>
    public static void Run(Blockchain chain, ExecutedBlock parent, Block block, IBlockObserver observer)
    {
        ChainState state = BlockSelector.GetState(chain, parent);
        using ExecutorLease lease = chain.RentExecutor();
        ExecutionResult result = lease.Executor.Trace(parent.Header, block, state, observer);
        if (!result.IsValid) throw RpcException.Refused($"the block could not be executed again: {result.Describe()}");
    }

    private sealed class Watching<TTracer>(Blockchain chain, Block block, TTracer?[] tracers, int? only, TraceBudget budget) : IBlockObserver where TTracer : TransactionTracer
    {
        public ITracer? BeginTransaction(int index, Transaction transaction, Journal journal)
        {
            if (tracers[index] is not { } tracer) return null;
            transaction.TryGetSender(chain.Crypto, out Address sender);
            tracer.Begin(transaction, sender, block.Header.Beneficiary);
            return budget.Guard(tracer);
        }

        public bool EndTransaction(int index, in TransactionOutcome outcome, Journal journal)
        {
            tracers[index]?.End(outcome, journal);
            return index != only;
        }
    }

    private sealed class LookingBefore<TTracer>(TTracer?[] tracers, int? only) : IBlockObserver where TTracer : TransactionTracer
    {
        public ITracer? BeginTransaction(int index, Transaction transaction, Journal journal)
        {
            tracers[index]?.SeeBefore(journal);
            return null;
        }

        public bool EndTransaction(int index, in TransactionOutcome outcome, Journal journal) => index != only;
    }
}
