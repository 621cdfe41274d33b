using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Execution;

/// <summary>Fee arithmetic that pools and suggestions need.</summary>
internal static class TransactionFees
{
    /// <summary>What it tips for a unit of gas, in wei; zero when the fee cap is below the base fee.</summary>
    public static UInt256 EffectiveTip(Transaction transaction, in UInt256 baseFee) =>
        UInt256.TrySubtract(transaction.MaxFeePerGas, baseFee, out UInt256 room) ? UInt256.Min(room, transaction.MaxPriorityFeePerGas) : UInt256.Zero;
}
