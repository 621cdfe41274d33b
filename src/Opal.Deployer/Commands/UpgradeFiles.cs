using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Deployer.Commands;

/// <summary>Network upgrade bundles from a file.</summary>
internal static class UpgradeFiles
{
    /// <summary>The published bundles of the file; none without one.</summary>
    /// <exception cref="DeployerException">A bundle is not the published one.</exception>
    public static NetworkUpgrades Load(string? path)
    {
        if (path is null) return NetworkUpgrades.None;
        IReadOnlyList<UpgradeBundle> bundles = UpgradeBundleFile.ReadCollection(path);
        foreach (UpgradeBundle bundle in bundles)
        {
            if (NetworkUpgrades.HasTransactions(bundle.Fork) && !NetworkUpgrades.IsPublished(bundle))
            {
                throw new DeployerException($"{path}: the {bundle.Fork} bundle is not the published one (its hash is {bundle.Hash}); get the official file");
            }
        }

        return new NetworkUpgrades([.. bundles.Where(bundle => NetworkUpgrades.HasTransactions(bundle.Fork))]);
    }
}
