using Opal.Evm;
using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>What a simulated call assumes instead of the block's and the state's own values; null keeps them.</summary>
public sealed record CallOverrides
{
    /// <summary>Accounts to change before the call.</summary>
    public IReadOnlyList<(Address Address, AccountOverride Account)> Accounts { get; init; } = [];

    /// <summary>The precompiles there are, where some were moved or replaced.</summary>
    public PrecompileSet? Precompiles { get; init; }

    /// <summary>The block number.</summary>
    public ulong? Number { get; init; }

    /// <summary>The block's time in seconds; the fork stays that of the block.</summary>
    public ulong? Timestamp { get; init; }

    /// <summary>The block's gas limit.</summary>
    public ulong? GasLimit { get; init; }

    /// <summary>The base fee in wei.</summary>
    public UInt256? BaseFee { get; init; }

    /// <summary>The blob base fee in wei.</summary>
    public UInt256? BlobBaseFee { get; init; }

    /// <summary>PREVRANDAO.</summary>
    public UInt256? PrevRandao { get; init; }

    /// <summary>The fee recipient.</summary>
    public Address? Coinbase { get; init; }

    internal Rules Apply(Rules rules) => Precompiles is null ? rules : rules with { Evm = rules.Evm with { Precompiles = Precompiles } };
}
