using Opal.Deployer.Keys;

namespace Opal.Deployer.Commands;

/// <summary>What <c>opal wallets</c> is told.</summary>
public sealed record WalletsOptions
{
    /// <summary>The file to write, mode 0600; null only returns the keys.</summary>
    public string? OutputFile { get; init; }

    /// <summary>Words to derive the keys from; null makes random ones.</summary>
    public string? Mnemonic { get; init; }
}

/// <summary>Makes the keys of a rollup's roles.</summary>
public static class WalletsCommand
{
    /// <summary>Runs the command.</summary>
    /// <exception cref="DeployerException">The file exists, or cannot be written; or the words are empty.</exception>
    public static Wallets Run(WalletsOptions options)
    {
        if (options.Mnemonic is { } given && string.IsNullOrWhiteSpace(given)) throw new DeployerException("the mnemonic is empty");
        Wallets wallets = options.Mnemonic is { } words ? Wallets.FromMnemonic(words.Trim()) : Wallets.Generate();
        if (options.OutputFile is { } path) wallets.Save(path);
        return wallets;
    }
}
