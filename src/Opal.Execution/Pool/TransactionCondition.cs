using Opal.Primitives;

namespace Opal.Execution;

/// <summary>What an account's storage must be for a conditional transaction: its root, or the values of some slots.</summary>
/// <param name="Address">The account.</param>
/// <param name="StorageRoot">The root wanted; null when slots are given.</param>
/// <param name="Slots">Slots with the values wanted; empty when the root is given.</param>
public sealed record KnownAccount(Address Address, Hash256? StorageRoot, IReadOnlyList<(UInt256 Slot, UInt256 Value)> Slots);

/// <summary>Under which conditions a sender wants a transaction included (<c>eth_sendRawTransactionConditional</c>); the sequencer alone enforces them.</summary>
/// <remarks>Bounds are inclusive. Storage roots are those of the parent block's state; slots are read after the transactions before it in the block.</remarks>
public sealed record TransactionCondition
{
    /// <summary>The most look-ups a condition may ask for.</summary>
    public const int MaxCost = 1000;

    /// <summary>Accounts whose storage must be as stated.</summary>
    public IReadOnlyList<KnownAccount> KnownAccounts { get; init; } = [];

    /// <summary>The lowest block number.</summary>
    public UInt256? BlockNumberMin { get; init; }

    /// <summary>The highest block number.</summary>
    public UInt256? BlockNumberMax { get; init; }

    /// <summary>The lowest block timestamp, in seconds.</summary>
    public ulong? TimestampMin { get; init; }

    /// <summary>The highest block timestamp, in seconds.</summary>
    public ulong? TimestampMax { get; init; }

    /// <summary>How many look-ups it takes: one a root, one a slot, one for each kind of bound.</summary>
    public int Cost => KnownAccounts.Sum(static a => a.StorageRoot is null ? a.Slots.Count : 1)
        + (BlockNumberMin is null && BlockNumberMax is null ? 0 : 1) + (TimestampMin is null && TimestampMax is null ? 0 : 1);

    /// <summary>What is wrong with the condition itself; null when nothing is.</summary>
    public string? Validate()
    {
        if (BlockNumberMin > BlockNumberMax) return "block number minimum constraint must be less than the maximum";
        return TimestampMin > TimestampMax ? "timestamp minimum constraint must be less than the maximum" : null;
    }

    /// <summary>Why a block with this number and timestamp does not satisfy the bounds; null when it does.</summary>
    public string? CheckBounds(ulong number, ulong timestamp)
    {
        if (BlockNumberMin is { } least && new UInt256(number) < least) return $"current block number {number} is below the minimum {least}";
        if (BlockNumberMax is { } most && new UInt256(number) > most) return $"current block number {number} is above the maximum {most}";
        if (timestamp < TimestampMin) return $"current block timestamp {timestamp} is below the minimum {TimestampMin}";
        return timestamp > TimestampMax ? $"current block timestamp {timestamp} is above the maximum {TimestampMax}" : null;
    }

    /// <summary>Why a state does not satisfy the known accounts; null when it does.</summary>
    public string? CheckState(ChainState state) => CheckAccounts(state, (account, slot) =>
    {
        state.GetStorage(account, slot, out UInt256 value);
        return value;
    });

    /// <summary>Both checks for a block in the making; null when the transaction may go in.</summary>
    /// <param name="number">The block's number.</param>
    /// <param name="timestamp">Its timestamp.</param>
    /// <param name="readSlot">Reads a slot after the transactions so far.</param>
    /// <param name="parent">The state after the parent.</param>
    public string? Check(ulong number, ulong timestamp, Func<Address, UInt256, UInt256> readSlot, ChainState? parent)
    {
        if (CheckBounds(number, timestamp) is { } outside) return outside;
        if (KnownAccounts.Count == 0) return null;
        return parent is null ? "the parent's state is not kept" : CheckAccounts(parent, readSlot);
    }

    private string? CheckAccounts(ChainState state, Func<Address, UInt256, UInt256> readSlot)
    {
        foreach (KnownAccount account in KnownAccounts)
        {
            if (account.StorageRoot is { } root)
            {
                if (state.View.GetStorageRoot(account.Address) is var actual && actual != root) return $"storage root of {account.Address} is {actual}, expected {root}";
                continue;
            }

            foreach ((UInt256 slot, UInt256 wanted) in account.Slots)
            {
                UInt256 value = readSlot(account.Address, slot);
                if (value != wanted) return $"slot {Hash256.FromUInt256(slot)} of {account.Address} is {Hash256.FromUInt256(value)}, expected {Hash256.FromUInt256(wanted)}";
            }
        }

        return null;
    }
}
