using System.Text;
using Opal.Crypto;
using Opal.Primitives;

namespace Opal.Deployer.Keys;

/// <summary>The accounts that run a rollup. The file form is the environment file of the official tutorials.</summary>
/// <param name="Admin">Deploys and owns the L1 contracts.</param>
/// <param name="Batcher">Sends batches.</param>
/// <param name="Proposer">Proposes outputs.</param>
/// <param name="Sequencer">Signs gossiped blocks.</param>
public sealed record Wallets(WalletKey Admin, WalletKey Batcher, WalletKey Proposer, WalletKey Sequencer)
{
    /// <summary>Four new random keys.</summary>
    public static Wallets Generate() => new(WalletKey.Generate(), WalletKey.Generate(), WalletKey.Generate(), WalletKey.Generate());

    /// <summary>The same keys every time, for devnets: accounts 9, 2, 1 and 5 of the mnemonic, as in the official devnet.</summary>
    public static Wallets FromMnemonic(string words = Mnemonic.Development) => new(
        WalletKey.FromMnemonic(words, 9), WalletKey.FromMnemonic(words, 2), WalletKey.FromMnemonic(words, 1), WalletKey.FromMnemonic(words, 5));

    /// <summary>The environment file: <c>export GS_ADMIN_ADDRESS=…</c> and so on.</summary>
    public string ToEnvironment()
    {
        var text = new StringBuilder("# Private keys of the rollup's roles. Whoever reads this file can act for them.\n");
        foreach ((string role, WalletKey key) in Roles())
        {
            text.Append('\n').Append("# ").Append(role[0]).Append(role[1..].ToLowerInvariant()).Append(" account\n");
            text.Append("export GS_").Append(role).Append("_ADDRESS=").Append(key.Address.ToChecksumString()).Append('\n');
            text.Append("export GS_").Append(role).Append("_PRIVATE_KEY=").Append(Hex.Encode(key.PrivateKey.Span)).Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Writes the environment file, readable by its owner alone. An existing file is not overwritten.</summary>
    /// <exception cref="DeployerException">The file is there already, or cannot be written.</exception>
    public void Save(string path)
    {
        if (File.Exists(path)) throw new DeployerException($"{path} exists already: keys are not overwritten; move it away first");
        SecretFile.Write(path, ToEnvironment());
    }

    /// <summary>Reads an environment file that <see cref="Save"/> or the tutorial's script wrote.</summary>
    /// <exception cref="DeployerException">It cannot be read, or a key is missing or wrong.</exception>
    public static Wallets Load(string path)
    {
        string text;
        try
        {
            text = File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new DeployerException($"cannot read the keys in {path}: {error.Message}", error);
        }

        var values = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (string line in text.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            ReadOnlySpan<char> rest = line;
            if (rest.StartsWith("#")) continue;
            if (rest.StartsWith("export ")) rest = rest[7..].Trim();
            int equals = rest.IndexOf('=');
            if (equals > 0) values[rest[..equals].Trim().ToString()] = rest[(equals + 1)..].Trim().Trim("\"'").ToString();
        }

        return new Wallets(Key("ADMIN"), Key("BATCHER"), Key("PROPOSER"), Key("SEQUENCER"));

        WalletKey Key(string role)
        {
            string name = $"GS_{role}_PRIVATE_KEY";
            if (!values.TryGetValue(name, out string? hex)) throw new DeployerException($"{path}: {name} is missing");
            if (!Hex.TryDecode(hex, out byte[] bytes) || !Secp256k1.IsValidPrivateKey(bytes)) throw new DeployerException($"{path}: {name} is no private key");
            return new WalletKey(bytes);
        }
    }

    private IEnumerable<(string Role, WalletKey Key)> Roles() => [("ADMIN", Admin), ("BATCHER", Batcher), ("PROPOSER", Proposer), ("SEQUENCER", Sequencer)];
}
