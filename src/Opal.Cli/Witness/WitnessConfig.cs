using System.Text.Json;
using Opal.Cli.EvmTool;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.Witness;

/// <summary>Reads the chain of a block with its witness from the rollup config beside it, in kona's older and newer form.</summary>
internal static class WitnessConfig
{
    /// <summary>The chain's schedule. A description whose config has no times names its newest fork, and all up to that one are active.</summary>
    public static ChainSpec ReadSpec(JsonElement test)
    {
        JsonElement config = test.Member("rollupConfig");
        return ChainSpec.ForOptimism(test.Member("chainId").ULong(), HasTimes(config) ? ReadTimes(config) : Active(test.Member("fork").Text()), ReadMarket(config));
    }

    private static OptimismForkTimes Active(string name) =>
        Enum.TryParse(name, ignoreCase: true, out OptimismFork fork)
            ? OptimismForkTimes.AllActiveAtGenesis(fork)
            : throw new InputFormatException($"unknown OP Stack fork \"{name}\"");

    private static bool HasTimes(JsonElement config) =>
        config.EnumerateObject().Any(p => p.Name is not ("regolith_time" or "l2_time" or "block_time") && p.Name.EndsWith("_time", StringComparison.Ordinal) && p.Value.ValueKind != JsonValueKind.Null);

    private static OptimismForkTimes ReadTimes(JsonElement config) => new()
    {
        Regolith = config.OptionalULong("regolith_time") ?? 0,
        Canyon = config.OptionalULong("canyon_time"),
        Delta = config.OptionalULong("delta_time"),
        Ecotone = config.OptionalULong("ecotone_time"),
        Fjord = config.OptionalULong("fjord_time"),
        Granite = config.OptionalULong("granite_time"),
        Holocene = config.OptionalULong("holocene_time"),
        Isthmus = config.OptionalULong("isthmus_time"),
        Jovian = config.OptionalULong("jovian_time"),
        Karst = config.OptionalULong("karst_time"),
    };

    private static OptimismFeeMarket ReadMarket(JsonElement config)
    {
        if (config.TryMember("chain_op_config", out JsonElement market))
        {
            return new OptimismFeeMarket(UInt(market, "eip1559Elasticity"), UInt(market, "eip1559Denominator"), UInt(market, "eip1559DenominatorCanyon"));
        }

        JsonElement before = config.Member("base_fee_params");
        return new OptimismFeeMarket(
            UInt(before, "elasticity_multiplier"), UInt(before, "max_change_denominator"), UInt(config.Member("canyon_base_fee_params"), "max_change_denominator"));
    }

    private static uint UInt(JsonElement parent, string name) =>
        parent.Member(name).ULong() is var value and <= uint.MaxValue ? (uint)value : throw new InputFormatException($"\"{name}\" does not fit 32 bits");
}
