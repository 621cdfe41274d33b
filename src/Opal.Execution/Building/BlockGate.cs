using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>What the second execution of a built block said.</summary>
/// <param name="Payload">The block with the receipts and changes of the second execution; null on a mismatch.</param>
/// <param name="Reason">Why the import path refuses the block; empty when it does not.</param>
/// <param name="FailedTransaction">The index in the block of the transaction that may not be there; -1 when it is not one transaction that was refused.</param>
internal readonly record struct GateResult(BuiltPayload? Payload, string Reason, int FailedTransaction);

/// <summary>
/// Executes built blocks again, as if they came from outside: from the parent's stored state, on another executor, with every check of an
/// import. What the builder believed about receipts and state is thrown away; the second execution's take their place. Thread-safe.
/// </summary>
internal static class BlockGate
{
    /// <summary>Checks a block. The builder's executor must not have been given back yet, so that another one is used.</summary>
    public static GateResult Check(Blockchain chain, ExecutedBlock parent, BuiltPayload built)
    {
        Block block = built.Block;
        if (block.Header.ParentHash != parent.Hash) return new GateResult(null, $"the parent is {block.Header.ParentHash} instead of {parent.Hash}", -1);
        if (chain.OpenState(parent) is not { } state) return new GateResult(null, $"the state of block {parent.Number} is not kept any more", -1);
        ExecutorLease lease = chain.RentExecutor();
        ExecutionResult result;
        try
        {
            result = lease.Executor.Execute(parent.Header, block, state);
        }
        catch (Exception error) when (error is not OutOfMemoryException)
        {
            lease.Executor.Dispose();
            return new GateResult(null, $"executing it threw {error.GetType().Name}: {error.Message}", -1);
        }

        lease.Dispose();
        if (!result.IsValid)
        {
            string reason = result.InvalidTransaction < 0 ? result.Describe() : $"transaction {result.InvalidTransaction}: {result.Describe()}";
            return new GateResult(null, reason, result.InvalidTransaction);
        }

        var again = new BuiltBlock
        {
            Block = block,
            Receipts = result.Receipts,
            Diff = result.Diff,
            Requests = result.Requests,
            PriorityFees = built.Built.PriorityFees,
        };
        return new GateResult(new BuiltPayload(again, built.Sidecars), "", -1);
    }

    /// <summary>What the state root would have been by the import path, for reports; null when the block does not execute.</summary>
    public static Hash256? ExpectedStateRoot(Blockchain chain, ExecutedBlock parent, Block block)
    {
        if (chain.OpenState(parent) is not { } state) return null;
        using ExecutorLease lease = chain.RentExecutor();
        PayloadAttributes attributes = AttributesOf(block, chain.Spec.At(block.Header));
        ExecutionResult begun = lease.Executor.TryBegin(parent.Header, attributes, state, BuildOptions.Default with { ExtraData = block.Header.ExtraData }, out BlockBuilder? builder);
        return begun.IsValid && builder!.Seal(out BuiltBlock? built) == BlockError.None ? built!.Block.Header.StateRoot : null;
    }

    /// <summary>Attributes that force exactly the transactions of a block.</summary>
    private static PayloadAttributes AttributesOf(Block block, Rules rules) => new()
    {
        Timestamp = block.Header.Timestamp,
        PrevRandao = block.Header.MixHash,
        SuggestedFeeRecipient = block.Header.Beneficiary,
        Withdrawals = block.Withdrawals,
        ParentBeaconBlockRoot = block.Header.ParentBeaconBlockRoot,
        Transactions = [.. block.Transactions.Select(static t => t.Encoded)],
        NoTxPool = true,
        GasLimit = block.Header.GasLimit,
        Eip1559Params = rules.ExtraData is ExtraDataRule.Holocene or ExtraDataRule.Jovian ? block.Header.ExtraData.AsSpan(1, 8).ToArray() : null,
        MinBaseFee = rules.ExtraData == ExtraDataRule.Jovian ? System.Buffers.Binary.BinaryPrimitives.ReadUInt64BigEndian(block.Header.ExtraData.AsSpan(9)) : null,
    };
}
