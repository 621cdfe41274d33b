using Opal.Deployer.Keys;

namespace Opal.Devnet;

/// <summary>Who is who in a devnet: the first ten accounts of the test mnemonic are the user's, later ones run the rollup.</summary>
internal static class DevnetKeys
{
    /// <summary>The accounts listed in devnet.json.</summary>
    public static IReadOnlyList<WalletKey> Users { get; } = [.. DevAccounts.Keys.Take(10)];

    /// <summary>The roles' keys: accounts 20 to 23, so that no user's nonce meets a role's.</summary>
    public static Wallets Roles { get; } = new(DevAccounts.Keys[20], DevAccounts.Keys[21], DevAccounts.Keys[22], DevAccounts.Keys[23]);

    /// <summary>With dispute games, the account that challenges wrong ones and resolves those whose time is over: account 24.</summary>
    public static WalletKey Challenger { get; } = DevAccounts.Keys[24];

    /// <summary>On an L1 that is not ours, this user's account pays the roles'.</summary>
    public static WalletKey Funder => Users[9];
}
