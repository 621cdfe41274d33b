using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.JsonRpc;
using Opal.Node;

namespace Opal.Cli.Tests;

/// <summary>Where a rollup node connects to, from its flags.</summary>
public sealed class NodeSettingsTests
{
    private static readonly string s_secret = $"--l2.jwt-secret-value={new string('a', 64)}";

    [Theory]
    [InlineData("standard", ProviderKind.Standard)]
    [InlineData("alchemy", ProviderKind.Alchemy)]
    [InlineData("quicknode", ProviderKind.QuickNode)]
    [InlineData("infura", ProviderKind.Infura)]
    [InlineData("parity", ProviderKind.Parity)]
    [InlineData("nethermind", ProviderKind.Nethermind)]
    [InlineData("debug_geth", ProviderKind.DebugGeth)]
    [InlineData("erigon", ProviderKind.Erigon)]
    [InlineData("basic", ProviderKind.Basic)]
    [InlineData("Any", ProviderKind.Any)]
    public void Every_kind_of_provider_has_its_methods(string name, ProviderKind expected) =>
        Assert.Equal(expected, Of("--l1=http://a", "--l2=http://b", $"--l1.rpckind={name}").L1Kind);

    [Fact]
    public void L1_and_the_engine_may_be_reached_over_websockets()
    {
        NodeConnectionOptions options = Of("--l1=wss://a/key,http://b", "--l2=ws://127.0.0.1:8551");
        Assert.Equal(["wss", "http"], options.L1.Select(url => url.Scheme));
        Assert.Equal("ws", options.Engine.Scheme);
        Assert.Equal(ProviderKind.Standard, options.L1Kind);
        Assert.Throws<FlagException>(() => Of("--l1=http://a", "--l2=http://b", "--l1.beacon=ws://c"));
        Assert.Throws<FlagException>(() => Of("--l1=ftp://a", "--l2=http://b"));
    }

    private static NodeConnectionOptions Of(params string[] arguments) => NodeSettings.ConnectionsOf(FlagParser.Parse(NodeFlags.Table, [.. arguments, s_secret], []));
}
