using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using static Opal.EndToEnd.Tests.LocalRpc;

namespace Opal.EndToEnd.Tests;

/// <summary>The classic tutorial with `opal` alone: keys, contracts on a foreign L1, genesis, then the execution client and the rollup node as two processes with the tutorial's own flags.</summary>
[Collection("devnets run one after another")]
public sealed class Tutorial : IAsyncLifetime
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-e2e-").FullName;
    private readonly int _l1 = FreePort(), _http = FreePort(), _ws = FreePort(), _engine = FreePort(), _rpc = FreePort();
    private OpalProcess? _anvil, _geth, _node;

    private string L1 => $"http://127.0.0.1:{_l1}";

    private string Geth => $"http://127.0.0.1:{_http}";

    private string Node => $"http://127.0.0.1:{_rpc}";

    [Fact]
    public async Task Execution_client_and_rollup_node_in_two_processes_survive_being_killed_in_any_order()
    {
        _anvil = OpalProcess.Start(Path.Combine(OpalProcess.Scripts, "node_modules", "@foundry-rs", "anvil-linux-amd64", "bin", "anvil"), ["--port", $"{_l1}", "--block-time", "2", "--silent"]);
        await UntilAsync("anvil", () => CallAsync(L1, "eth_blockNumber"), static _ => true);
        await RunAsync("wallets", "--out", "keys.env");
        foreach (string line in File.ReadAllLines(Path.Combine(_folder, "keys.env")).Where(static line => line.Contains("_ADDRESS=", StringComparison.Ordinal)))
        {
            await CallAsync(L1, "anvil_setBalance", $"\"{line.Split('=')[1].Trim()}\"", "\"0x3635c9adc5dea00000\"");
        }

        await RunAsync("deploy", "config", "--l1-rpc", L1, "--wallets", "keys.env", "--l2-chain-id", "42069", "--out", "chain.json");
        await RunAsync("deploy", "l1", "--l1-rpc", L1, "--wallets", "keys.env", "--deploy-config", "chain.json", "--out", "deployment");
        await RunAsync("geth", "init", "--datadir=./datadir", "deployment/genesis.json");

        // the node first: it waits for its engine
        StartNode();
        await Task.Delay(500);
        StartGeth();
        (ulong number, string hash) = await GrowAsync(6);

        await using (OpalProcess status = OpalProcess.Start(OpalProcess.Opal, ["status", "--rpc", Node]))
        {
            Assert.Equal(0, await status.WaitAsync(TimeSpan.FromSeconds(20)));
            Assert.Contains("sequencer", status.Tail(), StringComparison.OrdinalIgnoreCase);
        }

        foreach ((string killed, string started) in Orders())
        {
            foreach (char role in killed) (role == 'n' ? _node : _geth)!.Kill();
            if (killed == "g") await UntilAsync("a status that says what is the matter", () => CallAsync(Node, "opal_status"), static answer => answer.Contains("connection refused", StringComparison.Ordinal));
            foreach (char role in started) Start(role);
            (number, hash) = await GoesOnAsync(number, hash);
        }

        string sync = await CallAsync(Node, "optimism_syncStatus");
        using JsonDocument json = JsonDocument.Parse(sync);
        Assert.True(json.RootElement.GetProperty("unsafe_l2").GetProperty("number").GetUInt64() >= number);
        Assert.True(json.RootElement.GetProperty("current_l1").GetProperty("number").GetUInt64() > 0);
        Assert.Equal(0, await _node!.InterruptAsync(TimeSpan.FromSeconds(10)));
        Assert.Equal(0, await _geth!.InterruptAsync(TimeSpan.FromSeconds(10)));
    }

    /// <summary>Who is killed and who is started again, each in this order: n the rollup node, g the execution client. OPAL_SOAK_TUTORIAL adds random ones.</summary>
    private static IEnumerable<(string Killed, string Started)> Orders()
    {
        (string, string)[] orders = [("n", "n"), ("g", "g"), ("gn", "gn"), ("ng", "ng"), ("ng", "gn"), ("gn", "ng")];
        int more = int.TryParse(Environment.GetEnvironmentVariable("OPAL_SOAK_TUTORIAL"), CultureInfo.InvariantCulture, out int count) ? count : 0;
        var random = new Random(5);
        return [.. orders, .. Enumerable.Range(0, more).Select(_ => orders[random.Next(orders.Length)])];
    }

    private void Start(char role)
    {
        if (role == 'n') StartNode();
        else StartGeth();
    }

    /// <summary>The key of one of the accounts that `opal wallets` made.</summary>
    private string KeyOf(string role) =>
        File.ReadLines(Path.Combine(_folder, "keys.env")).Single(line => line.StartsWith($"export GS_{role}_PRIVATE_KEY=", StringComparison.Ordinal)).Split('=')[1].Trim();

    private void StartGeth() => _geth = OpalProcess.Start(OpalProcess.Opal,
        [
            "geth", "--datadir", "./datadir", "--http", "--http.corsdomain=*", "--http.vhosts=*", "--http.addr=0.0.0.0", $"--http.port={_http}", "--http.api=web3,debug,eth,txpool,net,engine",
            "--ws", "--ws.addr=0.0.0.0", $"--ws.port={_ws}", "--ws.origins=*", "--ws.api=debug,eth,txpool,net,engine", "--syncmode=full", "--gcmode=archive", "--nodiscover", "--maxpeers=0",
            "--networkid=42069", "--authrpc.vhosts=*", "--authrpc.addr=0.0.0.0", $"--authrpc.port={_engine}", "--authrpc.jwtsecret=./deployment/jwt.txt", "--rollup.disabletxpoolgossip=true",
        ], _folder);

    private void StartNode() => _node = OpalProcess.Start(OpalProcess.Opal,
        [
            "node", $"--l2=http://localhost:{_engine}", "--l2.jwt-secret=./deployment/jwt.txt", "--sequencer.enabled", "--sequencer.l1-confs=5", "--verifier.l1-confs=4",
            "--rollup.config=./deployment/rollup.json", "--rpc.addr=0.0.0.0", $"--rpc.port={_rpc}", "--p2p.disable", "--rpc.enable-admin", $"--p2p.sequencer.key={KeyOf("SEQUENCER")}",
            $"--l1={L1}", "--l1.rpckind=basic", "--datadir=./node",
        ], _folder);

    /// <summary>Waits for blocks.</summary>
    private Task<(ulong Number, string Hash)> GrowAsync(ulong atLeast) => UntilAsync($"block {atLeast}", () => BlockAsync("latest"), block => block.Number >= atLeast);

    /// <summary>The block from before is where it was, and there are more.</summary>
    private async Task<(ulong Number, string Hash)> GoesOnAsync(ulong number, string hash)
    {
        (ulong Number, string Hash) head = await GrowAsync(number + 3);
        Assert.Equal(hash, (await BlockAsync("0x" + number.ToString("x", CultureInfo.InvariantCulture))).Hash);
        return head;
    }

    private async Task<T> UntilAsync<T>(string what, Func<Task<T>> ask, Predicate<T> reached)
    {
        string last = "";
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(60);)
        {
            try
            {
                T answer = await ask();
                if (reached(answer)) return answer;
                last = $"{answer}";
            }
            catch (Exception error) when (error is HttpRequestException or InvalidOperationException)
            {
                last = error.Message;
            }

            await Task.Delay(200);
        }

        Assert.Fail($"{what}: {last}\n--- node\n{_node?.Tail(30)}\n--- geth\n{_geth?.Tail(30)}");
        throw new InvalidOperationException();
    }

    private async Task<(ulong Number, string Hash)> BlockAsync(string tag)
    {
        using JsonDocument json = JsonDocument.Parse(await CallAsync(Geth, "eth_getBlockByNumber", $"\"{tag}\"", "false"));
        JsonElement block = json.RootElement;
        if (block.ValueKind != JsonValueKind.Object) throw new InvalidOperationException($"no block {tag}");
        return (ulong.Parse(block.GetProperty("number").GetString()!.AsSpan(2), NumberStyles.HexNumber, CultureInfo.InvariantCulture), block.GetProperty("hash").GetString()!);
    }

    private async Task RunAsync(params string[] arguments)
    {
        await using OpalProcess process = OpalProcess.Start(OpalProcess.Opal, arguments, _folder);
        int code = await process.WaitAsync(TimeSpan.FromSeconds(120));
        Assert.True(code == 0, $"opal {string.Join(' ', arguments)} ended with {code}:\n{process.Tail()}");
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (OpalProcess? process in new[] { _node, _geth, _anvil })
        {
            if (process is not null) await process.DisposeAsync();
        }

        Directory.Delete(_folder, recursive: true);
    }
}
