namespace Opal.Protocol;

/// <summary>Ethereum's network upgrades since London, in order.</summary>
public enum EthereumFork : byte
{
    London,
    Paris,
    Shanghai,
    Cancun,
    Prague,
    Osaka,
}
