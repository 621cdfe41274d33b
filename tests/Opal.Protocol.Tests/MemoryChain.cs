using Opal.Evm;
using Opal.Primitives;
using Opal.State;
using Opal.Trie;

namespace Opal.Protocol.Tests;

/// <summary>A chain in memory: headers by hash, states by root. Blocks are imported through the executor, whatever branch they are on, and their ether is counted.</summary>
internal sealed class MemoryChain
{
    private readonly Dictionary<Hash256, BlockHeader> _headers = [];
    private readonly MemoryStateStore _states = new();

    public MemoryChain(Genesis genesis, BlockHeader header)
    {
        _states.Commit(Hash256.EmptyTrie, genesis.ToDiff(), header.StateRoot, 0);
        _headers.Add(header.Hash, header);
        Head = header;
    }

    public BlockHeader Head { get; private set; }

    public BlockHeader? Find(in Hash256 hash) => _headers.GetValueOrDefault(hash);

    public IExecutionState StateOf(BlockHeader header) => new State(this, _states.Open(header.StateRoot)!, header);

    public ExecutionResult Import(BlockExecutor executor, Block block)
    {
        if (Find(block.Header.ParentHash) is not { } parent) return new ExecutionResult { Error = BlockError.UnknownParent };
        ExecutionResult result = executor.Execute(parent, block, StateOf(parent));
        if (!result.IsValid) return result;
        string? supply = EtherSupply.Check(executor, parent, block, result.Diff, StateOf(parent));
        Assert.True(supply is null, supply);
        Accept(parent, block.Header, result.Diff);
        return result;
    }

    public void Accept(BlockHeader parent, BlockHeader header, StateDiff diff)
    {
        _states.Commit(parent.StateRoot, diff, header.StateRoot, header.Number);
        _headers[header.Hash] = header;
        Head = header;
    }

    private sealed class State(MemoryChain chain, IStateView view, BlockHeader parent) : IExecutionState
    {
        public bool TryGetAccount(in Address address, out Account account) => view.TryGetAccount(address, out account);

        public void GetStorage(in Address address, in UInt256 slot, out UInt256 value) => view.GetStorage(address, slot, out value);

        public ReadOnlyMemory<byte> GetCode(in Hash256 codeHash) => view.GetCode(codeHash);

        public bool HasStorage(in Address address) => view.HasStorage(address);

        public Hash256 GetBlockHash(ulong number)
        {
            BlockHeader? at = parent;
            while (at is not null && at.Number > number) at = chain.Find(at.ParentHash);
            return at is not null && at.Number == number ? at.Hash : Hash256.Zero;
        }

        public StateRoots ComputeRoots(StateDiff diff, Address? storageRootOf) => view.ComputeRoots(diff, storageRootOf);
    }
}
