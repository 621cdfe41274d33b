using System.Net;
using System.Net.Sockets;

namespace Opal.EndToEnd.Tests;

/// <summary>Calldata instead of blobs, and a foreign L1.</summary>
[Collection("devnets run one after another")]
public sealed class OtherDevnets
{
    [Fact]
    public async Task A_devnet_with_calldata_posts_batches_and_stops_cleanly()
    {
        await using DevnetUnderTest devnet = await DevnetUnderTest.StartAsync(5_000, "--da", "calldata", "--verifier");
        await devnet.RunAsync("batches", 180);
        Assert.Equal(0, await devnet.Process.InterruptAsync(TimeSpan.FromSeconds(15)));
    }

    [Fact]
    public async Task With_anvil_as_the_L1_a_withdrawal_goes_all_the_way()
    {
        int port = FreePort();
        await using OpalProcess l1 = StartAnvil(port);
        await using DevnetUnderTest devnet = await DevnetUnderTest.StartAsync(6_000, "--l1", $"http://127.0.0.1:{port}", "--da", "calldata", "--verifier");
        await devnet.RunAsync("deposit-portal", 180);
        await devnet.RunAsync("withdraw", 480);
    }

    [Fact]
    public async Task With_dispute_games_a_withdrawal_goes_all_the_way_and_the_next_start_knows_them()
    {
        string directory = Directory.CreateTempSubdirectory("opal-e2e-").FullName;
        await using (DevnetUnderTest devnet = await DevnetUnderTest.StartInAsync(8_000, directory, "--proofs=games"))
        {
            await devnet.RunAsync("withdraw-game", 300);
            Assert.Equal(0, await devnet.Process.InterruptAsync(TimeSpan.FromSeconds(15)));
        }

        await using (OpalProcess other = OpalProcess.Start(OpalProcess.Opal, ["devnet", "--datadir", directory, "--port-offset", "8000", "--proofs=output-oracle"]))
        {
            Assert.Equal(1, await other.WaitAsync(TimeSpan.FromSeconds(20)));
            Assert.Contains("--proofs is games, not output-oracle", other.Tail(), StringComparison.Ordinal);
        }

        Directory.Delete(directory, recursive: true);
    }

    [Fact]
    public async Task With_anvil_as_the_L1_a_withdrawal_goes_through_a_game()
    {
        int port = FreePort();
        await using OpalProcess l1 = StartAnvil(port);
        await using DevnetUnderTest devnet = await DevnetUnderTest.StartAsync(8_100, "--l1", $"http://127.0.0.1:{port}", "--da", "calldata", "--proofs=games");
        await devnet.RunAsync("withdraw-game", 300);
    }

    private static OpalProcess StartAnvil(int port) => OpalProcess.Start(
        Path.Combine(OpalProcess.Scripts, "node_modules", "@foundry-rs", "anvil-linux-amd64", "bin", "anvil"),
        ["--port", port.ToString(), "--chain-id", "900", "--block-time", "2", "--hardfork", "prague", "--silent", "--slots-in-an-epoch", "2", "--gas-limit", "60000000"]);

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
