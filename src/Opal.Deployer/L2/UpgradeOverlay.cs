using Opal.Deployer.Config;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Deployer.L2;

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

    public static void Apply(L2AllocBuilder alloc, ForkSchedule forks, NetworkUpgrades upgrades)
    {
        if (forks.Isthmus != 0) return;
        Implement(OptimismFork.Isthmus, L2Contracts.L1Block, IsthmusL1Block, "L1Block");
        Implement(OptimismFork.Isthmus, L2Contracts.GasPriceOracle, IsthmusGasPriceOracle, "GasPriceOracle");
        Implement(OptimismFork.Isthmus, L2Contracts.OperatorFeeVault, IsthmusOperatorFeeVault, "OperatorFeeVault");
        GenesisAccountBuilder history = alloc.At(BlockHashHistory);
        history.Code = Run(OptimismFork.Isthmus, BlockHashHistorySender, "block hash history (EIP-2935)");
        history.Nonce = 1;
        alloc.At(BlockHashHistorySender).Nonce = 1;
        ulong flags = 0x010101;
        if (forks.Jovian == 0)
        {
            Implement(OptimismFork.Jovian, L2Contracts.L1Block, JovianL1Block, "L1Block");
            Implement(OptimismFork.Jovian, L2Contracts.GasPriceOracle, JovianGasPriceOracle, "GasPriceOracle");
            flags = 0x01010101;
        }

        alloc.At(L2Contracts.GasPriceOracle).Set(0UL, flags);
        return;

        void Implement(OptimismFork fork, in Address predeploy, in Address sender, string what) => alloc.Implement(predeploy, Run(fork, sender, what));

        ReadOnlyMemory<byte> Run(OptimismFork fork, in Address sender, string what)
        {
            foreach (Transaction transaction in upgrades.Of(fork)?.Transactions ?? [])
            {
                if (transaction.To is null && transaction.From == sender) return alloc.Run($"{what} of {fork}", sender, transaction.Data);
            }

            throw new DeployerException(
                $"a genesis with {fork} active needs {fork}'s network upgrade bundle, for the code of {what}: give the bundle, or schedule the fork after genesis");
        }
    }

    private static Address Sender(ulong number) => Address.FromUInt256(new UInt256(number, 0, 0x4210_0000UL));
}
