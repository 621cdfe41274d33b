using Opal.Crypto;
using Opal.Primitives;

namespace Opal.Deployer.Keys;

/// <summary>The well-known test accounts: m/44'/60'/0'/0/0 to 29 of "test test … junk".</summary>
public static class DevAccounts
{
    /// <summary>How many.</summary>
    public const int Count = 30;

    private static readonly Lazy<IReadOnlyList<WalletKey>> LazyKeys = new(Derive);

    /// <summary>The keys, which everybody knows.</summary>
    public static IReadOnlyList<WalletKey> Keys => LazyKeys.Value;

    /// <summary>The accounts.</summary>
    public static IEnumerable<Address> Addresses => Keys.Select(key => key.Address);

    private static List<WalletKey> Derive()
    {
        byte[] seed = Mnemonic.ToSeed(Mnemonic.Development);
        var keys = new List<WalletKey>(Count);
        for (uint i = 0; i < Count; i++) keys.Add(new WalletKey(Mnemonic.DerivePrivateKey(seed, Mnemonic.ParsePath($"m/44'/60'/0'/0/{i}"))));
        return keys;
    }
}
