using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol.Tests;

/// <summary>Ether appears and vanishes only as the protocol says: the balances of a block's diff must add up.</summary>
/// <remarks>
/// L1: withdrawals and the block reward appear, base fee and blob fee vanish. L2: only deposits mint, all fees go to vaults.
/// Beside that a SELFDESTRUCT may burn: then ether may be missing, but never appear.
/// </remarks>
internal static class EtherSupply
{
    /// <summary>Adds up a block's diff. A message when ether appeared, or vanished without a SELFDESTRUCT; else null.</summary>
    /// <param name="executor">Runs the block again, to look for a SELFDESTRUCT, where ether is missing.</param>
    /// <param name="parent">The parent's header.</param>
    /// <param name="block">A valid block.</param>
    /// <param name="diff">What it changed.</param>
    /// <param name="before">The parent's state.</param>
    public static string? Check(BlockExecutor executor, BlockHeader parent, Block block, StateDiff diff, IExecutionState before)
    {
        UInt256 missing = Expected(executor.Spec.At(block.Header), block) - Change(diff, before);
        if (missing.IsZero) return null;
        if (missing.BitAt(255)) return $"{UInt256.Zero - missing} wei appeared in block {block.Number}";
        var destructions = new Destructions();
        executor.Trace(parent, block, before, destructions);
        return destructions.Count > 0 ? null : $"{missing} wei vanished in block {block.Number}";
    }

    /// <summary>What a block adds to all balances, modulo 2^256.</summary>
    private static UInt256 Change(StateDiff diff, IExecutionState before)
    {
        UInt256 sum = UInt256.Zero;
        foreach (AccountChange change in diff.Accounts)
        {
            sum += change.Account.Balance;
            if (before.TryGetAccount(change.Address, out Account account)) sum -= account.Balance;
        }

        return sum;
    }

    private static UInt256 Expected(Rules rules, Block block)
    {
        UInt256 sum = UInt256.Zero;
        if (rules.IsOptimism)
        {
            foreach (Transaction transaction in block.Transactions) sum += transaction.Mint ?? UInt256.Zero;
            return sum;
        }

        BlockHeader header = block.Header;
        foreach (Withdrawal withdrawal in block.Withdrawals ?? []) sum += withdrawal.AmountWei;
        if (rules.IsProofOfWork) sum += new UInt256(2_000_000_000_000_000_000);
        sum -= header.BaseFeePerGas!.Value * header.GasUsed;
        if (rules.BlobGas == BlobGasRule.Blobs) sum -= BlobGas.BaseFee(header.ExcessBlobGas!.Value, rules.Blobs) * header.BlobGasUsed!.Value;
        return sum;
    }

    private sealed class Destructions : IBlockObserver, ITracer
    {
        public int Count { get; private set; }

        public bool WantsSteps => false;

        public ITracer BeginTransaction(int index, Transaction transaction, Journal journal) => this;

        public bool EndTransaction(int index, in TransactionOutcome outcome, Journal journal) => true;

        public void EnterFrame(in FrameEntry frame)
        {
            if (frame.Kind == CallKind.SelfDestruct) Count++;
        }

        public void ExitFrame(Halt halt, long gasUsed, ReadOnlySpan<byte> output)
        {
        }

        public void Step(in TraceStep step)
        {
        }

        public void StepEnd(long gasCost, Halt? halt)
        {
        }

        public void Log(in Address address, ReadOnlySpan<Hash256> topics, ReadOnlySpan<byte> data)
        {
        }
    }
}
