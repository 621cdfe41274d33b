using Opal.Primitives;

namespace Opal.Deployer.L2;

/// <summary>Addresses that every OP Stack chain has in common (specs: protocol/predeploys.md), and the well-known storage slots of proxies.</summary>
public static class L2Contracts
{
    /// <summary>How many addresses from 0x42…0000 on are reserved for predeploys, each behind a proxy.</summary>
    public const int Count = 2048;

    /// <summary>The EIP-1967 slot of a proxy's implementation.</summary>
    public static readonly UInt256 ImplementationSlot = Word("0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc");

    /// <summary>The EIP-1967 slot of a proxy's admin.</summary>
    public static readonly UInt256 AdminSlot = Word("0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103");

    public static readonly Address Weth = At(0x06);
    public static readonly Address L2CrossDomainMessenger = At(0x07);
    public static readonly Address GasPriceOracle = At(0x0f);
    public static readonly Address L2StandardBridge = At(0x10);
    public static readonly Address SequencerFeeVault = At(0x11);
    public static readonly Address OptimismMintableERC20Factory = At(0x12);
    public static readonly Address L2ERC721Bridge = At(0x14);
    public static readonly Address L1Block = At(0x15);
    public static readonly Address L2ToL1MessagePasser = At(0x16);
    public static readonly Address OptimismMintableERC721Factory = At(0x17);
    public static readonly Address ProxyAdmin = At(0x18);
    public static readonly Address OperatorFeeVault = At(0x1b);
    public static readonly Address GovernanceToken = At(0x42);

    /// <summary>The predeploy 0x4200…<paramref name="number"/>.</summary>
    public static Address At(int number) => Address.FromUInt256(new UInt256((ulong)number, 0, 0x4200_0000UL));

    /// <summary>The account 0xc0d3…c0d3 ++ low 16 bits that holds a predeploy's code.</summary>
    public static Address ImplementationOf(in Address predeploy) =>
        Address.FromUInt256((Word("0xc0d3c0d3c0d3c0d3c0d3c0d3c0d3c0d3c0d30000") & ~new UInt256(0xffff)) | (predeploy.ToUInt256() & new UInt256(0xffff)));

    private static UInt256 Word(string hex) => UInt256.TryParse(hex, out UInt256 word) ? word : throw new FormatException(hex);
}
