using System.Net;
using System.Net.Sockets;
using Opal.Cli.Doctor;

namespace Opal.Cli.Tests.Doctor;

public sealed class LinuxHostTests
{
    private readonly LinuxHost _host = new();

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1", true)]
    [InlineData("127.0.0.1", "localhost", true)]
    [InlineData("127.0.0.1", "0.0.0.0", true)]
    [InlineData("127.0.0.1", "127.0.0.2", false)]
    [InlineData("0.0.0.0", "127.0.0.2", true)]
    public void A_listener_is_found_with_its_process(string listens, string asked, bool found)
    {
        using var listener = new TcpListener(IPAddress.Parse(listens), 0);
        listener.Start();
        string? holder = _host.ListenerOn(asked, ((IPEndPoint)listener.LocalEndpoint).Port);
        Assert.Equal(found, holder is not null);
        if (found) Assert.Contains($"process {Environment.ProcessId}", holder, StringComparison.Ordinal);
    }

    [Fact]
    public void A_listener_of_IPv6_is_found()
    {
        if (!Socket.OSSupportsIPv6) return;
        using var listener = new TcpListener(IPAddress.IPv6Loopback, 0);
        listener.Start();
        Assert.NotNull(_host.ListenerOn("::1", ((IPEndPoint)listener.LocalEndpoint).Port));
    }

    [Fact]
    public void What_can_be_written_can_and_what_cannot_says_why()
    {
        using var folder = new TempFolder();
        Assert.Null(_host.WriteFault(folder.PathOf("new/folder/deep")));
        string file = folder.Write("file", "x");
        Assert.Null(_host.WriteFault(file));
        Assert.Contains("not a folder", _host.WriteFault(Path.Combine(file, "below")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_machine_has_disk_memory_and_files()
    {
        Assert.True(_host.FreeDisk("/no/such/folder") > 0);
        Assert.True(_host.FreeMemory > 1_000_000);
        Assert.True(_host.OpenFileLimit > 16);
        Assert.True(_host.Processors > 0);
    }

    [Fact]
    public async Task A_server_tells_the_time_or_nothing()
    {
        using var beacon = new FakeBeacon();
        DateTimeOffset told = (await _host.TimeAtAsync(new Uri(beacon.Url, "eth/v1/config/spec?key=1"), default))!.Value;
        Assert.True((told - DateTimeOffset.UtcNow).Duration() < TimeSpan.FromSeconds(10));
        Assert.Null(await _host.TimeAtAsync(new Uri("http://127.0.0.1:1"), default));
    }
}
