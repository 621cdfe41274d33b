using System.Diagnostics;
using Opal.Crypto;
using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Benchmarks;

/// <summary>Runs the blocks of one list from genesis on, in any variant, and checks what they give.</summary>
internal sealed class BlockRunner : IDisposable
{
    private readonly BenchChain _chain;
    private readonly TransactionList _list;
    private readonly int _fillers;
    private readonly NodeState _state;
    private readonly FlatState? _flat;
    private readonly BlockHeader _genesis;
    private readonly TransactionProcessor _processor = new(NativeCrypto.Instance);
    private readonly BlockExecutor _executor;
    private readonly Transaction[][] _transactions;
    private Block[]? _built;

    /// <param name="chain">The rules.</param>
    /// <param name="list">The transactions.</param>
    /// <param name="fillers">How many fillers the state has.</param>
    /// <param name="state">The node's state.</param>
    /// <param name="flat">The same state in flat tables; null when it is not wanted.</param>
    public BlockRunner(BenchChain chain, TransactionList list, int fillers, NodeState state, FlatState? flat)
    {
        _chain = chain;
        _list = list;
        _fillers = fillers;
        _state = state;
        _flat = flat;
        _genesis = chain.GenesisHeader(state.GenesisRoot);
        _executor = new BlockExecutor(NativeCrypto.Instance, chain.Spec);
        _transactions = Enumerable.Range(0, list.Blocks.Length).Select(list.Decode).ToArray();
        foreach (Transaction[] block in _transactions) SenderRecovery.Recover(block);
    }

    /// <summary>The state root after the last block that was run.</summary>
    public Hash256 LastRoot { get; private set; }

    /// <summary>The gas of the last run's blocks together.</summary>
    public ulong TotalGas { get; private set; }

    /// <summary>Runs all blocks once.</summary>
    /// <param name="variant">What is done.</param>
    /// <param name="times">One time a block.</param>
    /// <returns>What is wrong with a block; null when nothing is.</returns>
    public string? Run(BlockVariant variant, out List<BlockTime> times)
    {
        times = [];
        TotalGas = 0;
        return variant switch
        {
            BlockVariant.Exec => Exec(times),
            BlockVariant.ExecRoot => ExecRoot(times),
            BlockVariant.Import => Import(times),
            _ => Build(times),
        };
    }

    private string? Exec(List<BlockTime> times)
    {
        FlatState flat = _flat ?? throw new InvalidOperationException("there is no flat state");
        Hash256 root = _state.GenesisRoot;
        string? problem = null;
        for (int i = 0; i < _transactions.Length && problem is null; i++)
        {
            long begin = Clock.Now;
            problem = Execute(flat, i, out ulong gas, out StateDiff diff);
            times.Add(new BlockTime(Clock.Since(begin)));
            flat.Apply(diff);
            problem ??= Keep(_state.Open(root), ref root, diff, i, gas);
        }

        flat.Rewind();
        return problem;
    }

    private string? ExecRoot(List<BlockTime> times)
    {
        Hash256 root = _state.GenesisRoot;
        for (int i = 0; i < _transactions.Length; i++)
        {
            TimedState state = _state.Open(root);
            long begin = Clock.Now;
            string? problem = Execute(state, i, out ulong gas, out StateDiff diff);
            problem ??= Keep(state, ref root, diff, i, gas);
            times.Add(new BlockTime(Clock.Since(begin), state.RootSeconds));
            if (problem is not null) return problem;
        }

        return null;
    }

    /// <summary>The transactions of a block, without receipts and roots.</summary>
    private string? Execute(IExecutionState state, int block, out ulong gas, out StateDiff diff)
    {
        BlockContext context = BenchChain.ContextOf((ulong)block + 1);
        _processor.StartBlock(_chain.Rules, context, state, state);
        gas = 0;
        foreach (Transaction transaction in _transactions[block])
        {
            TransactionOutcome outcome = _processor.Execute(transaction, context.GasLimit - gas);
            if (outcome.Verdict != TransactionVerdict.Valid || !outcome.Succeeded)
            {
                diff = StateDiff.Empty;
                return $"block {block + 1}: a transaction fails: {outcome.Verdict}, {outcome.Halt}";
            }

            gas += outcome.GasUsed;
        }

        diff = _processor.TakeDiff();
        return null;
    }

    /// <summary>Computes and checks the root after a block and keeps its state.</summary>
    private string? Keep(TimedState state, ref Hash256 root, StateDiff diff, int block, ulong gas)
    {
        Hash256 parent = root;
        root = LastRoot = state.ComputeRoots(diff, null).StateRoot;
        _state.Commit(parent, diff, root, (ulong)block + 1);
        TotalGas += gas;
        return _list.Check(_fillers, block, gas, root);
    }

    private string? Import(List<BlockTime> times)
    {
        if (_built is null && Build([]) is { } failed) return failed;
        byte[][] raw = _built!.Select(block => block.Encode()).ToArray();
        TotalGas = 0;
        BlockHeader parent = _genesis;
        for (int i = 0; i < raw.Length; i++)
        {
            TimedState state = _state.Open(parent.StateRoot);
            long begin = Clock.Now;
            if (!Block.TryDecode(raw[i], out Block? block)) return $"block {i + 1} does not decode";
            SenderRecovery.Recover(block!.Transactions);
            double prepared = Clock.Since(begin);
            ExecutionResult result = _executor.Execute(parent, block, state);
            if (!result.IsValid) return $"block {i + 1} is invalid: {result.Describe()}";
            _state.Commit(parent.StateRoot, result.Diff, block.Header.StateRoot, block.Number);
            times.Add(new BlockTime(Clock.Since(begin), state.RootSeconds, prepared));
            if (CheckHeader(i, block.Header) is { } problem) return problem;
            parent = block.Header;
        }

        return null;
    }

    private string? Build(List<BlockTime> times)
    {
        var built = new Block[_transactions.Length];
        BlockHeader parent = _genesis;
        for (int i = 0; i < built.Length; i++)
        {
            TimedState state = _state.Open(parent.StateRoot);
            PayloadAttributes attributes = _chain.AttributesOf((ulong)i + 1);
            long begin = Clock.Now;
            ExecutionResult begun = _executor.TryBegin(parent, attributes, state, BuildOptions.Default, out BlockBuilder? builder);
            if (!begun.IsValid) return $"block {i + 1} cannot begin: {begun.Describe()}";
            foreach (Transaction transaction in _transactions[i])
            {
                if (builder!.TryAdd(transaction, out TransactionVerdict verdict) != AddResult.Included) return $"block {i + 1}: a transaction is not taken: {verdict}";
            }

            BlockError error = builder!.Seal(out BuiltBlock? sealedBlock);
            if (error != BlockError.None) return $"block {i + 1} cannot be sealed: {Descriptions.Of(error)}";
            built[i] = sealedBlock!.Block;
            _state.Commit(parent.StateRoot, sealedBlock.Diff, built[i].Header.StateRoot, built[i].Number);
            times.Add(new BlockTime(Clock.Since(begin), state.RootSeconds));
            if (CheckHeader(i, built[i].Header) is { } problem) return problem;
            if (!sealedBlock.Receipts.All(receipt => receipt.Succeeded)) return $"block {i + 1}: a transaction failed";
            parent = built[i].Header;
        }

        _built = built;
        return null;
    }

    /// <summary>Compares a header with what the files say; OP blocks have other roots, which import and building agree on.</summary>
    private string? CheckHeader(int block, BlockHeader header)
    {
        TotalGas += header.GasUsed;
        LastRoot = header.StateRoot;
        if (!_chain.Rules.IsOptimism) return _list.Check(_fillers, block, header.GasUsed, header.StateRoot);
        return _built is null || _built[block].Header.Hash == header.Hash ? null : $"block {block + 1} differs from the one built before";
    }

    public void Dispose()
    {
        _processor.Dispose();
        _executor.Dispose();
    }
}
