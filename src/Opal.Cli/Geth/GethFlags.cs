using Opal.Cli.Flags;
using static Opal.Cli.Flags.FlagEffect;
using static Opal.Cli.Flags.FlagKind;
using static Opal.Cli.Flags.FlagLevel;

namespace Opal.Cli.Geth;

/// <summary>The execution client's flags: op-geth's names and defaults, op-reth's names as aliases.</summary>
internal static class GethFlags
{
    public const string Chain = "CHAIN AND DATA", History = "STATE AND HISTORY", Rollup = "ROLLUP", Overrides = "FORK OVERRIDES", Api = "API",
        Pool = "TRANSACTION POOL", Building = "BLOCK BUILDING", Fees = "FEE SUGGESTION", Network = "NETWORKING", Performance = "PERFORMANCE",
        Metrics = "METRICS AND PROFILING", Logging = "LOGGING", Misc = "MISC", Old = "DEPRECATED";

    private const string NoPeers = "this client has no peer-to-peer network; blocks come from the rollup node through the Engine API";
    private const string NoAccounts = "this client holds no keys; sign in a wallet and send raw transactions";
    private const string NoGraphQl = "GraphQL is not built; use JSON-RPC";

    private static readonly string[] ForkNames = ["canyon", "delta", "ecotone", "fjord", "granite", "holocene", "isthmus", "jovian", "karst"];

    /// <summary>The table.</summary>
    public static FlagTable Table { get; } = new("opal geth", "GETH_",
    [
        .. ChainFlags(), .. HistoryFlags(), .. RollupFlags(), .. OverrideFlags(), .. ApiFlags(), .. PoolFlags(), .. BuildingFlags(), .. FeeFlags(),
        .. NetworkFlags(), .. PerformanceFlags(), .. MetricsFlags(), .. LoggingFlags(), .. RethFlags.All(), .. MiscFlags(), .. OldFlags(),
    ]);

    private static IEnumerable<FlagDefinition> ChainFlags() =>
    [
        new("datadir", FilePath, "~/.opal", Must, Chain, "Folder of the databases, the JWT secret and the IPC socket; created if absent") { Toml = "Node.DataDir" },
        new("networkid", Number, "", Must, Chain, "Network id; must be the genesis' chain id, which is also its default") { Toml = "Eth.NetworkId" },
        new("op-network", Text, "", Should, Chain, "Built-in network (op-sepolia, sepolia/op; 'opal geth networks' lists them), or a genesis file") { Aliases = ["chain", "beta.op-network"] },
        new("config", FilePath, "", Should, Chain, "TOML configuration; weaker than flags and environment"),
        new("syncmode", Choice, "full", Must, Chain, "How to follow the chain: every block is executed, also where snap is asked for")
        {
            Choices = ["full", "snap"], Toml = "Eth.SyncMode",
        },
        new("datadir.ancient", FilePath, "", Should, Chain, "Folder for old blocks")
        {
            Effect = Ignored, Note = "history lies beside the state, in the data directory", Toml = "Eth.DatabaseFreezer",
        },
        new("datadir.minfreedisk", Number, "2048", Should, Chain, "Free disk space, in MB, below which the client stops cleanly"),
    ];

    private static IEnumerable<FlagDefinition> HistoryFlags() =>
    [
        new("gcmode", Choice, "full", Must, History, "archive keeps the state of every block; full keeps that of --history.state blocks") { Choices = ["full", "archive"], Toml = "Eth.NoPruning" },
        new("history.state", Number, "90000", Should, History, "Blocks behind the head whose state is kept, 0 keeps all") { Toml = "Eth.StateHistory", Aliases = ["proofs-history.window", "rpc.eth-proof-window"] },
        new("history.transactions", Number, "2350000", Should, History, "Blocks behind the head whose transactions are found by hash, 0 keeps all")
        {
            Toml = "Eth.TransactionHistory", Aliases = ["txlookuplimit"],
        },
        new("state.scheme", Choice, "", Must, History, "Layout of geth's database; results never differ") { Choices = ["hash", "path", ""], Effect = Hint, Toml = "Eth.StateScheme" },
        new("proofs-history", Bool, "false", Should, History, "Proofs at old blocks; served for every kept block anyway") { Effect = Hint },
        new("proofs-history.storage-path", FilePath, "", Later, History, "Folder of op-reth's proof history") { Effect = Ignored, Note = "proofs are made from the history that is kept anyway" },
        new("history.chain", Choice, "all", Later, History, "Which blocks are kept") { Choices = ["all", "postmerge"], Effect = Hint },
        new("history.logs", Number, "2350000", Later, History, "Blocks whose logs are indexed") { Effect = Hint },
        new("snapshot", Bool, "true", Later, History, "Flat state beside the trie; always there") { Effect = Hint },
    ];

    private static IEnumerable<FlagDefinition> RollupFlags() =>
    [
        new("rollup.sequencerhttp", Url, "", Must, Rollup, "Where sent transactions are forwarded; leave out on a sequencer") { Aliases = ["rollup.sequencer", "rollup.sequencer-http"], Toml = "Eth.RollupSequencerHTTP" },
        new("rollup.sequencer-headers", List, "", Should, Rollup, "Headers sent with forwarded transactions, NAME=VALUE") { IsSecret = true },
        new("rollup.disabletxpoolgossip", Bool, "false", Must, Rollup, "No transaction gossip; there is none anyway") { Aliases = ["rollup.disable-tx-pool-gossip"], Effect = Hint, Toml = "Eth.RollupDisableTxPoolGossip" },
        new("rollup.enabletxpooladmission", Bool, "", Should, Rollup, "Also pool forwarded transactions; by default only where nothing is forwarded"),
        new("rollup.historicalrpc", Url, "", Should, Rollup, "Where requests about blocks before the Bedrock migration go, on a chain that is older") { Aliases = ["rollup.historical-rpc"], Toml = "Eth.RollupHistoricalRPC" },
        new("rollup.historicalrpctimeout", Duration, "5s", Should, Rollup, "Most time of such a request") { Toml = "Eth.RollupHistoricalRPCTimeout" },
        new("rollup.computependingblock", Bool, "false", Should, Rollup, "Make the pending block of the pool's transactions; otherwise it is the latest")
        {
            Aliases = ["rollup.compute-pending-block"], Toml = "Eth.Miner.RollupComputePendingBlock",
        },
        new("rollup.halt", Choice, "none", Should, Rollup, "How far behind a required protocol version the client stops")
        {
            Choices = ["major", "minor", "patch", "none", ""], Toml = "Eth.RollupHaltOnIncompatibleProtocolVersion",
        },
        new("rollup.superchain-upgrades", Bool, "true", Should, Rollup, "On a built-in network, its fork times instead of the genesis file's; overrides are stronger") { Aliases = ["beta.rollup.superchain-upgrades"] },
        new("rollup.sequencertxconditionalenabled", Bool, "false", Should, Rollup, "Serve eth_sendRawTransactionConditional") { Aliases = ["rollup.enable-tx-conditional"] },
        new("rollup.sequencertxconditionalcostratelimit", Number, "5000", Should, Rollup, "Look-ups a second that all conditions together may cost"),
        new("rollup.discovery.v4", Bool, "false", Should, Rollup, "Discovery v4") { Effect = Ignored, Note = NoPeers },
        new("flashblocks-url", Url, "", Later, Rollup, "Stream of partial blocks") { Effect = Ignored, Note = "partial blocks are not followed; pending is the latest block" },
        new("rollup.interoprpc", Url, "", Later, Rollup, "Supervisor of interop") { Effect = Refused, Note = "interop is not built" },
    ];

    private static IEnumerable<FlagDefinition> OverrideFlags() =>
    [
        .. ForkNames.Select(fork => new FlagDefinition($"override.{fork}", Number, "", Must, Overrides, $"Time of {fork}, in Unix seconds, instead of the genesis'")),
        new("override.cancun", Number, "", Must, Overrides, "Time of Cancun; on an L2 it comes with Ecotone and must agree with it"),
        new("override.prague", Number, "", Must, Overrides, "Time of Prague; on an L2 it comes with Isthmus and must agree with it"),
        new("override.osaka", Number, "", Must, Overrides, "Time of Osaka; on an L2 it comes with Karst and must agree with it"),
        new("override.interop", Number, "", Should, Overrides, "Time of Interop") { Effect = Refused, Note = "interop is not built" },
        new("override.verkle", Number, "", Later, Overrides, "Time of Verkle") { Effect = Refused, Note = "Verkle tries are not built" },
    ];

    private static IEnumerable<FlagDefinition> ApiFlags() =>
    [
        new("http", Bool, "false", Must, Api, "Serve JSON-RPC over HTTP"),
        new("http.addr", Text, "localhost", Must, Api, "Address to listen on") { Toml = "Node.HTTPHost" },
        new("http.port", Number, "8545", Must, Api, "Port to listen on; 0 takes any free one") { Toml = "Node.HTTPPort" },
        new("http.api", List, "net,web3", Must, Api, "Namespaces served; engine only behind a JWT, all for everything") { Toml = "Node.HTTPModules" },
        new("http.corsdomain", List, "", Must, Api, "Browser origins allowed, * for all") { Toml = "Node.HTTPCors" },
        new("http.vhosts", List, "localhost", Must, Api, "Host names requests may carry, * for all") { Toml = "Node.HTTPVirtualHosts" },
        new("http.rpcprefix", Text, "", Should, Api, "URL path served") { Toml = "Node.HTTPPathPrefix" },
        new("ws", Bool, "false", Must, Api, "Serve JSON-RPC over WebSocket; may share the HTTP port"),
        new("ws.addr", Text, "localhost", Must, Api, "Address to listen on") { Toml = "Node.WSHost" },
        new("ws.port", Number, "8546", Must, Api, "Port to listen on; 0 takes any free one") { Toml = "Node.WSPort" },
        new("ws.api", List, "net,web3", Must, Api, "Namespaces served") { Toml = "Node.WSModules" },
        new("ws.origins", List, "", Must, Api, "Browser origins allowed, * for all") { Toml = "Node.WSOrigins" },
        new("ws.rpcprefix", Text, "", Should, Api, "URL path served") { Toml = "Node.WSPathPrefix" },
        new("authrpc.addr", Text, "localhost", Must, Api, "Address of the Engine API") { Toml = "Node.AuthAddr" },
        new("authrpc.port", Number, "8551", Must, Api, "Port of the Engine API; 0 takes any free one") { Toml = "Node.AuthPort" },
        new("authrpc.vhosts", List, "localhost", Must, Api, "Host names its requests may carry") { Toml = "Node.AuthVirtualHosts" },
        new("authrpc.jwtsecret", FilePath, "", Must, Api, "File of the Engine API's secret, 64 hex digits; made if absent (default DATADIR/geth/jwtsecret)") { Toml = "Node.JWTSecret" },
        new("ipcdisable", Bool, "false", Should, Api, "No IPC socket"),
        new("ipcpath", FilePath, "geth.ipc", Should, Api, "IPC socket; a plain name lies in the data directory") { Toml = "Node.IPCPath" },
        new("rpc.gascap", Number, "50000000", Must, Api, "Most gas of eth_call and eth_estimateGas, 0 sets no limit") { Toml = "Eth.RPCGasCap" },
        new("rpc.evmtimeout", Duration, "5s", Must, Api, "Most time of one call, 0 sets no limit") { Toml = "Eth.RPCEVMTimeout" },
        new("rpc.txfeecap", Ether, "1", Should, Api, "Most ether of fee a sent transaction may offer, 0 sets no limit") { Toml = "Eth.RPCTxFeeCap" },
        new("rpc.batch-request-limit", Number, "1000", Must, Api, "Most requests in a batch, 0 sets no limit") { Toml = "Node.BatchRequestLimit" },
        new("rpc.batch-response-max-size", Number, "25000000", Must, Api, "Most bytes of a batch's answer, 0 sets no limit") { Toml = "Node.BatchResponseMaxSize" },
        new("rpc.allow-unprotected-txs", Bool, "false", Should, Api, "Take transactions without EIP-155 protection") { Toml = "Node.AllowUnprotectedTxs" },
        new("rpc.enabledeprecatedpersonal", Bool, "false", Deprecated, Api, "The personal namespace") { Effect = Ignored, Note = NoAccounts },
        new("graphql", Bool, "false", Later, Api, "Serve GraphQL") { Effect = Ignored, Note = NoGraphQl },
        new("graphql.corsdomain", List, "", Later, Api, "Browser origins of GraphQL") { Effect = Ignored, Note = NoGraphQl },
        new("graphql.vhosts", List, "localhost", Later, Api, "Host names of GraphQL") { Effect = Ignored, Note = NoGraphQl },
    ];

    private static IEnumerable<FlagDefinition> PoolFlags() =>
    [
        new("txpool.pricelimit", Wei, "1", Should, Pool, "Least tip accepted, in wei") { Toml = "Eth.TxPool.PriceLimit" },
        new("txpool.pricebump", Number, "10", Should, Pool, "How much dearer a replacement must be, in percent") { Toml = "Eth.TxPool.PriceBump" },
        new("txpool.accountslots", Number, "16", Should, Pool, "Executable slots an account may count on") { Toml = "Eth.TxPool.AccountSlots", Aliases = ["txpool.max-account-slots"] },
        new("txpool.globalslots", Number, "5120", Should, Pool, "Executable slots in all") { Toml = "Eth.TxPool.GlobalSlots", Aliases = ["txpool.pending-max-count"] },
        new("txpool.accountqueue", Number, "64", Should, Pool, "Waiting transactions an account may have") { Toml = "Eth.TxPool.AccountQueue" },
        new("txpool.globalqueue", Number, "1024", Should, Pool, "Waiting slots in all") { Toml = "Eth.TxPool.GlobalQueue", Aliases = ["txpool.queued-max-count"] },
        new("txpool.lifetime", Duration, "3h", Should, Pool, "How long a waiting transaction is kept") { Toml = "Eth.TxPool.Lifetime" },
        new("txpool.journal", FilePath, "transactions.rlp", Should, Pool, "File of local transactions across restarts; a plain name lies in the client's folder, nothing keeps none") { Toml = "Eth.TxPool.Journal" },
        new("txpool.rejournal", Duration, "1h", Should, Pool, "How often the journal is written anew") { Toml = "Eth.TxPool.Rejournal" },
        new("txpool.journalremotes", Bool, "false", Should, Pool, "Keep all transactions in the journal, not local ones alone") { Toml = "Eth.TxPool.JournalRemote" },
        new("txpool.locals", List, "", Should, Pool, "Accounts whose transactions count as local") { Toml = "Eth.TxPool.Locals" },
        new("txpool.nolocals", Bool, "false", Should, Pool, "No privileges for local transactions") { Toml = "Eth.TxPool.NoLocals" },
    ];

    private static IEnumerable<FlagDefinition> BuildingFlags() =>
    [
        new("miner.gaslimit", Number, "", Should, Building, "Gas limit blocks move towards; on L2 the payload attributes state it") { Toml = "Eth.Miner.GasCeil", Aliases = ["builder.gaslimit"] },
        new("miner.effectivegaslimit", Number, "0", Should, Building, "Gas filled in a block however large its limit, 0 is the limit") { Toml = "Eth.Miner.EffectiveGasCeil" },
        new("miner.gasprice", Wei, "", Should, Building, "Least tip of transactions put into blocks, in wei") { Toml = "Eth.Miner.GasPrice" },
        new("miner.extradata", Text, "", Should, Building, "Extra data of an L1's blocks; on L2 the attributes state it") { Toml = "Eth.Miner.ExtraData", Aliases = ["builder.extradata"] },
        new("miner.recommit", Duration, "", Should, Building, "How often a payload is built anew; arrivals are added as they come") { Effect = Hint, Toml = "Eth.Miner.Recommit" },
    ];

    private static IEnumerable<FlagDefinition> FeeFlags() =>
    [
        new("gpo.blocks", Number, "20", Should, Fees, "Blocks looked at") { Toml = "Eth.GPO.Blocks" },
        new("gpo.percentile", Number, "60", Should, Fees, "Which of the sampled tips is suggested, in percent") { Toml = "Eth.GPO.Percentile" },
        new("gpo.maxprice", Wei, "500000000000", Should, Fees, "Highest suggestion, in wei") { Toml = "Eth.GPO.MaxPrice" },
        new("gpo.ignoreprice", Wei, "2", Should, Fees, "Tips below this are no sample, in wei") { Toml = "Eth.GPO.IgnorePrice" },
        new("gpo.minsuggestedpriorityfee", Wei, "1000000", Should, Fees, "Least suggestion, in wei") { Toml = "Eth.GPO.MinSuggestedPriorityFee" },
    ];

    private static IEnumerable<FlagDefinition> NetworkFlags() =>
    [
        new("nodiscover", Bool, "false", Must, Network, "No peer discovery; there is none anyway") { Effect = Hint, Toml = "Node.P2P.NoDiscovery", Aliases = ["disable-discovery"] },
        new("maxpeers", Number, "0", Must, Network, "Peers at most; there are none") { Effect = Hint, Toml = "Node.P2P.MaxPeers" },
        new("maxpendpeers", Number, "0", Must, Network, "Connection attempts at most; there are none") { Effect = Hint, Toml = "Node.P2P.MaxPendingPeers" },
        new("port", Number, "30303", Should, Network, "Peer-to-peer port") { Effect = Hint },
        new("discovery.port", Number, "30303", Should, Network, "Discovery port") { Effect = Hint },
        new("discovery.v4", Bool, "false", Should, Network, "Discovery v4") { Effect = Hint, Aliases = ["discv4"] },
        new("discovery.v5", Bool, "true", Should, Network, "Discovery v5") { Effect = Hint, Aliases = ["discv5", "v5disc"] },
        new("nat", Text, "any", Should, Network, "How peers reach this machine") { Effect = Hint },
        new("bootnodes", List, "", Should, Network, "Peers to start from") { Effect = Ignored, Note = NoPeers },
        new("nodekey", FilePath, "", Should, Network, "File of the peer key") { Effect = Ignored, Note = NoPeers },
        new("nodekeyhex", Text, "", Should, Network, "The peer key") { Effect = Ignored, Note = NoPeers, IsSecret = true },
        new("netrestrict", Text, "", Should, Network, "Networks peers may be of") { Effect = Ignored, Note = NoPeers },
        new("discovery.dns", Text, "", Should, Network, "DNS lists of peers") { Effect = Ignored, Note = NoPeers },
        new("identity", Text, "", Later, Network, "Name added to the client's own") { Toml = "Node.UserIdent" },
        new("ethstats", Text, "", Later, Network, "Statistics service") { Effect = Ignored, Note = "reporting to ethstats is not built; scrape the metrics", IsSecret = true },
    ];

    private static IEnumerable<FlagDefinition> PerformanceFlags() =>
    [
        new("cache", Number, "1024", Should, Performance, "Memory for caches, in MB; a quarter of it holds states that are not on disk yet"),
        .. new[] { ("database", 50), ("trie", 15), ("gc", 25), ("snapshot", 10) }.Select(part =>
            new FlagDefinition($"cache.{part.Item1}", Number, $"{part.Item2}", Should, Performance, "Share of the cache, in percent; the store divides it itself") { Effect = Hint }),
        new("cache.noprefetch", Bool, "false", Later, Performance, "No prefetching of state") { Effect = Hint },
        new("cache.preimages", Bool, "false", Later, Performance, "Keep preimages of hashed keys; addresses and slots are kept as they are") { Effect = Hint },
        new("cache.blocklogs", Number, "32", Later, Performance, "Blocks whose logs are cached") { Effect = Hint },
        new("cache.trie.journal", FilePath, "", Deprecated, Performance, "File of the trie cache") { Effect = Hint },
        new("cache.trie.rejournal", Duration, "1h", Deprecated, Performance, "How often that file is written") { Effect = Hint },
        new("fdlimit", Number, "0", Later, Performance, "Open files at most; the system's limit holds") { Effect = Hint },
    ];

    private static IEnumerable<FlagDefinition> MetricsFlags() =>
    [
        new("metrics", BoolOrAddress, "false", Should, Metrics, "Serve metrics; HOST:PORT says where") { Toml = "Metrics.Enabled" },
        new("metrics.addr", Text, "127.0.0.1", Should, Metrics, "Address of the metrics") { Toml = "Metrics.HTTP" },
        new("metrics.port", Number, "6060", Should, Metrics, "Port of the metrics, at /debug/metrics/prometheus and /metrics; 0 takes any free one") { Toml = "Metrics.Port" },
        new("metrics.expensive", Bool, "false", Deprecated, Metrics, "Costly metrics; there are none") { Effect = Hint },
        .. new[] { "", ".endpoint", ".database", ".username", ".password", ".tags", ".token", ".bucket", ".organization" }.Select(part =>
            new FlagDefinition($"metrics.influxdb{part}", part.Length == 0 ? Bool : Text, part.Length == 0 ? "false" : "", Later, Metrics, "Push to InfluxDB")
            {
                Effect = Ignored, Note = "pushing to InfluxDB is not built; scrape --metrics.port, or set OTEL_EXPORTER_OTLP_ENDPOINT", IsSecret = part is ".password" or ".token",
            }),
        new("metrics.influxdbv2", Bool, "false", Later, Metrics, "Push to InfluxDB 2") { Effect = Ignored, Note = "pushing to InfluxDB is not built; scrape --metrics.port, or set OTEL_EXPORTER_OTLP_ENDPOINT" },
        new("pprof", Bool, "false", Later, Metrics, "Go's profiler") { Effect = Ignored, Note = "use dotnet-trace and dotnet-counters on this process" },
        new("pprof.addr", Text, "127.0.0.1", Later, Metrics, "Its address") { Effect = Hint },
        new("pprof.port", Number, "6060", Later, Metrics, "Its port") { Effect = Hint },
        new("pprof.memprofilerate", Number, "524288", Later, Metrics, "Its memory sampling") { Effect = Hint },
        new("pprof.blockprofilerate", Number, "0", Later, Metrics, "Its block sampling") { Effect = Hint },
        new("pprof.cpuprofile", FilePath, "", Later, Metrics, "File of its CPU profile") { Effect = Ignored, Note = "use dotnet-trace on this process" },
    ];

    private static IEnumerable<FlagDefinition> LoggingFlags() =>
    [
        new("verbosity", Choice, "3", Should, Logging, "0 silent, 1 errors, 2 warnings, 3 info, 4 debug, 5 everything") { Choices = ["0", "1", "2", "3", "4", "5"] },
        new("log.format", Choice, "terminal", Should, Logging, "Form of the lines") { Choices = ["terminal", "logfmt", "json"] },
        new("log.json", Bool, "false", Deprecated, Logging, "As --log.format=json"),
        new("log.file", FilePath, "", Should, Logging, "File the lines also go to"),
        new("log.rotate", Bool, "false", Should, Logging, "Begin a new file at --log.maxsize"),
        new("log.maxsize", Number, "100", Should, Logging, "Size of a log file, in MB"),
        new("log.maxbackups", Number, "10", Should, Logging, "Full log files kept"),
        new("log.maxage", Number, "30", Later, Logging, "Days full log files are kept") { Effect = Hint },
        new("log.compress", Bool, "false", Later, Logging, "Compress full log files") { Effect = Hint },
        new("log.vmodule", List, "", Should, Logging, "Verbosity by category: Opal.Execution.Pool=5,Opal.JsonRpc=4") { Aliases = ["vmodule"] },
        new("log.backtrace", Text, "", Deprecated, Logging, "Stack at a line of Go code") { Effect = Hint },
        new("log.debug", Bool, "false", Deprecated, Logging, "Source places in lines") { Effect = Hint },
    ];

    private static IEnumerable<FlagDefinition> MiscFlags() =>
    [
        new("help", Bool, "false", Must, Misc, "Show this") { Aliases = ["h"] },
        new("version", Bool, "false", Must, Misc, "Show the version") { Aliases = ["v"] },
        new("exec", Text, "", Later, Misc, "The call that attach makes, instead of reading lines"),
        new("help-markdown", Bool, "false", Later, Misc, "Show the flags as the documentation has them"),
    ];

    private static IEnumerable<FlagDefinition> OldFlags() =>
    [
        Ignore("db.engine", Text, "the store is its own; there is no engine to choose"),
        Ignore("unlock", List, NoAccounts),
        Ignore("password", FilePath, NoAccounts),
        Ignore("allow-insecure-unlock", Bool, NoAccounts),
        Ignore("keystore", FilePath, NoAccounts),
        Ignore("lightkdf", Bool, NoAccounts),
        Ignore("usb", Bool, NoAccounts),
        Ignore("nousb", Bool, NoAccounts),
        Ignore("signer", Text, NoAccounts),
        Ignore("mine", Bool, "blocks are built when the rollup node asks for them"),
        Ignore("miner.etherbase", Text, "the payload attributes name the fee recipient"),
        Ignore("miner.threads", Number, "blocks are built when the rollup node asks for them"),
        Ignore("miner.newpayload-timeout", Duration, "payloads are improved until they are fetched"),
        Ignore("light.serve", Number, NoPeers),
        Ignore("light.maxpeers", Number, NoPeers),
        Ignore("whitelist", List, NoPeers),
        Ignore("eth.requiredblocks", List, NoPeers),
        Ignore("bloomfilter.size", Number, "the store needs none"),
        Ignore("enable-personal", Bool, NoAccounts),
        Ignore("full", Bool, "history.state and gcmode say what is kept"),
    ];

    private static FlagDefinition Ignore(string name, FlagKind kind, string why) =>
        new(name, kind, kind == Bool ? "false" : "", Deprecated, Old, "Accepted for old scripts") { Effect = Ignored, Note = why };
}
