namespace Opal.Protocol;

/// <summary>When each upgrade activates on an L1 chain: Paris by block number, the later ones by time in seconds; null is never.</summary>
public sealed record EthereumForkTimes
{
    /// <summary>The first block after the merge; 0 for chains that began with it.</summary>
    public ulong? ParisBlock { get; init; } = 0;

    public ulong? Shanghai { get; init; }

    public ulong? Cancun { get; init; }

    public ulong? Prague { get; init; }

    public ulong? Osaka { get; init; }

    /// <summary>All upgrades up to and with <paramref name="newest"/> active from genesis, the later ones never.</summary>
    public static EthereumForkTimes AllActiveAtGenesis(EthereumFork newest)
    {
        return new EthereumForkTimes
        {
            ParisBlock = Zero(EthereumFork.Paris),
            Shanghai = Zero(EthereumFork.Shanghai),
            Cancun = Zero(EthereumFork.Cancun),
            Prague = Zero(EthereumFork.Prague),
            Osaka = Zero(EthereumFork.Osaka),
        };

        ulong? Zero(EthereumFork fork) => fork <= newest ? 0 : null;
    }
}
