using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Trie;

namespace Opal.Differential.Tests;

/// <summary>Our side: builds the blocks of a script byte by byte, executes each again from its encoding on decoded code, and traces it for the outputs.</summary>
/// <param name="makeExecutor">Makes the executor for a chain: the place for a compiler, or for rules with a fault.</param>
internal sealed class OpalRunner(Func<ChainSpec, BlockExecutor>? makeExecutor = null)
{
    private readonly Func<ChainSpec, BlockExecutor> _makeExecutor = makeExecutor ?? (spec => new BlockExecutor(NativeCrypto.Instance, spec));

    /// <summary>A run's result: the outcome of each block, and the state before and after the last.</summary>
    public sealed record Result(IReadOnlyList<BlockOutcome> Blocks, StateDiff LastDiff, IStateView After);

    /// <summary>Runs a script.</summary>
    /// <param name="script">The script.</param>
    /// <param name="tracerFor">A tracer for a transaction of the last block; null for none.</param>
    /// <exception cref="InvalidOperationException">Our own ways disagree: the block built is not valid, or traces differently.</exception>
    public Result Run(ChainScript script, Func<Transaction, ITracer?>? tracerFor = null)
    {
        using BlockExecutor executor = _makeExecutor(script.Fork.Spec);
        var states = new MemoryStateStore();
        StateDiff diff = new Genesis { Accounts = script.Accounts }.ToDiff();
        Hash256 root = states.Open(Hash256.EmptyTrie)!.ComputeRoots(diff, null).StateRoot;
        states.Commit(Hash256.EmptyTrie, diff, root, 0);
        List<BlockHeader> headers = [script.Genesis];
        List<BlockOutcome> outcomes = [];
        for (int i = 0; i < script.Blocks.Count; i++)
        {
            var state = new ExecutionState(states.Open(root)!, headers);
            Func<Transaction, ITracer?>? tracers = i == script.Blocks.Count - 1 ? tracerFor : null;
            (BuiltBlock built, BlockOutcome outcome) = RunBlock(executor, headers[^1], script.Blocks[i], state, tracers);
            outcomes.Add(outcome);
            diff = built.Diff;
            states.Commit(root, diff, built.Block.Header.StateRoot, built.Block.Number);
            root = built.Block.Header.StateRoot;
            headers.Add(script.Blocks[i].Header);
        }

        return new Result(outcomes, diff, states.Open(root)!);
    }

    private static (BuiltBlock Built, BlockOutcome Outcome) RunBlock(
        BlockExecutor executor, BlockHeader parent, ScriptBlock script, ExecutionState state, Func<Transaction, ITracer?>? tracers)
    {
        BlockHeader header = script.Header;
        Rules rules = executor.Spec.At(parent.Number + 1, header.Timestamp);
        var attributes = new PayloadAttributes
        {
            Timestamp = header.Timestamp,
            PrevRandao = header.MixHash,
            SuggestedFeeRecipient = header.Beneficiary,
            Withdrawals = rules.Withdrawals == WithdrawalsRule.None ? null : [],
            ParentBeaconBlockRoot = header.ParentBeaconBlockRoot,
            GasLimit = header.GasLimit,
        };
        executor.Engines = EngineChoice.Bytes;
        ExecutionResult begun = executor.TryBegin(parent, attributes, state, new BuildOptions { ExtraData = header.ExtraData }, out BlockBuilder? builder);
        if (!begun.IsValid) throw new InvalidOperationException($"no block can begin: {begun.Describe()}");
        var refusals = new string?[script.Transactions.Count];
        for (int i = 0; i < refusals.Length; i++)
        {
            AddResult added = builder!.TryAdd(script.Transactions[i], out TransactionVerdict verdict);
            if (added != AddResult.Included) refusals[i] = added == AddResult.Rejected ? verdict.ToString() : added.ToString();
        }

        BlockError error = builder!.Seal(out BuiltBlock? built);
        if (error != BlockError.None) throw new InvalidOperationException($"the block cannot be sealed: {error}");
        var observer = new Observer(tracers);
        executor.Engines = EngineChoice.Decoded;
        CheckByExecution(executor, parent, built!.Block, state);
        executor.Engines = EngineChoice.Automatic;
        ExecutionResult traced = executor.Trace(parent, built.Block, state, observer);
        if (!traced.IsValid) throw new InvalidOperationException($"the block built does not trace: {traced.Describe()}");

        var outcomes = new TxOutcome[refusals.Length];
        for (int i = 0, at = 0; i < outcomes.Length; i++)
        {
            if (refusals[i] is { } refusal)
            {
                outcomes[i] = new TxOutcome { Refusal = refusal };
                continue;
            }

            outcomes[i] = OutcomeOf(built.Receipts[at], observer.Outcomes[at]);
            at++;
        }

        return (built, new BlockOutcome(built.Block.Header, outcomes, built.Block.Header.StateRoot));
    }

    /// <summary>A block built here must be one that everybody else accepts: from its encoding, on the same state.</summary>
    private static void CheckByExecution(BlockExecutor executor, BlockHeader parent, Block block, ExecutionState state)
    {
        if (!Block.TryDecode(block.Encode(), out Block? decoded)) throw new InvalidOperationException("the block built does not decode");
        ExecutionResult executed = executor.Execute(parent, decoded!, state);
        if (!executed.IsValid) throw new InvalidOperationException($"the block built is not valid: {executed.Describe()}");
    }

    private static TxOutcome OutcomeOf(Receipt receipt, in TransactionOutcome outcome)
    {
        if (outcome.GasUsed != receipt.GasUsed || outcome.Succeeded != receipt.Succeeded)
        {
            throw new InvalidOperationException("a traced transaction ended differently from the one in the block built");
        }

        return new TxOutcome
        {
            Succeeded = receipt.Succeeded,
            GasUsed = receipt.GasUsed,
            Created = receipt.ContractAddress,
            Logs = receipt.Logs,
            Output = outcome.Output.ToArray(),
            Note = outcome.Halt.ToString(),
        };
    }

    private sealed class Observer(Func<Transaction, ITracer?>? tracers) : IBlockObserver
    {
        public List<TransactionOutcome> Outcomes { get; } = [];

        public ITracer? BeginTransaction(int index, Transaction transaction, Journal journal) => tracers?.Invoke(transaction);

        public bool EndTransaction(int index, in TransactionOutcome outcome, Journal journal)
        {
            Outcomes.Add(outcome);
            return true;
        }
    }

    private sealed class ExecutionState(IStateView view, List<BlockHeader> headers) : IExecutionState
    {
        public bool TryGetAccount(in Address address, out Account account) => view.TryGetAccount(address, out account);

        public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => view.GetStorage(address, slot, out value);

        public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => view.GetCode(codeHash);

        public bool HasStorage(in Address address) => view.HasStorage(address);

        public Hash256 GetBlockHash(ulong number) => number < (ulong)headers.Count ? headers[(int)number].Hash : Hash256.Zero;

        public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf) => view.ComputeRoots(diff, storageRootOf);
    }
}
