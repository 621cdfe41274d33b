using System.Text.Json;
using Opal.Testing;

namespace Opal.EndToEnd.Tests;

/// <summary>A devnet started as a user would, on ports of its own, and the scenarios run against it.</summary>
internal sealed class DevnetUnderTest : IAsyncDisposable
{
    private readonly OpalProcess _process;
    private readonly string _directory;
    private readonly bool _isOwned;

    private DevnetUnderTest(OpalProcess process, string directory, bool isOwned, TimeSpan readyAfter)
    {
        _isOwned = isOwned;
        _process = process;
        _directory = directory;
        ReadyAfter = readyAfter;
    }

    public string DescriptionFile => Path.Combine(_directory, "devnet.json");

    public TimeSpan ReadyAfter { get; }

    public OpalProcess Process => _process;

    public JsonElement Describe() => JsonDocument.Parse(File.ReadAllBytes(DescriptionFile)).RootElement;

    /// <summary>Starts `opal devnet` and waits for its devnet.json.</summary>
    public static Task<DevnetUnderTest> StartAsync(int portOffset, params string[] arguments) =>
        StartAsync(portOffset, Directory.CreateTempSubdirectory("opal-e2e-").FullName, isOwned: true, arguments);

    /// <summary>As <see cref="StartAsync(int, string[])"/>, in the caller's directory, which may hold a devnet and stays.</summary>
    public static Task<DevnetUnderTest> StartInAsync(int portOffset, string directory, params string[] arguments) => StartAsync(portOffset, directory, isOwned: false, arguments);

    private static async Task<DevnetUnderTest> StartAsync(int portOffset, string directory, bool isOwned, string[] arguments)
    {
        File.Delete(Path.Combine(directory, "devnet.json")); // of the one before
        var all = new List<string> { "devnet", "--datadir", directory, "--port-offset", portOffset.ToString() };
        all.AddRange(arguments);
        string bundles = Vectors.Root is null ? "" : Vectors.PathOf("opstack/upgrade-transactions.json");
        if (bundles.Length > 0) all.AddRange(["--upgrade-bundles", bundles]);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        OpalProcess process = OpalProcess.Start(OpalProcess.Opal, all);
        string description = Path.Combine(directory, "devnet.json");
        while (!File.Exists(description))
        {
            if (process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(90))
            {
                string tail = process.Tail();
                await process.DisposeAsync();
                Assert.Fail($"opal devnet did not become ready ({clock.Elapsed.TotalSeconds:F0} s):\n{tail}");
            }

            await Task.Delay(50);
        }

        return new DevnetUnderTest(process, directory, isOwned, clock.Elapsed);
    }

    /// <summary>Runs one scenario; a failure shows its output and the devnet's newest lines.</summary>
    public async Task RunAsync(string scenario, int limitSeconds)
    {
        await using OpalProcess node = OpalProcess.Start("node", [Path.Combine(OpalProcess.Scripts, scenario + ".mjs"), DescriptionFile], OpalProcess.Scripts);
        int code = await node.WaitAsync(TimeSpan.FromSeconds(limitSeconds));
        Assert.True(code == 0, $"scenario {scenario} failed:\n{node.Tail()}\n--- devnet:\n{_process.Tail(40)}");
    }

    public async ValueTask DisposeAsync()
    {
        await _process.DisposeAsync();
        if (_isOwned) Directory.Delete(_directory, recursive: true);
    }
}
