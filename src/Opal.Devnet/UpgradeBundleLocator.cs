namespace Opal.Devnet;

/// <summary>Finds the file of network upgrade transactions: the flag, else OPAL_UPGRADE_BUNDLES, else upgrade-bundles.json in the data directory.</summary>
internal static class UpgradeBundleLocator
{
    /// <summary>The name looked for in the data directory.</summary>
    public const string FileName = "upgrade-bundles.json";

    /// <returns>The file's path, or null when none is named and none is found.</returns>
    /// <exception cref="DevnetException">A file is named that is not there.</exception>
    public static string? Find(string? flag, string? environment, string dataDirectory)
    {
        foreach ((string? named, string source) in new[] { (flag, "--upgrade-bundles"), (environment, "OPAL_UPGRADE_BUNDLES") })
        {
            if (string.IsNullOrEmpty(named)) continue;
            return File.Exists(named) ? named : throw new DevnetException($"{source} names {named}, and there is no such file; give the path of the upgrade bundles or leave it out");
        }

        string own = Path.Combine(dataDirectory, FileName);
        return File.Exists(own) ? own : null;
    }
}
