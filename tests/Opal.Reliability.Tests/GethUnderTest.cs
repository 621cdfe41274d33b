using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Opal.EndToEnd.Tests;
using Opal.JsonRpc;

namespace Opal.Reliability.Tests;

/// <summary>`opal geth` on a data directory and ports of its own.</summary>
internal sealed class GethUnderTest : IAsyncDisposable
{
    private readonly List<IDisposable> _clients = [];

    private GethUnderTest(OpalProcess process, int http, int engine, string jwtFile, TimeSpan servedAfter)
    {
        Process = process;
        ServedAfter = servedAfter;
        Eth = new EthClient(Connect(http, null), trusted: true);
        Engine = new EngineClient(Connect(engine, JwtSecretFile.ReadOrCreate(jwtFile)), CrashRollup.Forks);
    }

    public OpalProcess Process { get; }

    /// <summary>From the start of the process to its first answer.</summary>
    public TimeSpan ServedAfter { get; }

    public EthClient Eth { get; }

    public EngineClient Engine { get; }

    private HttpRpcClient Connect(int port, byte[]? jwt)
    {
        var client = new HttpRpcClient(new Uri($"http://127.0.0.1:{port}"), new HttpRpcClientOptions { JwtSecret = jwt, Retry = RpcRetryPolicy.None });
        _clients.Add(client);
        return client;
    }

    /// <summary>`opal geth init`.</summary>
    public static async Task InitAsync(string directory)
    {
        string genesis = Path.Combine(directory, "genesis.json");
        CrashRollup.SaveGenesis(genesis);
        Assert.Equal(0, await RunAsync("geth", "init", $"--datadir={directory}", genesis));
    }

    /// <summary>Runs an `opal` command to its end.</summary>
    public static async Task<int> RunAsync(params string[] arguments) => (await RunForOutputAsync(arguments)).Code;

    /// <summary>Runs an `opal` command to its end and gives its output.</summary>
    public static async Task<(int Code, string Output)> RunForOutputAsync(params string[] arguments)
    {
        await using OpalProcess process = OpalProcess.Start(OpalProcess.Opal, arguments);
        int code = await process.WaitAsync(TimeSpan.FromMinutes(2));
        return (code, process.Tail());
    }

    /// <summary>Starts the client and waits for its first answer; null when the process ends before, with its output.</summary>
    /// <param name="directory">The data directory.</param>
    /// <param name="shell">Shell commands before it starts (limits).</param>
    /// <param name="more">More arguments.</param>
    public static async Task<(GethUnderTest? Client, string Output)> TryStartAsync(string directory, string shell = "", params string[] more)
    {
        (int http, int engine) = (FreePort(), FreePort());
        string jwt = Path.Combine(directory, "jwt.txt");
        JwtSecretFile.ReadOrCreate(jwt);
        List<string> arguments =
        [
            "geth", "--datadir", directory, "--http", "--http.port", $"{http}", "--http.api", "web3,debug,eth,txpool,net,engine", "--authrpc.port", $"{engine}", "--authrpc.jwtsecret", jwt,
            "--syncmode=full", "--gcmode=archive", "--nodiscover", "--maxpeers=0", $"--networkid={CrashRollup.ChainId}", "--ipcdisable", "--rollup.disabletxpoolgossip=true", .. more,
        ];
        var clock = Stopwatch.StartNew();
        OpalProcess process = shell.Length == 0
            ? OpalProcess.Start(OpalProcess.Opal, arguments)
            : OpalProcess.Start("bash", ["-c", $"{shell}; exec \"$0\" \"$@\"", OpalProcess.Opal, .. arguments]);
        while (!process.HasExited)
        {
            if (clock.Elapsed > TimeSpan.FromSeconds(60))
            {
                string tail = process.Tail();
                await process.DisposeAsync();
                Assert.Fail($"opal geth answers nothing:\n{tail}");
            }

            if (await AnswersAsync(http)) return (new GethUnderTest(process, http, engine, jwt, clock.Elapsed), "");
            await Task.Delay(20);
        }

        await process.WaitAsync(TimeSpan.FromSeconds(5));
        string output = process.Tail();
        await process.DisposeAsync();
        return (null, output);
    }

    /// <summary>As <see cref="TryStartAsync"/>; the test fails when the client does not start.</summary>
    public static async Task<GethUnderTest> StartAsync(string directory, params string[] more)
    {
        (GethUnderTest? client, string output) = await TryStartAsync(directory, "", more);
        Assert.True(client is not null, $"opal geth ended at its start:\n{output}");
        return client!;
    }

    private static async Task<bool> AnswersAsync(int port)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        try
        {
            using var body = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"eth_blockNumber","params":[]}""", System.Text.Encoding.UTF8, "application/json");
            using HttpResponseMessage answer = await http.PostAsync(new Uri($"http://127.0.0.1:{port}"), body);
            return (await answer.Content.ReadAsStringAsync()).Contains("\"result\"", StringComparison.Ordinal);
        }
        catch (Exception error) when (error is HttpRequestException or TaskCanceledException)
        {
            return false;
        }
    }

    /// <summary>As `kill -9` does.</summary>
    public async Task KillAsync() => await Process.DisposeAsync();

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (IDisposable client in _clients) client.Dispose();
        await Process.DisposeAsync();
    }
}
