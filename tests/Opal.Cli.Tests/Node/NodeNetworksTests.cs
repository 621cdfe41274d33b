using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Cli.Tests.Node;

/// <summary>opal node networks dump-rollup-config.</summary>
public sealed class NodeNetworksTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("op-mainnet")]
    [InlineData("op-sepolia")]
    public void A_built_in_networks_file_can_be_given_in_the_names_place(string name)
    {
        using var output = new StringWriter();
        Assert.Equal(0, NodeVerb.DumpNetwork(["dump-rollup-config", "--network", name], output));
        File.WriteAllText(_file, output.ToString());
        RollupConfig read = RollupConfigFile.Read(_file);
        Assert.Equal(RollupSource.Find(null, name), read);
    }

    [Fact]
    public void What_is_missing_is_named()
    {
        Assert.Contains("dump-rollup-config", Assert.Throws<FlagException>(() => NodeVerb.DumpNetwork([], TextWriter.Null)).Message);
        Assert.Contains("--network", Assert.Throws<FlagException>(() => NodeVerb.DumpNetwork(["dump-rollup-config"], TextWriter.Null)).Message);
        Assert.Contains("not built in", Assert.Throws<NodeException>(() => NodeVerb.DumpNetwork(["dump-rollup-config", "--network=nowhere"], TextWriter.Null)).Message);
    }
}
