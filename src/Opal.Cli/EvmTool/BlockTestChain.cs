using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;
using Opal.State;
using Opal.Trie;

namespace Opal.Cli.EvmTool;

/// <summary>A chain in memory: headers by hash, states by root. Blocks are imported through the executor, whatever branch they are on.</summary>
internal sealed class BlockTestChain
{
    private readonly Dictionary<Hash256, BlockHeader> _headers = [];
    private readonly MemoryStateStore _states;

    /// <summary>A chain of its genesis block.</summary>
    public BlockTestChain(BlockHeader genesis, IReadOnlyList<GenesisAccount> accounts)
    {
        _states = ToolAlloc.ToStore(accounts, out Hash256 root);
        GenesisRoot = root;
        Head = genesis;
        _headers.Add(genesis.Hash, genesis);
    }

    /// <summary>The root of the accounts given.</summary>
    public Hash256 GenesisRoot { get; }

    /// <summary>The last block that was accepted.</summary>
    public BlockHeader Head { get; private set; }

    /// <summary>Executes a block on its parent's state and, if it is valid, makes it the head.</summary>
    public ExecutionResult Import(BlockExecutor executor, Block block)
    {
        if (!_headers.TryGetValue(block.Header.ParentHash, out BlockHeader? parent)) return new ExecutionResult { Error = BlockError.UnknownParent };
        ExecutionResult result = executor.Execute(parent, block, new State(this, _states.Open(parent.StateRoot)!, parent));
        if (!result.IsValid) return result;
        _states.Commit(parent.StateRoot, result.Diff, block.Header.StateRoot, block.Number);
        _headers[block.Hash] = block.Header;
        Head = block.Header;
        return result;
    }

    /// <summary>The faults of the first transaction that may not be in a block, whatever the block's header says; none where there is no such transaction.</summary>
    public IEnumerable<Rejection> FindTransactionFaults(BlockExecutor executor, Block block)
    {
        if (!_headers.TryGetValue(block.Header.ParentHash, out BlockHeader? parent)) yield break;
        ExecutionResult result = executor.Trace(parent, block, new State(this, _states.Open(parent.StateRoot)!, parent), Unobserved.Instance);
        if (result.Error != BlockError.InvalidTransaction) yield break;
        yield return Rejection.Of(result.Verdict);
        if (block.Transactions[result.InvalidTransaction].MaxFeePerGas < block.Header.BaseFeePerGas) yield return Rejection.Of(TransactionVerdict.MaxFeeBelowBaseFee);
    }

    private sealed class Unobserved : IBlockObserver
    {
        public static Unobserved Instance { get; } = new();

        public ITracer? BeginTransaction(int index, Transaction transaction, Journal journal) => null;

        public bool EndTransaction(int index, in TransactionOutcome outcome, Journal journal) => true;
    }

    private sealed class State(BlockTestChain chain, IStateView view, BlockHeader parent) : IExecutionState
    {
        public bool TryGetAccount(in Address address, out Account account) => view.TryGetAccount(address, out account);

        public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => view.GetStorage(address, slot, out value);

        public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => view.GetCode(codeHash);

        public bool HasStorage(in Address address) => view.HasStorage(address);

        public Hash256 GetBlockHash(ulong number)
        {
            BlockHeader? at = parent;
            while (at is not null && at.Number > number) at = chain._headers.GetValueOrDefault(at.ParentHash);
            return at is not null && at.Number == number ? at.Hash : Hash256.Zero;
        }

        public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf) => view.ComputeRoots(diff, storageRootOf);
    }
}
