using System.Text.Json;

namespace Opal.EndToEnd.Tests;

/// <summary>What a wallet does, driven by viem against one devnet with blobs.</summary>
[Collection("devnets run one after another")]
public sealed class Scenarios(BlobDevnet fixture) : IClassFixture<BlobDevnet>
{
    [Fact]
    public void Devnet_json_names_every_part()
    {
        JsonElement devnet = fixture.Devnet.Describe();
        Assert.Equal(900, devnet.GetProperty("l1").GetProperty("chainId").GetInt32());
        Assert.Equal(901, devnet.GetProperty("l2").GetProperty("chainId").GetInt32());
        foreach (string name in new[] { "L1StandardBridgeProxy", "OptimismPortalProxy", "L2OutputOracleProxy", "SystemConfigProxy", "L1CrossDomainMessengerProxy" })
        {
            Assert.StartsWith("0x", devnet.GetProperty("addresses").GetProperty(name).GetString());
            string file = Path.Combine(Path.GetDirectoryName(fixture.Devnet.DescriptionFile)!, "deployments", name + ".json");
            Assert.Equal(devnet.GetProperty("addresses").GetProperty(name).GetString(),
                JsonDocument.Parse(File.ReadAllBytes(file)).RootElement.GetProperty("address").GetString());
        }

        Assert.Equal(10, devnet.GetProperty("accounts").GetArrayLength());
        Assert.True(File.Exists(devnet.GetProperty("rollupConfig").GetString()));
        Assert.True(File.Exists(devnet.GetProperty("genesis").GetString()));
    }

    [Fact]
    public async Task The_engine_refuses_calls_without_a_token()
    {
        using var http = new HttpClient();
        string engine = fixture.Devnet.Describe().GetProperty("l2").GetProperty("engine").GetString()!;
        using var call = new StringContent("""{"jsonrpc":"2.0","id":1,"method":"engine_exchangeCapabilities","params":[[]]}""", System.Text.Encoding.UTF8, "application/json");
        using HttpResponseMessage answer = await http.PostAsync(engine, call);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_second_devnet_on_the_same_ports_says_which_port_is_taken()
    {
        string directory = Directory.CreateTempSubdirectory("opal-e2e-").FullName;
        await using OpalProcess second = OpalProcess.Start(OpalProcess.Opal, ["devnet", "--datadir", directory, "--port-offset", "4000"]);
        Assert.Equal(1, await second.WaitAsync(TimeSpan.FromSeconds(20)));
        Assert.Contains("12545", second.Tail(), StringComparison.Ordinal);
        Assert.Contains("--port-offset", second.Tail(), StringComparison.Ordinal);
        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task A_node_killed_while_it_archives_blobs_leaves_an_archive_from_which_two_others_derive_the_same_chain()
    {
        JsonElement devnet = fixture.Devnet.Describe();
        string directory = Path.GetDirectoryName(fixture.Devnet.DescriptionFile)!, archive = Path.Combine(directory, "blob-archive"), beacon = devnet.GetProperty("l1").GetProperty("beacon").GetString()!;
        int port = LocalRpc.FreePort();
        string[] archiving = [$"--blob-archive={archive}", $"--blob-archive.port={port}"];
        ulong safe;
        string hash;
        await using (var first = await VerifierProcesses.StartAsync(directory, devnet, [$"--l1.beacon={beacon}", .. archiving]))
        {
            (safe, hash) = await first.SafeAsync(20);
            first.KillNode();
        }

        // no Beacon API, a fresh execution client and a fresh folder: the archive alone; and beside it a node that reads the archive's API
        await using var second = await VerifierProcesses.StartAsync(directory, devnet, archiving);
        await second.SafeAsync(safe);
        Assert.Equal(hash, await second.HashAsync(safe));
        await using var third = await VerifierProcesses.StartAsync(directory, devnet, [$"--l1.beacon=http://127.0.0.1:{port}"]);
        await third.SafeAsync(safe);
        Assert.Equal(hash, await third.HashAsync(safe));
    }

    [Fact]
    public Task Ether_is_deposited_by_the_portal() => fixture.Devnet.RunAsync("deposit-portal", 180);

    [Fact]
    public Task Ether_is_deposited_by_the_bridge_and_by_plain_ether() => fixture.Devnet.RunAsync("deposit-bridge", 240);

    [Fact]
    public Task A_token_is_deployed_and_used_and_the_L1_fee_is_the_oracles() => fixture.Devnet.RunAsync("erc20", 180);

    [Fact]
    public Task Viem_ethers_and_cast_read_send_subscribe_trace_and_verify_proofs() => fixture.Devnet.RunAsync("clients", 180);

    [Fact]
    public Task Batches_on_L1_decode() => fixture.Devnet.RunAsync("batches", 180);

    [Fact]
    public Task The_verifier_derives_the_same_hundred_blocks() => fixture.Devnet.RunAsync("verifier", 480);

    [Fact]
    public Task A_withdrawal_is_proven_and_finalized() => fixture.Devnet.RunAsync("withdraw", 480);

    [Fact]
    public Task The_batcher_stops_and_starts() => fixture.Devnet.RunAsync("batcher-restart", 300);

    [Fact]
    public Task An_L1_reorg_orphans_a_batch_and_the_chain_recovers() => fixture.Devnet.RunAsync("l1-reorg", 480);
}
