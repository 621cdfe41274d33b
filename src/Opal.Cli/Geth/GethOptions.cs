using System.Text;
using Opal.Cli.Flags;
using Opal.Execution;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Cli.Geth;

/// <summary>Makes an execution client's options from flags.</summary>
internal static class GethOptions
{
    /// <param name="values">The flags.</param>
    /// <param name="genesis">The chain.</param>
    /// <param name="endpoints">Where to listen.</param>
    /// <param name="sequencer">Where sent transactions go; null keeps them.</param>
    /// <param name="historical">Who answers about blocks before the Bedrock migration; null for nobody.</param>
    /// <exception cref="FlagException">Flags contradict each other or the chain.</exception>
    public static ExecutionClientOptions Of(FlagValues values, ChainGenesis genesis, IReadOnlyList<RpcEndpoint> endpoints, IRpcClient? sequencer, IRpcClient? historical = null)
    {
        if (values.NumberOrNull("networkid") is { } network && network != genesis.Spec.ChainId)
        {
            throw new FlagException($"--networkid: {network} is not the chain id of the genesis, {genesis.Spec.ChainId}; leave the flag out or give that");
        }

        return new ExecutionClientOptions
        {
            Spec = ForkOverrides.Apply(genesis.Spec, values),
            GenesisHeader = genesis.Genesis.MakeHeader(genesis.Spec),
            GenesisAlloc = genesis.Genesis.ToDiff(),
            ClientName = VersionText.ClientName(values.TextOrNull("identity")),
            NetworkId = values.NumberOrNull("networkid"),
            Endpoints = endpoints,
            ClosedEndpoints = GethEndpoints.Closed(values),
            Pool = PoolOf(values),
            Builder = BuilderOf(values),
            Fees = new FeeOracleOptions
            {
                Blocks = values.Int("gpo.blocks", 1024),
                Percentile = values.Int("gpo.percentile", 100),
                MaxTip = values.Wei("gpo.maxprice"),
                IgnoreBelow = values.Wei("gpo.ignoreprice"),
                MinTip = values.Wei("gpo.minsuggestedpriorityfee"),
            },
            RpcGasCap = values.Number("rpc.gascap"),
            RpcTransactionFeeCap = values.Ether("rpc.txfeecap"),
            RpcEvmTimeout = values.Duration("rpc.evmtimeout"),
            AllowUnprotectedTransactions = values.Bool("rpc.allow-unprotected-txs"),
            Sequencer = sequencer,
            Historical = historical,
            ComputePendingBlock = values.Bool("rollup.computependingblock"),
            PoolAdmission = values.TextOrNull("rollup.enabletxpooladmission") is null ? null : values.Bool("rollup.enabletxpooladmission"),
            ConditionalTransactions = values.Bool("rollup.sequencertxconditionalenabled")
                ? new ConditionalTransactionOptions { CostPerSecond = values.Int("rollup.sequencertxconditionalcostratelimit") } : null,
            Storage = StorageOf(values),
            Halt = Enum.TryParse(values.Text("rollup.halt"), ignoreCase: true, out HaltLevel halt) ? halt : HaltLevel.None,
        };
    }

    private static PoolOptions PoolOf(FlagValues values) => new()
    {
        PriceLimit = values.Wei("txpool.pricelimit"),
        PriceBumpPercent = (uint)values.Int("txpool.pricebump", 10_000),
        AccountSlots = values.Int("txpool.accountslots"),
        GlobalSlots = values.Int("txpool.globalslots"),
        AccountQueue = values.Int("txpool.accountqueue"),
        GlobalQueue = values.Int("txpool.globalqueue"),
        Lifetime = values.Duration("txpool.lifetime"),
        Locals = [.. values.List("txpool.locals").Select(AddressOf)],
        NoLocals = values.Bool("txpool.nolocals"),
        JournalPath = DataDirectory.Journal(values),
        JournalInterval = values.Duration("txpool.rejournal"),
        JournalRemotes = values.Bool("txpool.journalremotes"),
    };

    private static Address AddressOf(string text) =>
        Address.TryParse(text, out Address address) ? address : throw new FlagException($"--txpool.locals: '{text}' is no address (0x and 40 hexadecimal digits)");

    private static PayloadBuilderOptions BuilderOf(FlagValues values)
    {
        string extra = values.Text("miner.extradata");
        byte[] bytes = Hex.TryDecode(extra, out byte[] decoded) && extra.StartsWith("0x", StringComparison.Ordinal) ? decoded : Encoding.UTF8.GetBytes(extra);
        if (bytes.Length > 32) throw new FlagException($"--miner.extradata: {bytes.Length} bytes are more than 32");
        return new PayloadBuilderOptions
        {
            GasLimitTarget = values.NumberOrNull("miner.gaslimit"),
            EffectiveGasLimit = values.Number("miner.effectivegaslimit") is > 0 and var limit ? limit : null,
            MinTip = values.Wei("miner.gasprice"),
            ExtraData = bytes,
        };
    }

    /// <summary>What the store keeps.</summary>
    public static StorageOptions StorageOf(FlagValues values) => new()
    {
        Directory = ChainDatabase.DirectoryOf(DataDirectory.Of(values)),
        StateHistory = values.Text("gcmode").Equals("archive", StringComparison.OrdinalIgnoreCase) ? 0 : values.Number("history.state"),
        TransactionHistory = values.Number("history.transactions"),
        MinFreeDisk = (long)Math.Min(values.Number("datadir.minfreedisk"), 1UL << 40) << 20,
        LayerBudget = (long)Math.Clamp(values.Number("cache"), 64, 1UL << 20) << 18, // a quarter of the cache
    };

    /// <summary>The client for requests about blocks before the Bedrock migration; null where none is named.</summary>
    /// <exception cref="FlagException">The URL is not http or https.</exception>
    public static HttpRpcClient? HistoricalOf(FlagValues values)
    {
        if (values.Url("rollup.historicalrpc") is not { } url) return null;
        if (url.Scheme is not ("http" or "https")) throw new FlagException("--rollup.historicalrpc: requests are forwarded over http or https");
        TimeSpan timeout = values.Duration("rollup.historicalrpctimeout");
        return new HttpRpcClient(url, new HttpRpcClientOptions { Timeout = timeout > TimeSpan.Zero ? timeout : TimeSpan.FromMinutes(10), Retry = RpcRetryPolicy.None });
    }

    /// <summary>The client that forwards sent transactions; null where none is named.</summary>
    /// <exception cref="FlagException">The URL is not http or https, or a header is malformed.</exception>
    public static HttpRpcClient? SequencerOf(FlagValues values)
    {
        if (values.Url("rollup.sequencerhttp") is not { } url) return null;
        if (url.Scheme is not ("http" or "https")) throw new FlagException("--rollup.sequencerhttp: transactions are forwarded over http or https");
        var headers = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (string header in values.List("rollup.sequencer-headers"))
        {
            int equals = header.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0) throw new FlagException("--rollup.sequencer-headers: a header is written NAME=VALUE");
            headers[header[..equals].Trim()] = header[(equals + 1)..].Trim();
        }

        return new HttpRpcClient(url, new HttpRpcClientOptions { Headers = headers });
    }
}
