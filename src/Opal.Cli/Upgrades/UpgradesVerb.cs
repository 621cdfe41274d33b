using System.CommandLine;
using Opal.Cli.Node;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Cli.Upgrades;

/// <summary><c>opal upgrades</c>: installs the network upgrade transactions that activation blocks carry, and tells what is installed.</summary>
internal static class UpgradesVerb
{
    private const int MaxDownload = 64 << 20;

    public static Command Create()
    {
        var file = new Option<string>("--file") { Description = "Where they are kept; every role of this user looks there.", DefaultValueFactory = _ => RollupSource.Installed };
        var source = new Argument<string>("FILE|URL") { Description = "A published bundle, or a collection of bundles by fork." };
        var install = new Command("install", "Checks network upgrade transactions against the hashes this program knows, and stores them.") { source, file };
        install.SetAction((parsed, cancel) => RunAsync(() => InstallAsync(parsed.GetValue(source)!, parsed.GetValue(file)!, cancel)));
        var list = new Command("list", "Lists the upgrades that carry transactions, and which are installed.") { file };
        list.SetAction((parsed, _) => RunAsync(() =>
        {
            List(new UpgradeStore(parsed.GetValue(file)!));
            return Task.CompletedTask;
        }));
        return new Command("upgrades", "Network upgrade transactions: install, list.") { install, list };
    }

    private static async Task InstallAsync(string source, string file, CancellationToken cancel)
    {
        byte[] text = Uri.TryCreate(source, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https" ? await DownloadAsync(url, cancel) : ReadFile(source);
        IReadOnlyList<OptimismFork> taken = new UpgradeStore(file).Install(source, text);
        Console.WriteLine($"{file}: the upgrade transactions of {string.Join(", ", taken)} are the published ones, and are installed");
    }

    private static void List(UpgradeStore store)
    {
        IReadOnlyList<OptimismFork> installed = store.Installed();
        foreach (OptimismFork fork in UpgradeStore.Forks) Console.WriteLine($"{fork,-10}{(installed.Contains(fork) ? "installed" : "missing: a chain that activates it after genesis stops before that block")}");
        Console.WriteLine($"looked for in {store.Path}");
    }

    private static byte[] ReadFile(string path)
    {
        try
        {
            return File.ReadAllBytes(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new NodeException($"{path} cannot be read: {error.Message}", error);
        }
    }

    private static async Task<byte[]> DownloadAsync(Uri url, CancellationToken cancel)
    {
        using var client = new HttpClient { Timeout = TimeSpan.FromSeconds(60), MaxResponseContentBufferSize = MaxDownload };
        try
        {
            return await client.GetByteArrayAsync(url, cancel);
        }
        catch (HttpRequestException error)
        {
            throw new NodeException($"{url} cannot be fetched: {error.Message}", error);
        }
    }

    private static async Task<int> RunAsync(Func<Task> work)
    {
        try
        {
            await work();
            return 0;
        }
        catch (Exception error) when (error is ConfigFileException or NodeException or IOException)
        {
            await Console.Error.WriteLineAsync($"opal upgrades: {error.Message}");
            return 1;
        }
    }
}
