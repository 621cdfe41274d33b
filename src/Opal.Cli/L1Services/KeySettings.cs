using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.TxManager;

namespace Opal.Cli.L1Services;

/// <summary>Where the account's key comes from, made from the flags.</summary>
internal static class KeySettings
{
    private static readonly string[] s_sources = ["private-key", "private-key-file", "keystore", "mnemonic", "signer.endpoint"];

    /// <summary>What belongs to a source, and means nothing without it.</summary>
    private static readonly (string Part, string Source)[] s_parts =
        [("keystore-password-file", "keystore"), ("hd-path", "mnemonic"), ("signer.address", "signer.endpoint"), ("signer.header", "signer.endpoint")];

    /// <summary>The one source that is given. A secret on the command line is warned about.</summary>
    /// <exception cref="FlagException">None or several are given, or a part of one is missing.</exception>
    public static SignerSettings Read(FlagValues values)
    {
        string[] given = [.. s_sources.Where(source => values.TextOrNull(source) is not null)];
        foreach ((string part, string source) in s_parts)
        {
            if (values.TextOrNull(part) is not null && !given.Contains(source)) throw new FlagException($"{values.NamedAs(part)} belongs to --{source}, which is not given");
        }

        if (given.Length == 0)
        {
            throw new FlagException(
                $"give the account's key: --private-key-file=FILE, --keystore=FILE, the variable {values.Table.VariableOf("private-key")}, --mnemonic with --hd-path, or --signer.endpoint with --signer.address");
        }

        if (given.Length > 1) throw new FlagException($"{values.NamedAs(given[0])} and {values.NamedAs(given[1])} both give a key; leave one out");
        Require(values, "keystore", "keystore-password-file", "FILE");
        Require(values, "mnemonic", "hd-path", "\"m/44'/60'/0'/0/0\"");
        Require(values, "signer.endpoint", "signer.address", "0x…");
        foreach (string secret in new[] { "private-key", "mnemonic" }.Where(secret => values.TextOrNull(secret) is not null && values.SourceOf(secret) == FlagSource.CommandLine))
        {
            values.Warnings.Add(
                $"--{secret} stands on the command line, where every user of this machine can read it (ps); give it in the variable {values.Table.VariableOf(secret)}, or use --private-key-file or --keystore");
        }

        var settings = new SignerSettings
        {
            PrivateKey = values.TextOrNull("private-key"),
            PrivateKeyFile = PathOf(values, "private-key-file"),
            Keystore = PathOf(values, "keystore"),
            KeystorePasswordFile = PathOf(values, "keystore-password-file"),
            Mnemonic = values.TextOrNull("mnemonic"),
            HdPath = values.TextOrNull("hd-path"),
            SignerEndpoint = values.Url("signer.endpoint"),
            SignerAddress = values.AddressOrNull("signer.address"),
            SignerHeaders = values.List("signer.header"),
            SignerTls = values.Bool("signer.tls.enabled"),
            TlsCa = values.Text("signer.tls.ca"),
            TlsCertificate = values.Text("signer.tls.cert"),
            TlsKey = values.Text("signer.tls.key"),
        };
        values.Warnings.AddRange(Signers.Warnings(settings));
        return settings;
    }

    private static void Require(FlagValues values, string source, string part, string form)
    {
        if (values.TextOrNull(source) is not null && values.TextOrNull(part) is null) throw new FlagException($"{values.NamedAs(source)} needs --{part} too: --{part}={form}");
    }

    private static string? PathOf(FlagValues values, string flag) => values.TextOrNull(flag) is { } path ? NodeSettings.Expand(path) : null;
}
