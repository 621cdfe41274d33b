using Opal.Protocol;

namespace Opal.Node;

/// <summary>Keeps a chain from passing an upgrade's activation block without the upgrade's transactions: contracts would miss it, and the chain would split.</summary>
public static class UpgradeGuard
{
    /// <summary>Why the block at a time must not be made; null when nothing is missing.</summary>
    public static string? Find(RollupConfig config, NetworkUpgrades upgrades, L2Time time)
    {
        for (OptimismFork fork = OptimismFork.Regolith; fork <= OptimismFork.Karst; fork++)
        {
            if (!config.IsActivationBlock(fork, time) || !NetworkUpgrades.HasTransactions(fork) || upgrades.Of(fork) is not null) continue;
            return $"block {config.BlockNumberAt(time)} activates {fork}, whose bundle of network upgrade transactions is not installed; "
                + "install the official bundle and start again";
        }

        return null;
    }
}
