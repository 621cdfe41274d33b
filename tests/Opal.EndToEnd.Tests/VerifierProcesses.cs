using System.Diagnostics;
using System.Globalization;
using System.Text.Json;

namespace Opal.EndToEnd.Tests;

/// <summary>An execution client and a rollup node that derives a devnet's chain, as two processes in a folder of their own.</summary>
internal sealed class VerifierProcesses : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-e2e-").FullName;
    private readonly int _http = LocalRpc.FreePort(), _rpc = LocalRpc.FreePort();
    private OpalProcess? _geth, _node;

    /// <summary>Starts both.</summary>
    /// <param name="directory">The devnet's folder.</param>
    /// <param name="devnet">Its description.</param>
    /// <param name="arguments">More flags of the rollup node.</param>
    public static async Task<VerifierProcesses> StartAsync(string directory, JsonElement devnet, IReadOnlyList<string> arguments)
    {
        var verifier = new VerifierProcesses();
        string geth = Path.Combine(verifier._folder, "geth"), jwt = Path.Combine(directory, "jwt.txt");
        int engine = LocalRpc.FreePort();
        await using (OpalProcess init = OpalProcess.Start(OpalProcess.Opal, ["geth", "init", "--datadir", geth, Path.Combine(directory, "genesis.json")]))
        {
            int code = await init.WaitAsync(TimeSpan.FromSeconds(60));
            Assert.True(code == 0, init.Tail());
        }

        verifier._geth = OpalProcess.Start(OpalProcess.Opal, ["geth", "--datadir", geth, "--http", "--http.api=eth", $"--http.port={verifier._http}", $"--authrpc.port={engine}", $"--authrpc.jwtsecret={jwt}", "--ipcdisable", "--nodiscover"]);
        verifier._node = OpalProcess.Start(OpalProcess.Opal,
        [
            "node", $"--l1={devnet.GetProperty("l1").GetProperty("rpc").GetString()}", $"--l2=http://127.0.0.1:{engine}", $"--l2.jwt-secret={jwt}", $"--rollup.config={Path.Combine(directory, "rollup.json")}",
            $"--rpc.port={verifier._rpc}", $"--datadir={Path.Combine(verifier._folder, "node")}", "--l1.http-poll-interval=1s", .. Bundles(), .. arguments,
        ]);
        return verifier;
    }

    /// <summary>Waits until the safe head is at a height or above it.</summary>
    /// <returns>Its number and hash.</returns>
    public async Task<(ulong Number, string Hash)> SafeAsync(ulong number)
    {
        string last = "";
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(120);)
        {
            try
            {
                using JsonDocument status = JsonDocument.Parse(await LocalRpc.CallAsync($"http://127.0.0.1:{_rpc}", "optimism_syncStatus"));
                JsonElement safe = status.RootElement.GetProperty("safe_l2");
                last = safe.GetRawText();
                if (safe.GetProperty("number").GetUInt64() is var at && at >= number) return (at, safe.GetProperty("hash").GetString()!);
            }
            catch (HttpRequestException error)
            {
                last = error.Message;
            }

            await Task.Delay(200);
        }

        Assert.Fail($"no safe head {number}: {last}\n--- node\n{_node!.Tail(30)}\n--- geth\n{_geth!.Tail(30)}");
        throw new InvalidOperationException();
    }

    /// <summary>The hash of the block at a height.</summary>
    public async Task<string> HashAsync(ulong number)
    {
        string tag = "\"0x" + number.ToString("x", CultureInfo.InvariantCulture) + "\"";
        using JsonDocument block = JsonDocument.Parse(await LocalRpc.CallAsync($"http://127.0.0.1:{_http}", "eth_getBlockByNumber", tag, "false"));
        return block.RootElement.GetProperty("hash").GetString()!;
    }

    /// <summary>Ends the rollup node as `kill -9` does.</summary>
    public void KillNode() => _node!.Kill();

    private static string[] Bundles() => Testing.Vectors.Root is null ? [] : ["--upgrade-bundles", Testing.Vectors.PathOf("opstack/upgrade-transactions.json")];

    public async ValueTask DisposeAsync()
    {
        foreach (OpalProcess? process in new[] { _node, _geth })
        {
            if (process is not null) await process.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
