using System.Globalization;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Cli.Tests.Flags;
using Opal.Testing;

namespace Opal.Cli.Tests.Geth;

/// <summary>The execution client's whole flag table, flag by flag: command line, environment, configuration file, and what each level promises.</summary>
public sealed class FlagTableTests
{
    public static TheoryData<string> Names() => FlagChecks.Names(GethFlags.Table);

    private static string Sample(FlagDefinition flag) => FlagChecks.Sample(flag);

    private static FlagValues Parse(IReadOnlyList<string> arguments) => FlagChecks.Parse(GethFlags.Table, arguments);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_flag_is_taken_by_each_of_its_names_and_its_variable_with_the_effect_it_states(string name) => FlagChecks.IsTakenByEachName(GethFlags.Table, name);

    [Theory]
    [MemberData(nameof(Names))]
    public void Every_value_is_read_as_its_kind_from_the_environment_and_the_command_line_is_stronger(string name) => FlagChecks.IsReadAsItsKind(GethFlags.Table, name);

    [Fact]
    public void Every_flag_that_acts_survives_dumpconfig_and_config_with_a_value_of_its_own()
    {
        List<FlagDefinition> acting = [.. GethFlags.Table.All.Where(flag => flag.Effect == FlagEffect.Works && flag.Name is not ("config" or "exec" or "help" or "version" or "help-markdown"))];
        FlagValues first = Parse([.. acting.Select(flag => $"--{flag.Name}={Sample(flag)}")]);
        string toml = TomlConfig.Write(first);
        FlagValues second = Parse([]);
        TomlConfig.Read(second, toml, "dump.toml");
        Assert.Empty(second.Warnings);
        foreach (FlagDefinition flag in acting)
        {
            string before = first.Text(flag.Name), after = second.Text(flag.Name);
            if (flag.Kind == FlagKind.Duration) Assert.Equal((flag.Name, first.Duration(flag.Name)), (flag.Name, second.Duration(flag.Name)));
            else Assert.Equal((flag.Name, before), (flag.Name, after));
            Assert.Equal((flag.Name, FlagSource.ConfigFile), (flag.Name, second.SourceOf(flag.Name)));
        }

        Assert.Equal(toml, TomlConfig.Write(second));
    }

    [Fact]
    public void What_nearly_everybody_uses_acts_or_loses_nothing()
    {
        // the exceptions say in their note what is so instead
        string[] without = ["datadir.ancient", "rollup.discovery.v4", "bootnodes", "nodekey", "nodekeyhex", "netrestrict", "discovery.dns", "override.interop"];
        foreach (FlagDefinition flag in GethFlags.Table.All.Where(flag => flag.Level is FlagLevel.Must or FlagLevel.Should))
        {
            Assert.True(flag.Effect is FlagEffect.Works or FlagEffect.Hint || without.Contains(flag.Name), $"{flag.Name} is {flag.Effect}");
        }
    }

    [Fact]
    public void Deprecated_flags_are_warned_about_or_mean_what_they_meant()
    {
        string[] mean = ["log.json"];
        foreach (FlagDefinition flag in GethFlags.Table.All.Where(flag => flag.Level == FlagLevel.Deprecated))
        {
            Assert.True(flag.Effect is FlagEffect.Ignored or FlagEffect.Hint || mean.Contains(flag.Name), $"{flag.Name} is {flag.Effect}");
        }
    }

    /// <summary>Every flag that start scripts in the field use, by docs/execution.md and the reference clients.</summary>
    [Fact]
    public void The_table_has_every_flag_that_is_to_be_accepted()
    {
        string[] required =
        [
            "datadir", "networkid", "op-network", "config", "syncmode", "gcmode", "state.scheme", "history.state", "history.transactions", "db.engine", "datadir.ancient", "datadir.minfreedisk",
            "cache", "cache.database", "cache.trie", "cache.gc", "cache.snapshot", "cache.noprefetch", "cache.preimages", "cache.blocklogs", "nodiscover", "maxpeers", "maxpendpeers", "port", "discovery.port",
            "bootnodes", "nodekey", "nodekeyhex", "nat", "netrestrict", "discovery.v4", "discovery.v5", "discovery.dns", "identity", "ethstats", "http", "http.addr", "http.port", "http.api", "http.corsdomain",
            "http.vhosts", "http.rpcprefix", "ws", "ws.addr", "ws.port", "ws.api", "ws.origins", "ws.rpcprefix", "authrpc.addr", "authrpc.port", "authrpc.vhosts", "authrpc.jwtsecret", "ipcdisable", "ipcpath",
            "graphql", "rpc.gascap", "rpc.evmtimeout", "rpc.txfeecap", "rpc.batch-request-limit", "rpc.batch-response-max-size", "rpc.allow-unprotected-txs", "txpool.pricelimit", "txpool.pricebump",
            "txpool.accountslots", "txpool.globalslots", "txpool.accountqueue", "txpool.globalqueue", "txpool.lifetime", "txpool.journal", "txpool.rejournal", "txpool.journalremotes", "txpool.locals",
            "txpool.nolocals", "miner.gaslimit", "miner.effectivegaslimit", "miner.gasprice", "miner.extradata", "miner.recommit", "gpo.blocks", "gpo.percentile", "gpo.maxprice", "gpo.ignoreprice",
            "gpo.minsuggestedpriorityfee", "rollup.sequencerhttp", "rollup.disabletxpoolgossip", "rollup.enabletxpooladmission", "rollup.historicalrpc", "rollup.historicalrpctimeout",
            "rollup.computependingblock", "rollup.halt", "rollup.superchain-upgrades", "rollup.sequencertxconditionalenabled", "rollup.sequencertxconditionalcostratelimit", "override.canyon",
            "override.ecotone", "override.fjord", "override.granite", "override.holocene", "override.isthmus", "override.jovian", "override.karst", "override.interop", "override.cancun", "override.prague",
            "override.osaka", "metrics", "metrics.addr", "metrics.port", "metrics.influxdb", "pprof", "pprof.addr", "pprof.port", "verbosity", "log.format", "log.file", "log.rotate", "log.maxsize", "log.vmodule",
            "unlock", "password", "allow-insecure-unlock", "keystore", "mine", "miner.etherbase", "lightkdf", "usb",
            // the names of the Rust client
            "rollup.sequencer", "rollup.sequencer-http", "rollup.disable-tx-pool-gossip", "rollup.compute-pending-block", "rollup.enable-tx-conditional", "rollup.historical-rpc", "rollup.sequencer-headers",
            "rollup.discovery.v4", "flashblocks-url", "chain", "rpc.eth-proof-window", "proofs-history", "proofs-history.window", "proofs-history.storage-path",
        ];
        string[] missing = [.. required.Where(name => GethFlags.Table.Find(name) is null)];
        Assert.True(missing.Length == 0, $"not in the table: {string.Join(", ", missing)}");
    }

    // start scripts of the Rust client as they are in use
    [Theory]
    [InlineData("node --chain {0} --rollup.sequencer-http http://127.0.0.1:9 --http --ws --authrpc.port 9551 --authrpc.jwtsecret jwt.hex", 9551)]
    [InlineData(
        "node --datadir d --chain {0} --metrics 0.0.0.0:9421 --http --http.port 8546 --http.addr 0.0.0.0 --http.api debug,eth,net,trace,txpool,rpc,web3,admin --authrpc.jwtsecret jwt.hex --authrpc.addr 0.0.0.0 --authrpc.port 8552 --port 30304 -vvv", 8552)]
    [InlineData(
        "node --chain {0} --rollup.sequencer-http http://s.example --datadir=r --http --http.corsdomain=* --http.addr=0.0.0.0 --http.port=9545 --http.api=web3,debug,eth,net,trace --authrpc.addr=0.0.0.0 --authrpc.port=9551 --authrpc.jwtsecret=jwt.hex --ws --ws.addr=0.0.0.0 --ws.port=9546 --ws.origins=* --ws.api=debug,eth,net,trace --metrics 0.0.0.0:9101 --port=31303 --discovery.port=31303 --log.file.directory logs -vvv --max-outbound-peers 500 --max-inbound-peers 100", 9551)]
    [InlineData(
        "node --datadir d --chain {0} --full --http --http.port=7547 --http.api web3,debug,eth,txpool,net --ws --ws.port=7546 --authrpc.port 8552 --authrpc.jwtsecret jwt.hex --txpool.pending-max-count 800000 --txpool.pending-max-size 4096 --txpool.queued-max-count 800000 --txpool.queued-max-size 4096 --txpool.max-account-slots 1024 --discovery.v5.port 9207", 8552)]
    [InlineData("node --datadir=d --chain={0} --http --http.port=9545 --authrpc.port=9551 --discovery.port=30303 --port=30303 --rpc.eth-proof-window=302400 --metrics=0.0.0.0:9001", 9551)]
    [InlineData("node --datadir=d --chain={0} --disable-discovery --max-outbound-peers=10 --trusted-peers=enode://x --tx-propagation-policy=all --rollup.disable-tx-pool-gossip --authrpc.port=8552", 8552)]
    public void A_start_script_of_op_reth_is_understood(string line, int engine)
    {
        using var folder = new TempFolder();
        string genesis = folder.Write("genesis.json", TestGenesis.Json());
        FlagValues values = Parse(string.Format(CultureInfo.InvariantCulture, line, genesis).Split(' '));
        Assert.Equal(["node"], values.Words);
        Assert.Equal("node", GethCommands.Find(values.Words[0]).Name);
        Assert.Equal(engine, values.Port("authrpc.port"));
        Assert.Null(GenesisSource.NetworkOf(values, out string? file));
        Assert.Equal(genesis, file);
        if (line.Contains("-vvv", StringComparison.Ordinal)) Assert.Equal(3, RethFlags.VerbosityOf(values));
        if (line.Contains("proof-window", StringComparison.Ordinal)) Assert.Equal(302400ul, GethOptions.StorageOf(values).StateHistory);
        if (line.Contains("max-account-slots", StringComparison.Ordinal)) Assert.Equal((1024, 800000, 800000), (values.Int("txpool.accountslots"), values.Int("txpool.globalslots"), values.Int("txpool.globalqueue")));
    }

    [Fact]
    public void The_letters_and_log_names_of_op_reth_mean_what_they_mean_there()
    {
        Assert.Equal([2, 3, 4, 5, 0, 3], new[] { "-vv", "-vvv", "-vvvv", "-vvvvv", "-q", "--http" }.Select(flag => RethFlags.VerbosityOf(Parse([flag]))));
        using var folder = new TempFolder();
        var output = new StringWriter();
        using (Microsoft.Extensions.Logging.ILoggerFactory loggers = Logs.LogSetup.Create(Parse([$"--log.file.directory={folder.PathOf("logs")}", "--log.stdout.format=log-fmt"]), output, colour: false))
        {
            Microsoft.Extensions.Logging.LoggerExtensions.LogWarning(loggers.CreateLogger("Opal.Test"), "hello");
        }

        Assert.StartsWith("t=", output.ToString());
        Assert.Equal(output.ToString(), File.ReadAllText(folder.PathOf("logs/opal.log")));
    }
}
