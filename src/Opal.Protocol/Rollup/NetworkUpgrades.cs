using Opal.Primitives;

namespace Opal.Protocol;

/// <summary>The network upgrade transactions that activation blocks carry after their deposits.</summary>
/// <remarks>
/// The bundles are data from outside; their hashes are pinned here, so that only the protocol's own transactions get into a chain.
/// A chain that activates all its forks at genesis needs none. Spec: derivation.md of Ecotone, Fjord, Isthmus, Jovian;
/// l2-upgrades-1-execution.md.
/// </remarks>
public sealed class NetworkUpgrades
{
    private readonly UpgradeBundle?[] _bundles = new UpgradeBundle?[(int)OptimismFork.Karst + 1];

    /// <summary>Whatever the bundles, one for each of some forks.</summary>
    public NetworkUpgrades(params ReadOnlySpan<UpgradeBundle> bundles)
    {
        foreach (UpgradeBundle bundle in bundles) _bundles[(int)bundle.Fork] = bundle;
    }

    /// <summary>No bundles.</summary>
    public static NetworkUpgrades None { get; } = new();

    /// <summary>Whether a fork has upgrade transactions at all.</summary>
    public static bool HasTransactions(OptimismFork fork) => TryGetPinnedHash(fork, out _);

    /// <summary>The hash that the published bundle of a fork has. False: the fork has no upgrade transactions.</summary>
    public static bool TryGetPinnedHash(OptimismFork fork, out Hash256 hash)
    {
        hash = fork switch
        {
            OptimismFork.Ecotone => EcotoneHash,
            OptimismFork.Fjord => FjordHash,
            OptimismFork.Isthmus => IsthmusHash,
            OptimismFork.Jovian => JovianHash,
            OptimismFork.Karst => KarstHash,
            _ => default,
        };
        return !hash.IsZero;
    }

    private static Hash256 EcotoneHash { get; } = Hash256.Parse("0xb999747e0ddd27de374d3d9c94f2e8005c062cf852bcde2ccfd7999aaf78f8d2");
    private static Hash256 FjordHash { get; } = Hash256.Parse("0xfaa15f8c22200fab198373581c3cdb792c70dff145370acbe11a63c023e838bd");
    private static Hash256 IsthmusHash { get; } = Hash256.Parse("0xd47120c44ebc3cbb5e48662153b1d5d05e613f387fedf843932caf952778d467");
    private static Hash256 JovianHash { get; } = Hash256.Parse("0x036795bbaff9fd4d19a6e78339d82c6ba6f46efa2c5fabe938372652add79ca0");
    private static Hash256 KarstHash { get; } = Hash256.Parse("0x8103b19f142acec8f509c3f37cb3c2b093ff726cf471fb8a77fa163d54f3ca89");

    /// <summary>Whether a bundle is the published one.</summary>
    public static bool IsPublished(UpgradeBundle bundle) => TryGetPinnedHash(bundle.Fork, out Hash256 pinned) && pinned == bundle.Hash;

    /// <summary>The bundle of a fork, null where there is none.</summary>
    public UpgradeBundle? Of(OptimismFork fork) => _bundles[(int)fork];

    /// <summary>The first fork that activates after genesis, has upgrade transactions, and has no bundle here; null when none is missing.</summary>
    public OptimismFork? FirstMissing(RollupConfig rollup)
    {
        for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++)
        {
            if (HasTransactions(fork) && Of(fork) is null && rollup.ActivationTime(fork) is { } time && time > rollup.GenesisL2Time) return fork;
        }

        return null;
    }
}
