using Opal.Cli.Flags;
using Opal.Cli.Geth;

namespace Opal.Cli.Tests.Geth;

public sealed class TomlConfigTests
{
    private static FlagValues Parse(params string[] arguments) => FlagParser.Parse(GethFlags.Table, arguments, []);

    [Fact]
    public void A_file_as_the_known_client_writes_it_is_understood()
    {
        FlagValues values = Parse();
        TomlConfig.Read(values, """
            [Eth]
            NetworkId = 42069
            SyncMode = "full"
            NoPruning = true
            DatabaseCache = 512
            RPCGasCap = 25000000
            RPCEVMTimeout = 7000000000
            RPCTxFeeCap = 0.5
            RollupSequencerHTTP = "http://sequencer.example:8545"
            RollupDisableTxPoolAdmission = false

            [Eth.TxPool]
            PriceBump = 20
            Lifetime = 10800000000000

            [Node]
            DataDir = "/data"
            HTTPHost = "0.0.0.0"
            HTTPPort = 18545
            HTTPModules = ["eth", "net"]
            WSHost = ""

            [Node.P2P]
            MaxPeers = 0
            """, "geth.toml");
        Assert.Equal("archive", values.Text("gcmode"));
        Assert.Equal(TimeSpan.FromSeconds(7), values.Duration("rpc.evmtimeout"));
        Assert.Equal(500_000_000_000_000_000ul, (ulong)values.Ether("rpc.txfeecap"));
        Assert.True(values.Bool("http"));
        Assert.False(values.Bool("ws"));
        Assert.Equal("0.0.0.0", values.Text("http.addr"));
        Assert.Equal(["eth", "net"], values.List("http.api"));
        Assert.True(values.Bool("rollup.enabletxpooladmission"));
        Assert.Equal(TimeSpan.FromHours(3), values.Duration("txpool.lifetime"));
        Assert.Equal(["geth.toml: Eth.DatabaseCache is not known here and has no effect"], values.Warnings);
    }

    [Fact]
    public void What_dumpconfig_writes_config_reads_back()
    {
        FlagValues first = Parse("--datadir=/data", "--http", "--http.addr=0.0.0.0", "--http.api=eth,debug", "--gcmode=archive", "--rpc.evmtimeout=300ms", "--rpc.txfeecap=0.1", "--metrics",
            "--override.jovian=1700000000", "--log.format=json", "--verbosity=4", "--txpool.pricelimit=1000000", "--rollup.sequencerhttp=https://u:p@s.example/key", "--authrpc.jwtsecret=./jwt.txt");
        FlagValues second = Parse();
        TomlConfig.Read(second, TomlConfig.Write(first), "dump.toml");
        Assert.Empty(second.Warnings);
        foreach (FlagDefinition flag in GethFlags.Table.All.Where(flag => flag.Effect == FlagEffect.Works && flag.Kind != FlagKind.Duration && flag.Name != "ws.addr"))
        {
            Assert.Equal((flag.Name, first.Text(flag.Name)), (flag.Name, second.Text(flag.Name)));
        }

        Assert.Equal(TimeSpan.FromMilliseconds(300), second.Duration("rpc.evmtimeout"));
    }

    [Theory]
    [InlineData("[Node\nHTTPPort=1", "this is no TOML")]
    [InlineData("[Node]\nHTTPPort = \"x\"", "test.toml: Node.HTTPPort: 'x' is no whole number")]
    [InlineData("[Opal]\n\"log.fromat\" = \"json\"", "[Opal] has the unknown flag 'log.fromat'; did you mean 'log.format'?")]
    public void A_faulty_file_is_named_with_its_place(string text, string message) =>
        Assert.Contains(message, Assert.Throws<FlagException>(() => TomlConfig.Read(Parse(), text, "test.toml")).Message);

    [Fact]
    public void A_missing_file_is_named() => Assert.Contains("/nowhere/geth.toml", Assert.Throws<FlagException>(() => TomlConfig.Load(Parse(), "/nowhere/geth.toml")).Message);
}
