using System.Net;
using System.Net.Sockets;

namespace Opal.Devnet.Tests;

public sealed class StartChecks
{
    [Fact]
    public void A_taken_port_is_named_with_its_role_and_the_way_out()
    {
        using var holder = new TcpListener(IPAddress.Loopback, 0);
        holder.Start();
        int port = ((IPEndPoint)holder.LocalEndpoint).Port;
        DevnetException error = Assert.Throws<DevnetException>(() => PortCheck.Require([("batcher", port)]));
        Assert.Contains($"{port}", error.Message, StringComparison.Ordinal);
        Assert.Contains("batcher", error.Message, StringComparison.Ordinal);
        Assert.Contains("--port-offset", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_offset_beyond_the_last_port_is_refused() =>
        Assert.Contains("does not exist", Assert.Throws<DevnetException>(() => PortCheck.Require(new DevnetPorts(60_000).All(true, true))).Message, StringComparison.Ordinal);

    [Fact]
    public void A_named_bundle_file_that_is_missing_is_an_error_and_an_unnamed_one_is_not()
    {
        string directory = Directory.CreateTempSubdirectory("opal-devnet-").FullName;
        Assert.Throws<DevnetException>(() => UpgradeBundleLocator.Find(Path.Combine(directory, "none.json"), null, directory));
        Assert.Throws<DevnetException>(() => UpgradeBundleLocator.Find(null, Path.Combine(directory, "none.json"), directory));
        Assert.Null(UpgradeBundleLocator.Find(null, null, directory));
        string own = Path.Combine(directory, UpgradeBundleLocator.FileName);
        File.WriteAllText(own, "{}");
        Assert.Equal(own, UpgradeBundleLocator.Find(null, null, directory));
        Directory.Delete(directory, true);
    }
}
