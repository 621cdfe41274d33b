using Opal.Cli.Flags;
using Opal.Protocol;

namespace Opal.Cli.Geth;

/// <summary>Replaces fork times of a chain by those of the <c>override.*</c> flags.</summary>
internal static class ForkOverrides
{
    // Ethereum's upgrades come to an L2 with these
    private static readonly (string Ethereum, OptimismFork With)[] Companions = [("cancun", OptimismFork.Ecotone), ("prague", OptimismFork.Isthmus), ("osaka", OptimismFork.Karst)];

    /// <summary>The chain with its new times.</summary>
    /// <exception cref="FlagException">The times are out of order, disagree, or are for an L1.</exception>
    public static ChainSpec Apply(ChainSpec spec, FlagValues values)
    {
        if (!values.Table.All.Any(flag => flag.Group == GethFlags.Overrides && values.NumberOrNull(flag.Name) is not null)) return spec;
        if (spec.Optimism is not { } forks) throw new FlagException("--override.* is for L2 chains; change the times in genesis.json and run init again");
        ulong? Given(string fork) => values.NumberOrNull($"override.{fork}");
        ulong? ecotone = Given("ecotone") ?? forks.Ecotone;
        ulong? delta = Given("delta") ?? (Given("ecotone") is not null && !(forks.Delta <= ecotone) ? ecotone : forks.Delta); // execution knows no Delta: any time in order will do
        OptimismForkTimes times = forks with
        {
            Canyon = Given("canyon") ?? forks.Canyon,
            Delta = delta,
            Ecotone = ecotone,
            Fjord = Given("fjord") ?? forks.Fjord,
            Granite = Given("granite") ?? forks.Granite,
            Holocene = Given("holocene") ?? forks.Holocene,
            Isthmus = Given("isthmus") ?? forks.Isthmus,
            Jovian = Given("jovian") ?? forks.Jovian,
            Karst = Given("karst") ?? forks.Karst,
        };
        foreach ((string ethereum, OptimismFork with) in Companions)
        {
            if (Given(ethereum) is { } given && given != times.Of(with))
            {
                throw new FlagException($"--override.{ethereum}: on an L2 it comes with {with}, at {(times.Of(with) is { } own ? $"{own}" : "no time")}; set --override.{with.ToString().ToLowerInvariant()} instead");
            }
        }

        if (times.FirstOutOfOrder() is { } wrong) throw new FlagException($"--override.*: upgrades must be in order, and {wrong} would activate before the one that precedes it");
        return ChainSpec.ForOptimism(spec.ChainId, times, spec.FeeMarket!);
    }
}
