using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The addresses of the L2 contracts and accounts that the protocol itself knows (predeploys.md).</summary>
public static class Predeploys
{
    /// <summary>0x4200…00nn.</summary>
    private static Address Namespaced(ulong number) => Address.FromUInt256(new UInt256(number, 0, 0x4200_0000));

    /// <summary>L2ToL1MessagePasser: withdrawals start here, its storage root is in output roots and headers.</summary>
    public static Address L2ToL1MessagePasser { get; } = Namespaced(0x16);

    /// <summary>L1Block: the attributes of the L1 origin.</summary>
    public static Address L1Block { get; } = Namespaced(0x15);

    /// <summary>GasPriceOracle.</summary>
    public static Address GasPriceOracle { get; } = Namespaced(0x0f);

    /// <summary>SequencerFeeVault: the fee recipient of L2 blocks.</summary>
    public static Address SequencerFeeVault { get; } = Namespaced(0x11);

    /// <summary>BaseFeeVault: takes what L1 would burn.</summary>
    public static Address BaseFeeVault { get; } = Namespaced(0x19);

    /// <summary>L1FeeVault: takes the fee for L1 data.</summary>
    public static Address L1FeeVault { get; } = Namespaced(0x1a);

    /// <summary>OperatorFeeVault: takes the operator fee from Isthmus on.</summary>
    public static Address OperatorFeeVault { get; } = Namespaced(0x1b);

    /// <summary>ProxyAdmin.</summary>
    public static Address ProxyAdmin { get; } = Namespaced(0x18);

    /// <summary>The sender of the L1 attributes deposits and of most upgrade transactions.</summary>
    public static Address Depositor { get; } = Address.Parse("0xdeaddeaddeaddeaddeaddeaddeaddeaddead0001");

    /// <summary>The create2Deployer, which Canyon puts into the state at its activation.</summary>
    public static Address Create2Deployer { get; } = Address.Parse("0x13b0d85ccb8bf860b6b79af3029fca081ae9bef2");
}
