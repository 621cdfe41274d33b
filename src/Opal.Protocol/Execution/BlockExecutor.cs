using Opal.Evm;
using Opal.Primitives;
using Opal.Trie;

namespace Opal.Protocol;

/// <summary>Executes blocks: the only place where that is done. Import, building, calls, traces and proofs all go through it.</summary>
/// <remarks>It owns a machine with its buffers; not for use by two threads at once. A service keeps one for each worker.</remarks>
public sealed partial class BlockExecutor(ICrypto crypto, ChainSpec spec) : IDisposable
{
    private readonly TransactionProcessor _processor = new(crypto);

    /// <summary>The chain.</summary>
    public ChainSpec Spec => spec;

    /// <summary>Compiles contracts that run much; null interprets everything. Set before the first block.</summary>
    public ICodeCompiler? Compiler
    {
        get => _processor.Machine.Compiler;
        init => _processor.Machine.Compiler = value;
    }

    /// <summary>The engines of the EVM that blocks from now on may use; all give the same results.</summary>
    public EngineChoice Engines
    {
        get => _processor.Machine.Engines;
        set => _processor.Machine.Engines = value;
    }

    /// <summary>Executes a block on its parent's state and checks everything that its header commits to.</summary>
    /// <param name="parent">The parent's header.</param>
    /// <param name="block">The block.</param>
    /// <param name="state">The state after the parent.</param>
    public ExecutionResult Execute(BlockHeader parent, Block block, IExecutionState state)
    {
        BlockHeader header = block.Header;
        BlockError error = HeaderValidation.Check(header, parent, spec);
        if (error == BlockError.None) error = HeaderValidation.CheckBody(block, spec.At(header));
        return error == BlockError.None ? ExecuteChecked(parent, block, state) : ExecutionResult.Invalid(error);
    }

    private ExecutionResult ExecuteChecked(BlockHeader parent, Block block, IExecutionState state)
    {
        BlockHeader header = block.Header;
        var execution = new BlockExecution(_processor, spec);
        execution.Start(header, parent, state);
        for (int i = 0; i < block.Transactions.Length; i++)
        {
            TransactionVerdict verdict = execution.Add(block.Transactions[i], out _);
            if (verdict != TransactionVerdict.Valid)
            {
                return new ExecutionResult { Error = BlockError.InvalidTransaction, InvalidTransaction = i, Verdict = verdict };
            }
        }

        BlockError error = execution.Finish(header, block.Withdrawals, out List<byte[]> requests);
        if (error != BlockError.None) return ExecutionResult.Invalid(error);
        Receipt[] receipts = execution.Receipts.ToArray();
        error = CheckOutcome(header, execution, receipts, requests);
        if (error != BlockError.None) return ExecutionResult.Invalid(error);

        StateDiff diff = _processor.TakeDiff();
        error = CheckRoots(header, state, diff);
        return error == BlockError.None
            ? new ExecutionResult { Receipts = receipts, Diff = diff, Requests = requests }
            : ExecutionResult.Invalid(error);
    }

    private BlockError CheckOutcome(BlockHeader header, BlockExecution execution, Receipt[] receipts, List<byte[]> requests)
    {
        Rules rules = _processor.Rules;
        if (execution.GasUsed != header.GasUsed) return BlockError.WrongGasUsed;
        if (BodyRoots.OfReceipts(receipts) != header.ReceiptsRoot) return BlockError.WrongReceiptsRoot;
        if (!Bloom.Of(receipts).Equals(header.LogsBloom)) return BlockError.WrongLogsBloom;
        if (BlobGasUsed(rules) != header.BlobGasUsed) return BlockError.WrongBlobGasUsed;
        return rules.Requests == RequestsRule.FromExecution && ExecutionRequests.Hash(requests, crypto) != header.RequestsHash
            ? BlockError.WrongRequestsHash
            : BlockError.None;
    }

    /// <summary>What the header's field is for the block just run.</summary>
    private ulong? BlobGasUsed(Rules rules) => rules.BlobGas switch
    {
        BlobGasRule.None => null,
        BlobGasRule.Blobs => _processor.BlobGasUsed,
        BlobGasRule.Zero => 0,
        _ => _processor.DAFootprint,
    };

    private BlockError CheckRoots(BlockHeader header, IExecutionState state, StateDiff diff)
    {
        bool hasMessagePasser = _processor.Rules.Withdrawals == WithdrawalsRule.MessagePasser;
        StateRoots roots = state.ComputeRoots(diff, hasMessagePasser ? Predeploys.L2ToL1MessagePasser : null);
        if (roots.StateRoot != header.StateRoot) return BlockError.WrongStateRoot;
        return hasMessagePasser && roots.StorageRoot != header.WithdrawalsRoot ? BlockError.WrongMessagePasserRoot : BlockError.None;
    }

    /// <summary>Frees the machine.</summary>
    public void Dispose() => _processor.Dispose();
}
