using Opal.Evm;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.DevL1;

/// <summary>What an embedded L1 begins with. Prague is active from block 0.</summary>
public sealed record DevL1GenesisOptions
{
    /// <summary>The chain id.</summary>
    public ulong ChainId { get; init; } = 900;

    /// <summary>The genesis block's time, seconds; slots are counted from it.</summary>
    public required ulong Timestamp { get; init; }

    /// <summary>When Osaka activates, seconds; null is never.</summary>
    public ulong? OsakaTime { get; init; }

    /// <summary>The blob schedule; null takes the forks' own.</summary>
    public BlobSchedule? Blobs { get; init; }

    /// <summary>The gas limit of every block.</summary>
    public ulong GasLimit { get; init; } = 60_000_000;

    /// <summary>The base fee of block 0, in wei.</summary>
    public UInt256 BaseFee { get; init; } = new(1_000_000_000);

    /// <summary>Funded accounts, in wei.</summary>
    public IReadOnlyList<(Address Address, UInt256 Balance)> Balances { get; init; } = [];

    /// <summary>Accounts given whole, such as contracts deployed ahead.</summary>
    public IReadOnlyList<AccountChange> Accounts { get; init; } = [];

    /// <summary>The code those accounts carry.</summary>
    public IReadOnlyList<(Hash256 Hash, byte[] Code)> Codes { get; init; } = [];
}
