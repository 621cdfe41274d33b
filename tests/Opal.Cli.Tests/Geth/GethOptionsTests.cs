using System.Text;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Cli.Tests.Geth;

public sealed class GethOptionsTests
{
    private const string Tutorial = """
        --datadir ./datadir --http --http.corsdomain=* --http.vhosts=* --http.addr=0.0.0.0 --http.api=web3,debug,eth,txpool,net,engine --ws --ws.addr=0.0.0.0 --ws.port=8546 --ws.origins=*
        --ws.api=debug,eth,txpool,net,engine --syncmode=full --gcmode=archive --nodiscover --maxpeers=0 --networkid=42069 --authrpc.vhosts=* --authrpc.addr=0.0.0.0 --authrpc.port=8551
        --authrpc.jwtsecret=./jwt.txt --rollup.disabletxpoolgossip=true
        """;

    private static readonly ChainGenesis Genesis = GenesisFile.Parse("genesis.json", Encoding.UTF8.GetBytes(TestGenesis.Json()));

    private static FlagValues Parse(string line) => FlagParser.Parse(GethFlags.Table, line.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries), []);

    private static ExecutionClientOptions Options(string line)
    {
        FlagValues values = Parse(line);
        return GethOptions.Of(values, Genesis, GethEndpoints.Of(values, new byte[32]), sequencer: null);
    }

    [Fact]
    public void The_tutorials_command_line_gives_its_endpoints_and_an_archive_without_a_warning()
    {
        FlagValues values = Parse(Tutorial);
        Assert.Empty(values.Warnings);
        Assert.Empty(values.Words);
        ExecutionClientOptions options = Options(Tutorial);
        Assert.Equal(TestGenesis.ChainId, options.NetworkId);
        Assert.Equal(0ul, GethOptions.StorageOf(values).StateHistory);
        Assert.Equal(Path.GetFullPath("./jwt.txt"), DataDirectory.JwtSecret(values));
        Assert.Equal(["http", "ws", "authrpc"], options.Endpoints.Select(e => e.Name));
        RpcEndpoint http = options.Endpoints[0], ws = options.Endpoints[1], engine = options.Endpoints[2];
        Assert.Equal(("0.0.0.0", 8545, true, false), (http.Host, http.Port, http.Http, http.WebSocket));
        Assert.Equal(["*"], http.CorsOrigins);
        Assert.Equal(["*"], http.VirtualHosts);
        Assert.True(http.Serves("txpool"));
        Assert.False(http.Serves("engine"));
        Assert.False(http.Serves("admin"));
        Assert.Equal(("0.0.0.0", 8546, false, true), (ws.Host, ws.Port, ws.Http, ws.WebSocket));
        Assert.Equal(["*"], ws.WebSocketOrigins);
        Assert.False(ws.Serves("engine"));
        Assert.Equal(("0.0.0.0", 8551), (engine.Host, engine.Port));
        Assert.True(engine.Serves("engine"));
        Assert.NotNull(engine.JwtSecret);
        Assert.Equal(128 * 1024 * 1024, engine.MaxRequestBytes);
    }

    [Fact]
    public void Defaults_open_the_engine_alone_on_this_machine()
    {
        ExecutionClientOptions options = Options("");
        RpcEndpoint engine = Assert.Single(options.Endpoints);
        Assert.Equal(("localhost", 8551), (engine.Host, engine.Port));
        Assert.Equal(["localhost"], engine.VirtualHosts);
        Assert.Equal(90_000ul, GethOptions.StorageOf(Parse("")).StateHistory);
    }

    [Fact]
    public void The_other_clients_names_mean_the_same()
    {
        FlagValues values = Parse("--rollup.sequencer=http://s:1 --rollup.disable-tx-pool-gossip --rollup.sequencer-headers=X-Key=abc,B=c=d");
        using HttpRpcClient? client = GethOptions.SequencerOf(values);
        Assert.Equal("http://s:1/", values.Url("rollup.sequencerhttp")!.ToString());
        Assert.NotNull(client);
        Assert.Throws<FlagException>(() => GethOptions.SequencerOf(Parse("--rollup.sequencerhttp=ws://s:1")));
        Assert.Throws<FlagException>(() => GethOptions.SequencerOf(Parse("--rollup.sequencerhttp=http://s:1 --rollup.sequencer-headers=X")));
    }

    [Fact]
    public void Limits_and_prices_go_where_they_belong()
    {
        ExecutionClientOptions options = Options("--rpc.gascap=7 --rpc.txfeecap=0.5 --txpool.pricebump=20 --txpool.lifetime=1h --gpo.blocks=3 --gpo.maxprice=5 --miner.gaslimit=30000000 --miner.extradata=0x6f70 --rpc.batch-request-limit=9 --http");
        Assert.Equal(7ul, options.RpcGasCap);
        Assert.Equal(500_000_000_000_000_000ul, (ulong)options.RpcTransactionFeeCap);
        Assert.Equal(20u, options.Pool.PriceBumpPercent);
        Assert.Equal(TimeSpan.FromHours(1), options.Pool.Lifetime);
        Assert.Equal(3, options.Fees.Blocks);
        Assert.Equal(5ul, (ulong)options.Fees.MaxTip);
        Assert.Equal(30_000_000ul, options.Builder.GasLimitTarget);
        Assert.Equal("op"u8.ToArray(), options.Builder.ExtraData);
        Assert.Equal(9, options.Endpoints[0].MaxBatchItems);
    }

    [Fact]
    public void The_journal_lies_in_the_clients_folder_and_conditions_and_halts_are_asked_for()
    {
        ExecutionClientOptions plain = Options("--datadir=/d"), given = Options(
            "--datadir=/d --txpool.journal= --txpool.locals=0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266 --rollup.halt=minor --rollup.sequencertxconditionalenabled --rpc.evmtimeout=0 --rollup.enabletxpooladmission");
        Assert.Equal("/d/geth/transactions.rlp", plain.Pool.JournalPath);
        Assert.Equal((HaltLevel.None, (ConditionalTransactionOptions?)null, (bool?)null), (plain.Halt, plain.ConditionalTransactions, plain.PoolAdmission));
        Assert.Null(given.Pool.JournalPath);
        Assert.Single(given.Pool.Locals);
        Assert.Equal((HaltLevel.Minor, 5000, true), (given.Halt, given.ConditionalTransactions!.CostPerSecond, given.PoolAdmission));
        Assert.Equal(TimeSpan.Zero, given.RpcEvmTimeout);
        Assert.Throws<FlagException>(() => Options("--txpool.locals=0x12"));
    }

    [Theory]
    [InlineData("--networkid=1", "--networkid: 1 is not the chain id of the genesis, 42069")]
    [InlineData("--http --http.port=70000", "--http.port: 70000 is more than 65535")]
    [InlineData("--miner.extradata=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "--miner.extradata: 33 bytes are more than 32")]
    [InlineData("--override.jovian=5", "upgrades must be in order, and Jovian would activate before the one that precedes it")]
    [InlineData("--override.cancun=77", "--override.cancun: on an L2 it comes with Ecotone, at 0")]
    public void Contradictions_are_refused(string line, string message) => Assert.Contains(message, Assert.Throws<FlagException>(() => Options(line)).Message);

    [Fact]
    public void Overrides_move_upgrades_and_leave_the_genesis_block_alone()
    {
        ExecutionClientOptions plain = Options(""), moved = Options("--override.holocene=1800000000 --override.isthmus=1800000001 --override.prague=1800000001 --override.jovian=1800000002");
        Assert.Equal(plain.GenesisHeader.Hash, moved.GenesisHeader.Hash);
        Assert.Null(plain.Spec.Optimism!.Jovian);
        Assert.Equal(1_800_000_002ul, moved.Spec.Optimism!.Jovian);
        Assert.True(moved.Spec.Optimism.IsActive(OptimismFork.Isthmus, 1_800_000_001));
        Assert.Equal(0ul, moved.Spec.Optimism.Granite);
    }

    [Fact]
    public void The_socket_and_the_secret_lie_in_the_data_directory()
    {
        Assert.Equal("/d/geth.ipc", DataDirectory.IpcSocket(Parse("--datadir=/d")));
        Assert.Equal("/run/x.ipc", DataDirectory.IpcSocket(Parse("--datadir=/d --ipcpath=/run/x.ipc")));
        Assert.Null(DataDirectory.IpcSocket(Parse("--ipcdisable")));
        Assert.Equal("/d/geth/jwtsecret", DataDirectory.JwtSecret(Parse("--datadir=/d")));
    }
}
