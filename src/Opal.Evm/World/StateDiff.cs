using Opal.Primitives;

namespace Opal.Evm;

/// <summary>Everything a block changed. Deterministic: ordered by address, slot and code hash.</summary>
public sealed class StateDiff
{
    /// <summary>The changed accounts in ascending order of address.</summary>
    public required IReadOnlyList<AccountChange> Accounts { get; init; }

    /// <summary>Code that changed accounts carry now and did not carry before, each hash once, in ascending order of hash.</summary>
    public required IReadOnlyList<(Hash256 Hash, byte[] Code)> Codes { get; init; }

    /// <summary>A block that changed nothing.</summary>
    public static StateDiff Empty { get; } = new() { Accounts = [], Codes = [] };
}
