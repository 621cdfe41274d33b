using Microsoft.Extensions.Logging;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.DevL1;

/// <summary>Makes blocks: one a slot, from the pool, with the safe and finalized heads trailing behind. One caller at a time makes blocks; the lock sees to it.</summary>
internal sealed class BlockProducer(ExecutionClient client, DevL1Options options, BeaconSlots slots, ILogger logger)
{
    private readonly Lock _lock = new();
    private ulong _salt;

    private Blockchain Chain => client.Chain;

    /// <summary>The first moment at which the next slot may be filled, seconds.</summary>
    public ulong NextTimestamp => slots.TimeOf(slots.SlotOf(Chain.Head.Header.Timestamp) + 1);

    /// <summary>Makes the block of the latest slot that has begun by now; null when that slot has its block. Slots missed meanwhile stay empty.</summary>
    public ExecutedBlock? ProduceDue(ulong nowSeconds)
    {
        lock (_lock)
        {
            if (nowSeconds < NextTimestamp) return null;
            return Extend(slots.TimeOf(slots.SlotOf(nowSeconds)), salt: 0, takePool: true);
        }
    }

    /// <summary>Makes the block of the slot after the head's, whatever the clock says.</summary>
    public ExecutedBlock ProduceNext()
    {
        lock (_lock) return Extend(NextTimestamp, salt: 0, takePool: true);
    }

    private ExecutedBlock Extend(ulong timestamp, ulong salt, bool takePool)
    {
        ExecutedBlock block = Build(Chain.Head, timestamp, salt, takePool);
        MakeHead(block);
        return block;
    }

    private ExecutedBlock Build(ExecutedBlock parent, ulong timestamp, ulong salt, bool takePool)
    {
        var attributes = new PayloadAttributes
        {
            Timestamp = timestamp,
            PrevRandao = BeaconSlots.RandomnessOf(parent.Hash, slots.SlotOf(timestamp), salt),
            SuggestedFeeRecipient = options.FeeRecipient,
            Withdrawals = [],
            ParentBeaconBlockRoot = BeaconSlots.RootOf(parent.Hash),
            NoTxPool = !takePool,
        };
        if (!client.Builder.TryStart(parent, attributes, version: 3, out PayloadId id, out string error)) throw new InvalidOperationException($"a block could not be begun: {error}");
        BuiltPayload built = client.Builder.Take(id, out string? failure) ?? throw new InvalidOperationException(failure ?? "the payload begun just now was dropped");
        InsertResult inserted = Chain.InsertBuilt(built.Built);
        return inserted.Block ?? throw new InvalidOperationException($"an own block was not accepted: {inserted.Status} {inserted.Error}");
    }

    private void MakeHead(ExecutedBlock block)
    {
        if (!Chain.TrySetHead(block.Hash)) throw new InvalidOperationException("an own block could not become the head");
        NameTrailing(block, options.SafeDistance, Chain.TrySetSafe);
        NameTrailing(block, options.FinalizedDistance, Chain.TrySetFinalized);
        logger.LogDebug("L1 block {Number} {Hash}: {Count} transactions, {Gas} gas", block.Number, block.Hash, block.Transactions.Count, block.Header.GasUsed);
    }

    private delegate bool NameHead(in Hash256 hash);

    private void NameTrailing(ExecutedBlock head, ulong distance, NameHead name)
    {
        ulong number = head.Number > distance ? head.Number - distance : 0;
        if (Chain.FindCanonical(number) is { } block) name(block.Hash);
    }

    /// <summary>Replaces the last <paramref name="depth"/> blocks by as many empty ones with the same timestamps.</summary>
    public ExecutedBlock Reorg(int depth, bool returnTransactions)
    {
        lock (_lock)
        {
            ExecutedBlock head = Chain.Head;
            ArgumentOutOfRangeException.ThrowIfNegativeOrZero(depth);
            ArgumentOutOfRangeException.ThrowIfGreaterThan((ulong)depth, head.Number);
            ulong finalized = Chain.Heads.Finalized?.Number ?? 0;
            if (head.Number - (ulong)depth < finalized) throw new ArgumentOutOfRangeException(nameof(depth), $"block {finalized} is final; the head is {head.Number}");

            List<ExecutedBlock> orphans = [];
            for (ulong number = head.Number - (ulong)depth + 1; number <= head.Number; number++) orphans.Add(Chain.FindCanonical(number)!);
            _salt++;
            ExecutedBlock tip = Chain.Find(orphans[0].Header.ParentHash)!;
            foreach (ExecutedBlock orphan in orphans) tip = Build(tip, orphan.Header.Timestamp, _salt, takePool: false);
            MakeHead(tip);
            if (!returnTransactions)
            {
                foreach (Transaction transaction in orphans.SelectMany(static o => o.Transactions)) client.Pool.Drop(transaction.Hash, PoolDropReason.Withdrawn);
            }

            logger.LogInformation("L1 reorg of {Depth} blocks: head {Number} is {Hash} instead of {Old}", depth, tip.Number, tip.Hash, head.Hash);
            return tip;
        }
    }
}
