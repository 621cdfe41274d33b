using System.CommandLine;
using Opal.Deployer;
using Opal.Deployer.Keys;
using Opal.JsonRpc;
using Opal.Primitives;

namespace Opal.Cli.Rollups;

/// <summary>Flags and error handling that the verbs for making a rollup share.</summary>
internal static class RollupFlags
{
    /// <summary>Where a key is looked for when no flag gives one.</summary>
    public const string PrivateKeyVariable = "OPAL_PRIVATE_KEY";

    public static Option<Uri> L1Rpc() => new("--l1-rpc")
    {
        Description = "JSON-RPC of L1.",
        Required = true,
        CustomParser = result =>
        {
            string text = result.Tokens[0].Value;
            if (Uri.TryCreate(text, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https") return url;
            result.AddError($"--l1-rpc: '{text}' is no URL; write it as http://127.0.0.1:8545");
            return null!;
        },
    };

    public static Option<string?> PrivateKey() => new("--private-key") { Description = $"The account's key, 32 bytes of hexadecimal; better given as {PrivateKeyVariable}, which other users cannot see." };

    public static Option<string?> WalletsFile(string role) => new("--wallets") { Description = $"A file of keys as 'opal wallets' writes it; its {role} key is used." };

    public static Option<string?> Artifacts() => new("--artifacts") { Description = "A folder of forge artifacts in place of the contracts that the program carries." };

    public static Option<string?> UpgradeBundles() => new("--upgrade-bundles") { Description = "File with the network upgrade transactions; needed when Isthmus or a later fork is active at genesis." };

    /// <summary>The key from a flag, the environment, or the admin of a wallets file.</summary>
    /// <exception cref="DeployerException">There is none, or it is no key.</exception>
    public static WalletKey KeyOf(string? privateKey, string? walletsFile)
    {
        string? text = privateKey ?? (walletsFile is null ? Environment.GetEnvironmentVariable(PrivateKeyVariable) : null);
        if (text is { Length: > 0 })
        {
            return Hex.TryDecode(text.Trim(), out byte[] key) && key.Length == 32 ? new WalletKey(key) : throw new DeployerException("the private key is not 32 bytes of hexadecimal");
        }

        return walletsFile is { } file
            ? Wallets.Load(file).Admin
            : throw new DeployerException($"no key: give --wallets FILE, or --private-key, or set {PrivateKeyVariable}");
    }

    /// <summary>Runs a verb's work; what the operator can mend is said in one message, without a stack trace.</summary>
    public static async Task<int> RunAsync(string verb, Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (Exception error) when (error is DeployerException or ConfigFileException or RpcTransportException or RpcCallException)
        {
            await Console.Error.WriteLineAsync($"opal {verb}: {error.Message}");
            return 1;
        }
        catch (OperationCanceledException)
        {
            await Console.Error.WriteLineAsync($"opal {verb}: stopped; run the same command again to go on");
            return 130;
        }
    }
}
