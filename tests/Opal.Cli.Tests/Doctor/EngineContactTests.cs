using Microsoft.Extensions.Logging.Abstractions;
using Opal.Cli.Doctor;
using Opal.Cli.Flags;
using Opal.JsonRpc;

namespace Opal.Cli.Tests.Doctor;

/// <summary>What a real server answers over HTTP when the secret or the host name is wrong.</summary>
public sealed class EngineContactTests
{
    private static readonly byte[] s_secret = new byte[32];

    [Theory]
    [InlineData("127.0.0.1", true, EngineAnswer.ChainId)]
    [InlineData("127.0.0.1", false, EngineAnswer.WrongToken)]
    [InlineData("localhost", true, EngineAnswer.WrongHost)]
    internal async Task An_engine_says_what_is_wrong(string host, bool rightSecret, EngineAnswer expected)
    {
        using var world = new DoctorWorld();
        var registry = new RpcRegistry();
        registry.Register("eth_chainId", _ => RpcResult.String("0x5"));
        await using RpcServer server = await RpcServer.StartAsync(registry, [new RpcEndpoint { Name = "authrpc", JwtSecret = s_secret, VirtualHosts = ["engine"] }], NullLoggerFactory.Instance, new RpcServerOptions(), default);
        string url = $"http://{host}:{server.AddressOf("authrpc").Port}";
        FlagValues values = FlagParser.Parse(DoctorFlags.Table, [$"--l2={url}", "--l1=http://127.0.0.1:1"], []);
        byte[] secret = rightSecret ? s_secret : [.. Enumerable.Repeat((byte)1, 32)];
        using var examined = new Examined(values, DoctorConnections.Open(values, secret, TimeSpan.FromSeconds(10)), new LinuxHost(), TimeProvider.System, world.Rollup);
        EngineContact contact = await examined.EngineAsync(default);
        Assert.True(contact.Answer == expected, $"{contact}");
    }
}
