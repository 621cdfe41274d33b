using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>Reads the system config back from an L2 block: its header and its L1 attributes hold it all.</summary>
public static class SystemConfigReader
{
    /// <summary>The system config as of a block.</summary>
    /// <param name="rollup">The rollup; its genesis block has the genesis system config.</param>
    /// <param name="upgrades">The upgrade bundles: the gas that one adds to its activation block is no part of the system config.</param>
    /// <param name="header">The block's header.</param>
    /// <param name="first">The block's first transaction; null only for the genesis block.</param>
    /// <param name="config">The system config.</param>
    /// <returns>False when the first transaction holds no L1 attributes, or the extra data no parameters.</returns>
    public static bool TryRead(RollupConfig rollup, NetworkUpgrades upgrades, BlockHeader header, Transaction? first, out SystemConfig? config)
    {
        config = null;
        if (header.Number == rollup.GenesisL2.Number)
        {
            config = rollup.GenesisSystemConfig;
            return header.Hash == rollup.GenesisL2.Hash;
        }

        if (first is null || !L1BlockInfo.TryParse(first, out L1BlockInfo? info)) return false;
        var time = new L2Time(header.Timestamp);
        Eip1559ExtraData parameters = default;
        bool isRead = true;
        if (rollup.IsActive(OptimismFork.Jovian, time)) isRead = Eip1559ExtraData.TryDecodeJovian(header.ExtraData, out parameters);
        else if (rollup.IsActive(OptimismFork.Holocene, time)) isRead = Eip1559ExtraData.TryDecodeHolocene(header.ExtraData, out parameters);
        if (!isRead) return false;

        ulong gasLimit = header.GasLimit;
        if (!rollup.KeepKarstUpgradeGas && rollup.IsActivationBlock(OptimismFork.Karst, time) && upgrades.Of(OptimismFork.Karst) is { } bundle)
        {
            if (gasLimit < bundle.ExtraGas) return false;
            gasLimit -= bundle.ExtraGas;
        }

        bool isBedrock = info!.Format == L1BlockInfoFormat.Bedrock;
        config = new SystemConfig
        {
            BatcherAddress = info.BatcherAddress,
            Overhead = info.FeeOverhead,
            Scalar = isBedrock ? info.FeeScalar : new EcotoneScalar(info.BaseFeeScalar, info.BlobBaseFeeScalar).Encode(),
            GasLimit = gasLimit,
            Eip1559Denominator = parameters.Denominator,
            Eip1559Elasticity = parameters.Elasticity,
            OperatorFeeScalar = info.OperatorFeeScalar,
            OperatorFeeConstant = info.OperatorFeeConstant,
            MinBaseFee = parameters.MinBaseFee ?? 0,
            DAFootprintGasScalar = info.DAFootprintGasScalar,
        };
        return true;
    }
}
