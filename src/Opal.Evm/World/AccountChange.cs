using Opal.Primitives;

namespace Opal.Evm;

/// <summary>How one account differs between the start of a block and now.</summary>
public sealed class AccountChange
{
    /// <summary>The account's address.</summary>
    public required Address Address { get; init; }

    /// <summary>Whether the account is in the state after the block.</summary>
    public required bool Exists { get; init; }

    /// <summary>Its values after the block; <see cref="Account.Empty"/> when it no longer exists.</summary>
    public required Account Account { get; init; }

    /// <summary>Whether everything stored before the block is gone. <see cref="Storage"/> then holds what was written afterwards.</summary>
    public bool StorageCleared { get; init; }

    /// <summary>Changed slots in ascending order; the value zero means deleted.</summary>
    public IReadOnlyList<(UInt256 Slot, UInt256 Value)> Storage { get; init; } = [];
}
