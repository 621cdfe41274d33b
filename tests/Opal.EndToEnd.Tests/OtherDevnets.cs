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
        string anvil = Path.Combine(OpalProcess.Scripts, "node_modules", "@foundry-rs", "anvil-linux-amd64", "bin", "anvil");
        await using OpalProcess l1 = OpalProcess.Start(anvil,
            ["--port", port.ToString(), "--chain-id", "900", "--block-time", "2", "--hardfork", "prague", "--silent", "--slots-in-an-epoch", "2", "--gas-limit", "60000000"]);
        await using DevnetUnderTest devnet = await DevnetUnderTest.StartAsync(6_000, "--l1", $"http://127.0.0.1:{port}", "--da", "calldata", "--verifier");
        await devnet.RunAsync("deposit-portal", 180);
        await devnet.RunAsync("withdraw", 480);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
