using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>A transaction as the pool holds it. Immutable but for its rollup cost, which follows the L1 fees.</summary>
public sealed class PoolTransaction
{
    internal PoolTransaction(
        Transaction transaction, Address sender, BlobSidecar? sidecar, ulong arrival, DateTimeOffset addedAt, bool isLocal = false, TransactionCondition? condition = null)
    {
        IsLocal = isLocal;
        Condition = condition;
        Transaction = transaction;
        Sender = sender;
        Sidecar = sidecar;
        Arrival = arrival;
        AddedAt = addedAt;
        FeeCap = transaction.MaxFeePerGas;
        TipCap = transaction.MaxPriorityFeePerGas;
        ExecutionCost = TransactionChecks.MaxCost(transaction);
        Size = transaction.Encoded.Length;
        Slots = (Size + SlotSize - 1) / SlotSize;
    }

    /// <summary>Bytes a slot of the pool's capacity stands for.</summary>
    public const int SlotSize = 32 * 1024;

    /// <summary>The transaction.</summary>
    public Transaction Transaction { get; }

    /// <summary>Who signed it.</summary>
    public Address Sender { get; }

    /// <summary>Blobs, commitments and proofs of a blob transaction.</summary>
    public BlobSidecar? Sidecar { get; }

    /// <summary>Whether it was sent to this node, and is kept over restarts.</summary>
    public bool IsLocal { get; }

    /// <summary>Under which conditions the sender wants it included; null for none.</summary>
    public TransactionCondition? Condition { get; }

    /// <summary>Whether it is executable at the pool's head; changes under the pool's lock.</summary>
    internal bool IsPending { get; set; }

    /// <summary>Order of arrival in this pool; breaks ties between equal tips.</summary>
    public ulong Arrival { get; }

    /// <summary>When the pool took it.</summary>
    public DateTimeOffset AddedAt { get; }

    /// <summary>The most it pays for a unit of gas, in wei.</summary>
    public UInt256 FeeCap { get; }

    /// <summary>The most it tips for a unit of gas, in wei.</summary>
    public UInt256 TipCap { get; }

    /// <summary>gas limit × fee cap + value + blob gas × blob fee cap, in wei (saturated).</summary>
    public UInt256 ExecutionCost { get; }

    /// <summary>L1 data fee plus the highest operator fee at the pool's present head, in wei; zero on Ethereum.</summary>
    public UInt256 RollupCost { get; internal set; }

    /// <summary>The balance the sender needs for it.</summary>
    public UInt256 TotalCost => UInt256.TryAdd(ExecutionCost, RollupCost, out UInt256 sum) ? sum : UInt256.MaxValue;

    /// <summary>Encoded size in bytes, without blobs.</summary>
    public int Size { get; }

    /// <summary>Slots of the pool's capacity it takes.</summary>
    public int Slots { get; }

    /// <summary>The transaction's hash.</summary>
    public Hash256 Hash => Transaction.Hash;

    /// <summary>The sender's nonce.</summary>
    public ulong Nonce => Transaction.Nonce;

    /// <summary>What a block with this base fee would pay its builder for a unit of gas; false when the fee cap is below the base fee.</summary>
    public bool TryGetTip(in UInt256 baseFee, out UInt256 tip)
    {
        if (!UInt256.TrySubtract(FeeCap, baseFee, out UInt256 room))
        {
            tip = UInt256.Zero;
            return false;
        }

        tip = UInt256.Min(room, TipCap);
        return true;
    }
}
