using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The inputs of a block to build: what engine_forkchoiceUpdated carries, with the OP Stack's extensions.</summary>
/// <remarks>Spec: exec-engine.md#extended-payloadattributesv3. The timestamp is in seconds.</remarks>
public sealed class PayloadAttributes
{
    /// <summary>The new block's timestamp.</summary>
    public ulong Timestamp { get; init; }

    /// <summary>The new block's PREVRANDAO.</summary>
    public Hash256 PrevRandao { get; init; }

    /// <summary>The new block's fee recipient; on L2 the SequencerFeeVault.</summary>
    public Address SuggestedFeeRecipient { get; init; }

    /// <summary>The withdrawals; null before Shanghai and Canyon, empty on L2 from then on.</summary>
    public IReadOnlyList<Withdrawal>? Withdrawals { get; init; }

    /// <summary>The parent beacon block's root; from Cancun and Ecotone on. On L2 that of the L1 origin.</summary>
    public Hash256? ParentBeaconBlockRoot { get; init; }

    /// <summary>The transactions that the block must begin with, EIP-2718 encoded. L2 only.</summary>
    public IReadOnlyList<byte[]> Transactions { get; init; } = [];

    /// <summary>Whether nothing may follow <see cref="Transactions"/>. L2 only.</summary>
    public bool NoTxPool { get; init; }

    /// <summary>The block's gas limit; required on L2.</summary>
    public ulong? GasLimit { get; init; }

    /// <summary>Denominator and elasticity, each u32 big-endian; both zero means the chain's constants. From Holocene on, 8 bytes; null before.</summary>
    public byte[]? Eip1559Params { get; init; }

    /// <summary>The minimum base fee in wei; from Jovian on, null before.</summary>
    public ulong? MinBaseFee { get; init; }
}
