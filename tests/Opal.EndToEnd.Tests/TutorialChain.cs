using System.Diagnostics;
using System.Text.Json;
using System.Text.Json.Nodes;
using static Opal.EndToEnd.Tests.LocalRpc;

namespace Opal.EndToEnd.Tests;

/// <summary>The classic tutorial's chain: anvil as L1 with the contracts on it, and the four services as processes with the tutorial's own flags.</summary>
internal sealed class TutorialChain : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("opal-e2e-").FullName;
    private readonly int _l1 = FreePort(), _http = FreePort(), _ws = FreePort(), _engine = FreePort(), _rpc = FreePort(), _batcher = FreePort(), _proposer = FreePort(), _batcherMetrics = FreePort(), _proposerMetrics = FreePort();
    private readonly List<OpalProcess> _started = [];

    private TutorialChain() { }

    /// <summary>A chain with a folder and ports of its own; nothing runs yet.</summary>
    public static TutorialChain Create() => new();

    public string L1 => $"http://127.0.0.1:{_l1}";

    public string Geth => $"http://127.0.0.1:{_http}";

    public string Node => $"http://127.0.0.1:{_rpc}";

    public string Batcher => $"http://127.0.0.1:{_batcher}";

    public string Proposer => $"http://127.0.0.1:{_proposer}";

    /// <summary>What batcher and proposer measure, switched on by variables beside the tutorial's flags.</summary>
    public string BatcherMetrics => $"http://127.0.0.1:{_batcherMetrics}/metrics";

    public string ProposerMetrics => $"http://127.0.0.1:{_proposerMetrics}/metrics";

    /// <summary>Keys, ether for them, contracts on L1, genesis of L2: all with `opal`.</summary>
    /// <param name="anvil">More flags for anvil.</param>
    /// <param name="blockSeconds">Seconds between L1's blocks.</param>
    /// <param name="configure">Changes the deploy config before it is used.</param>
    public async Task DeployAsync(string[]? anvil = null, int blockSeconds = 2, Action<JsonObject>? configure = null)
    {
        Start(Path.Combine(OpalProcess.Scripts, "node_modules", "@foundry-rs", "anvil-linux-amd64", "bin", "anvil"), ["--port", $"{_l1}", "--block-time", $"{blockSeconds}", "--silent", .. anvil ?? []]);
        await UntilAsync("anvil", () => CallAsync(L1, "eth_blockNumber"), static _ => true);
        await RunAsync("wallets", "--out", "keys.env");
        foreach (string line in File.ReadAllLines(Path.Combine(_folder, "keys.env")).Where(static line => line.Contains("_ADDRESS=", StringComparison.Ordinal)))
        {
            await CallAsync(L1, "anvil_setBalance", $"\"{line.Split('=')[1].Trim()}\"", "\"0x3635c9adc5dea00000\"");
        }

        await RunAsync("deploy", "config", "--l1-rpc", L1, "--wallets", "keys.env", "--l2-chain-id", "42069", "--out", "chain.json");
        if (configure is not null)
        {
            string file = Path.Combine(_folder, "chain.json");
            JsonObject config = JsonNode.Parse(await File.ReadAllTextAsync(file))!.AsObject();
            configure(config);
            await File.WriteAllTextAsync(file, config.ToJsonString());
        }

        await RunAsync("deploy", "l1", "--l1-rpc", L1, "--wallets", "keys.env", "--deploy-config", "chain.json", "--out", "deployment");
        await RunAsync("geth", "init", "--datadir=./datadir", "deployment/genesis.json");
    }

    public OpalProcess StartGeth() => Start(OpalProcess.Opal,
    [
        "geth", "--datadir", "./datadir", "--http", "--http.corsdomain=*", "--http.vhosts=*", "--http.addr=0.0.0.0", $"--http.port={_http}", "--http.api=web3,debug,eth,txpool,net,engine",
        "--ws", "--ws.addr=0.0.0.0", $"--ws.port={_ws}", "--ws.origins=*", "--ws.api=debug,eth,txpool,net,engine", "--syncmode=full", "--gcmode=archive", "--nodiscover", "--maxpeers=0",
        "--networkid=42069", "--authrpc.vhosts=*", "--authrpc.addr=0.0.0.0", $"--authrpc.port={_engine}", "--authrpc.jwtsecret=./deployment/jwt.txt", "--rollup.disabletxpoolgossip=true",
    ]);

    public OpalProcess StartNode(params string[] more) => Start(OpalProcess.Opal,
    [
        "node", $"--l2=http://localhost:{_engine}", "--l2.jwt-secret=./deployment/jwt.txt", "--sequencer.enabled", "--sequencer.l1-confs=5", "--verifier.l1-confs=4",
        "--rollup.config=./deployment/rollup.json", "--rpc.addr=0.0.0.0", $"--rpc.port={_rpc}", "--p2p.disable", "--rpc.enable-admin", $"--p2p.sequencer.key={KeyOf("SEQUENCER")}",
        $"--l1={L1}", "--l1.rpckind=basic", "--datadir=./node", .. more,
    ]);

    public OpalProcess StartBatcher() => Start("env",
    [
        $"HOME={_folder}", "OP_BATCHER_METRICS_ENABLED=true", $"OP_BATCHER_METRICS_PORT={_batcherMetrics}", OpalProcess.Opal, "batcher", $"--l2-eth-rpc=http://localhost:{_http}", $"--rollup-rpc=http://localhost:{_rpc}", "--poll-interval=1s", "--sub-safety-margin=6",
        "--num-confirmations=1", "--safe-abort-nonce-too-low-count=3", "--resubmission-timeout=30s", "--rpc.addr=0.0.0.0", $"--rpc.port={_batcher}", "--rpc.enable-admin",
        "--max-channel-duration=1", $"--l1-eth-rpc={L1}", $"--private-key={KeyOf("BATCHER")}",
    ]);

    public OpalProcess StartProposer() => Start("env",
    [
        $"HOME={_folder}", "OP_PROPOSER_METRICS_ENABLED=true", $"OP_PROPOSER_METRICS_PORT={_proposerMetrics}", OpalProcess.Opal, "proposer", "--poll-interval=12s", $"--rpc.port={_proposer}", $"--rollup-rpc=http://localhost:{_rpc}", $"--l2oo-address={Addresses()["L2OutputOracleProxy"]}",
        $"--private-key={KeyOf("PROPOSER")}", $"--l1-eth-rpc={L1}",
    ]);

    /// <summary>The description that the scenarios of devnets read, of this chain; accounts are anvil's sixth.</summary>
    public string Describe()
    {
        string file = Path.Combine(_folder, "devnet.json");
        var account = new { privateKey = "0x8b3a350cf5c34c9194ca85829a2df0ec3153be0318b5e2d3348e872092edffba" };
        File.WriteAllText(file, JsonSerializer.Serialize(new
        {
            l1 = new { chainId = 31337, rpc = L1 },
            l2 = new { chainId = 42069, rpc = Geth },
            node = new { rpc = Node },
            addresses = Addresses(),
            accounts = Enumerable.Repeat(account, 6),
        }));
        return file;
    }

    private JsonObject Addresses() => JsonNode.Parse(File.ReadAllText(Path.Combine(_folder, "deployment", "deployments.json")))!.AsObject();

    /// <summary>The key of one of the accounts that `opal wallets` made.</summary>
    private string KeyOf(string role) =>
        File.ReadLines(Path.Combine(_folder, "keys.env")).Single(line => line.StartsWith($"export GS_{role}_PRIVATE_KEY=", StringComparison.Ordinal)).Split('=')[1].Trim();

    private OpalProcess Start(string program, IEnumerable<string> arguments)
    {
        OpalProcess process = OpalProcess.Start(program, arguments, _folder);
        _started.Add(process);
        return process;
    }

    /// <summary>Asks until the answer is what is waited for; fails with the newest lines of every process.</summary>
    public async Task<T> UntilAsync<T>(string what, Func<Task<T>> ask, Predicate<T> reached)
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

        Assert.Fail($"{what}: {last}\n{Tails()}");
        throw new InvalidOperationException();
    }

    /// <summary>The newest lines of every process.</summary>
    public string Tails() => string.Join('\n', _started.TakeLast(6).Select(process => $"--- {process.Name}\n{process.Tail(30)}"));

    /// <summary>Runs one of the scenarios against the chain.</summary>
    public async Task RunScenarioAsync(string name, int limitSeconds)
    {
        await using OpalProcess script = OpalProcess.Start("node", [Path.Combine(OpalProcess.Scripts, name + ".mjs"), Describe()], OpalProcess.Scripts);
        int? code = await script.TryWaitAsync(TimeSpan.FromSeconds(limitSeconds));
        Assert.True(code == 0, $"scenario {name} failed:\n{script.Tail()}\n{Tails()}");
    }

    private async Task RunAsync(params string[] arguments)
    {
        await using OpalProcess process = OpalProcess.Start(OpalProcess.Opal, arguments, _folder);
        int code = await process.WaitAsync(TimeSpan.FromSeconds(120));
        Assert.True(code == 0, $"opal {string.Join(' ', arguments)} ended with {code}:\n{process.Tail()}");
    }

    public async ValueTask DisposeAsync()
    {
        foreach (OpalProcess process in Enumerable.Reverse(_started)) await process.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
