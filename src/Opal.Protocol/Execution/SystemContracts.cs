using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The contracts that blocks call by themselves, and the caller.</summary>
public static class SystemContracts
{
    /// <summary>The caller of system calls.</summary>
    public static Address Caller { get; } = Address.Parse("0xfffffffffffffffffffffffffffffffffffffffe");

    /// <summary>The gas of a system call, which counts for nothing.</summary>
    public const long CallGas = 30_000_000;

    /// <summary>EIP-4788: beacon block roots.</summary>
    public static Address BeaconRoots { get; } = Address.Parse("0x000f3df6d732807ef1319fb7b8bb8522d0beac02");

    /// <summary>EIP-2935: block hashes.</summary>
    public static Address BlockHashes { get; } = Address.Parse("0x0000f90827f1c53a10cb7a02335b175320002935");

    /// <summary>EIP-7002: withdrawal requests.</summary>
    public static Address WithdrawalRequests { get; } = Address.Parse("0x00000961ef480eb55e80d19ad83579a64c007002");

    /// <summary>EIP-7251: consolidation requests.</summary>
    public static Address ConsolidationRequests { get; } = Address.Parse("0x0000bbddc7ce488642fb579f8b00f3a590007251");
}
