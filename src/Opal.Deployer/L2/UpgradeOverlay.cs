using Opal.Deployer.Config;
using Opal.Primitives;

namespace Opal.Deployer.L2;

/// <summary>A contract creation of a network upgrade: who creates, and the init code.</summary>
/// <param name="From">The upgrade's sender.</param>
/// <param name="InitCode">Runs on this chain to give the runtime code.</param>
public readonly record struct UpgradeDeployment(Address From, ReadOnlyMemory<byte> InitCode);

/// <summary>
/// What the upgrade transactions of forks after Fjord would have done, for chains that have those forks at genesis, where no
/// upgrade transaction runs. The layout is that of public chains born so: implementations at the 0xc0d3… addresses.
/// </summary>
internal static class UpgradeOverlay
{
    private static readonly Address IsthmusL1Block = Sender(3), IsthmusGasPriceOracle = Sender(4), IsthmusOperatorFeeVault = Sender(5);
    private static readonly Address JovianL1Block = Sender(6), JovianGasPriceOracle = Sender(7);
    private static readonly Address BlockHashHistory = Address.Parse("0x0000F90827F1C53a10cb7A02335B175320002935");
    private static readonly Address BlockHashHistorySender = Address.Parse("0x3462413Af4609098e1E27A490f554f260213D685");

    public static void Apply(L2AllocBuilder alloc, ForkSchedule forks, IReadOnlyList<UpgradeDeployment> deployments)
    {
        if (forks.Isthmus != 0) return;
        Implement(L2Contracts.L1Block, IsthmusL1Block, "L1Block of Isthmus");
        Implement(L2Contracts.GasPriceOracle, IsthmusGasPriceOracle, "GasPriceOracle of Isthmus");
        Implement(L2Contracts.OperatorFeeVault, IsthmusOperatorFeeVault, "OperatorFeeVault of Isthmus");
        GenesisAccountBuilder history = alloc.At(BlockHashHistory);
        history.Code = Run(BlockHashHistorySender, "the block hash history contract (EIP-2935)");
        history.Nonce = 1;
        alloc.At(BlockHashHistorySender).Nonce = 1;
        ulong flags = 0x010101;
        if (forks.Jovian == 0)
        {
            Implement(L2Contracts.L1Block, JovianL1Block, "L1Block of Jovian");
            Implement(L2Contracts.GasPriceOracle, JovianGasPriceOracle, "GasPriceOracle of Jovian");
            flags = 0x01010101;
        }

        alloc.At(L2Contracts.GasPriceOracle).Set(0UL, flags);
        return;

        void Implement(in Address predeploy, in Address sender, string what) => alloc.Implement(predeploy, Run(sender, what));

        ReadOnlyMemory<byte> Run(in Address sender, string what)
        {
            foreach (UpgradeDeployment deployment in deployments)
            {
                if (deployment.From == sender) return alloc.Run(what, sender, deployment.InitCode);
            }

            throw new DeployerException(
                $"the genesis needs the code of {what}, which the network upgrade bundle does not hold: give the bundle, or schedule the fork after genesis");
        }
    }

    private static Address Sender(ulong number) => Address.FromUInt256(new UInt256(number, 0, 0x4210_0000UL));
}
