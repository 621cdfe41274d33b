using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace Opal.Cli.Tests.Geth;

/// <summary>The program as operators run it: init, start, calls, SIGTERM.</summary>
public sealed class GethProcessTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task The_tutorials_command_line_serves_and_stops_cleanly()
    {
        _folder.Write("genesis.json", TestGenesis.Json());
        (int code, string output) = await GethProcess.RunAsync(_folder.Root, "init", "--datadir=./datadir", "genesis.json");
        Assert.True(code == 0, output);
        Assert.Matches("hash 0x[0-9a-f]{64}", output);

        int http = GethProcess.FreePort(), ws = GethProcess.FreePort(), engine = GethProcess.FreePort(), metrics = GethProcess.FreePort();
        using GethProcess geth = GethProcess.Start(_folder.Root, [
            "--datadir", "./datadir", "--http", "--http.corsdomain=*", "--http.vhosts=*", "--http.addr=0.0.0.0", "--http.api=web3,debug,eth,txpool,net,engine", "--ws", "--ws.addr=0.0.0.0",
            $"--ws.port={ws}", "--ws.origins=*", "--ws.api=debug,eth,txpool,net,engine", "--syncmode=full", "--gcmode=archive", "--nodiscover", "--maxpeers=0", "--networkid=42069",
            "--authrpc.vhosts=*", "--authrpc.addr=0.0.0.0", $"--authrpc.port={engine}", "--authrpc.jwtsecret=./jwt.txt", "--rollup.disabletxpoolgossip=true",
            $"--http.port={http}", "--metrics", $"--metrics.port={metrics}", "--unlock=0x0"]);
        await geth.WaitForAsync("Ready: head is block 0");

        using var client = new HttpClient();
        Assert.Equal("0xa455", await CallAsync(client, http, "eth_chainId"));
        Assert.Contains("-32601", await PostAsync(client, http, "engine_exchangeCapabilities"));
        Assert.Equal(HttpStatusCode.Unauthorized, (await SendAsync(client, engine, "engine_exchangeCapabilities")).StatusCode);
        Assert.Equal("0xa455", await CallOverIpcAsync(Path.Combine(_folder.Root, "datadir", "geth.ipc"), "eth_chainId"));
        (int attached, string attachedOutput) = await GethProcess.RunAsync(_folder.Root, "attach", "--datadir=./datadir", "--exec=eth.blockNumber");
        Assert.Equal((0, "0"), (attached, attachedOutput));
        Assert.Equal((0, "\"0xa455\""), await GethProcess.RunAsync(_folder.Root, "attach", $"http://127.0.0.1:{http}", "--exec", "eth_chainId"));
        Assert.Contains("opal_execution_head{chain_id=\"42069\"} 0", await client.GetStringAsync(new Uri($"http://127.0.0.1:{metrics}/debug/metrics/prometheus")));
        Assert.Equal(64, File.ReadAllText(Path.Combine(_folder.Root, "jwt.txt")).Trim().Replace("0x", "", StringComparison.Ordinal).Length);
        Assert.Contains("--unlock is accepted and has no effect", geth.Output);
        Assert.Contains("Endpoint http lists the engine namespace; it is served only behind a JWT", geth.Output);

        var clock = System.Diagnostics.Stopwatch.StartNew();
        geth.Terminate();
        Assert.Equal(0, await geth.ExitAsync());
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), $"the stop took {clock.Elapsed}:\n{geth.Output}"); // two seconds on a quiet machine
        Assert.False(File.Exists(Path.Combine(_folder.Root, "datadir", "geth.ipc")));

        (int stats, string statistics) = await GethProcess.RunVerbAsync("db", _folder.Root, "stats", "--datadir=./datadir");
        Assert.True(stats == 0, statistics);
        Assert.Contains("chain id              42069", statistics);
        (int verified, string verdict) = await GethProcess.RunVerbAsync("db", _folder.Root, "verify", "--datadir=./datadir");
        Assert.True(verified == 0, verdict);
        (int exported, string blocks) = await GethProcess.RunAsync(_folder.Root, "export", "--datadir=./datadir", "chain.rlp");
        Assert.True(exported == 0, blocks);
        (int imported, string again) = await GethProcess.RunAsync(_folder.Root, "import", "--datadir=./datadir", "chain.rlp");
        Assert.True(imported == 0, again);
        Assert.Contains("1 were here already; head is block 0", again);
        (int removed, string gone) = await GethProcess.RunAsync(_folder.Root, "removedb", "--datadir=./datadir");
        Assert.Equal((0, true), (removed, gone.Contains("deleted the chain", StringComparison.Ordinal)));
        Assert.Equal(1, (await GethProcess.RunAsync(_folder.Root, "dumpgenesis", "--datadir=./datadir")).Code);
    }

    [Fact]
    public async Task Init_again_is_a_no_op_and_another_genesis_fails_naming_both_hashes()
    {
        string first = _folder.Write("a.json", TestGenesis.Json()), other = _folder.Write("b.json", TestGenesis.Json(timestamp: 1_700_000_001));
        (int made, string output) = await GethProcess.RunAsync(_folder.Root, "--datadir=d", "init", first);
        Assert.True(made == 0, output);
        string hash = output[output.IndexOf("0x", StringComparison.Ordinal)..][..66];
        (int again, string same) = await GethProcess.RunAsync(_folder.Root, "init", "--datadir=d", first);
        Assert.Equal((0, true), (again, same.Contains(hash, StringComparison.Ordinal)));
        (int refused, string why) = await GethProcess.RunAsync(_folder.Root, "init", "--datadir=d", other);
        Assert.Equal(1, refused);
        Assert.Contains(hash, why);
        Assert.Equal(2, why.Split("genesis 0x").Length - 1);
    }

    [Theory]
    [InlineData(1, "there is no chain in", "--datadir=empty")]
    [InlineData(1, "OP Mainnet begins with block 105235063, whose state was migrated", "--datadir=empty", "--op-network=op-mainnet")]
    [InlineData(1, "the genesis state of OP Sepolia Testnet is not part of this program", "--datadir=empty", "--chain=optimism-sepolia")]
    [InlineData(1, "run 'opal geth init --datadir=", "init", "--datadir=empty", "--op-network=sepolia/op")]
    [InlineData(2, "--op-network: 'op-sepola' is neither a built-in network nor a genesis file; did you mean 'op-sepolia'?", "--datadir=empty", "--op-network=op-sepola")]
    [InlineData(2, "unknown flag '--htp'; did you mean '--http'?", "--htp")]
    [InlineData(2, "unknown command 'inti'; did you mean 'init'?", "inti")]
    [InlineData(2, "'console' is not built", "console")]
    [InlineData(1, "nobody answers on the socket", "attach", "--datadir=empty")]
    [InlineData(2, "is neither an http nor an https URL", "attach", "ws://127.0.0.1:8546")]
    [InlineData(1, "the genesis file nowhere.json cannot be read", "init", "nowhere.json", "--datadir=empty")]
    public async Task A_start_that_cannot_be_ends_with_one_clear_line(int code, string message, params string[] arguments)
    {
        (int ended, string output) = await GethProcess.RunAsync(_folder.Root, arguments);
        Assert.Equal(code, ended);
        Assert.Contains("opal geth: ", output);
        Assert.Contains(message, output);
        Assert.DoesNotContain("   at ", output);
    }

    [Fact]
    public async Task A_port_in_use_is_named_and_ends_the_start()
    {
        string genesis = _folder.Write("genesis.json", TestGenesis.Json());
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;
        await GethProcess.RunAsync(_folder.Root, "init", "--datadir=d", genesis);
        (int code, string output) = await GethProcess.RunAsync(_folder.Root, "--datadir=d", $"--authrpc.port={port}");
        Assert.Equal(1, code);
        Assert.Contains($"endpoint \"authrpc\" cannot listen on localhost:{port}: the port is in use", output);
    }

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, int port, string method) =>
        await client.PostAsync(new Uri($"http://127.0.0.1:{port}"), new StringContent($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}","params":[]}""", Encoding.UTF8, "application/json"));

    private static async Task<string> PostAsync(HttpClient client, int port, string method) => await (await SendAsync(client, port, method)).Content.ReadAsStringAsync();

    private static async Task<string?> CallAsync(HttpClient client, int port, string method) =>
        JsonElement.Parse(await PostAsync(client, port, method)).GetProperty("result").GetString();

    private static async Task<string?> CallOverIpcAsync(string path, string method)
    {
        using var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        await socket.ConnectAsync(new UnixDomainSocketEndPoint(path));
        await socket.SendAsync(Encoding.UTF8.GetBytes($$"""{"jsonrpc":"2.0","id":1,"method":"{{method}}"}"""));
        using var reader = new StreamReader(new NetworkStream(socket));
        return JsonElement.Parse((await reader.ReadLineAsync())!).GetProperty("result").GetString();
    }
}
