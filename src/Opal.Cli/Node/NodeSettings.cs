using System.Globalization;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.Devnet;
using Opal.JsonRpc;
using Opal.Node;
using Opal.Protocol;

namespace Opal.Cli.Node;

/// <summary>What a node is started with, made from its flags.</summary>
internal static class NodeSettings
{
    /// <summary>The node's folder: the flag's, else one of its own by chain and port, so that two nodes of a machine keep apart.</summary>
    public static string DataDirectoryOf(FlagValues values, RollupConfig rollup)
    {
        if (values.TextOrNull("datadir") is { } given) return Path.GetFullPath(Expand(given));
        string home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        return Path.Combine(home, ".opal", "node", $"{rollup.L2ChainId}-{values.Port("rpc.port")}");
    }

    /// <summary>The node's parts.</summary>
    /// <exception cref="FlagException">A flag is malformed.</exception>
    public static RollupNodeOptions NodeOf(FlagValues values, RollupConfig rollup, BlobSchedule blobs, NetworkUpgrades upgrades) => new()
    {
        Rollup = rollup,
        L1Blobs = blobs,
        Upgrades = upgrades,
        Sequencer = new SequencerOptions
        {
            Enabled = values.Bool("sequencer.enabled"),
            StartStopped = values.Bool("sequencer.stopped"),
            L1Confirmations = values.Number("sequencer.l1-confs"),
            MaxSafeLag = values.Number("sequencer.max-safe-lag"),
            Recover = values.Bool("sequencer.recover"),
            AutoRecover = values.Bool("sequencer.auto-recover"),
        },
        Driver = new DriverOptions
        {
            VerifierConfirmations = values.Number("verifier.l1-confs"),
            EngineSync = values.Text("syncmode") == "execution-layer",
            EngineSyncOffset = values.Number("syncmode.offset"),
            AdminState = values.TextOrNull("rpc.admin-state") is { } state ? new AdminStateFile(Expand(state)) : null,
        },
        L1 = new L1WatcherOptions(values.Duration("l1.http-poll-interval"), values.Duration("l1.epoch-poll-interval")),
        L1CacheSize = Math.Max(16, values.Int("l1.cache-size")),
        Rpc = new RpcEndpoint
        {
            Name = "rpc",
            Host = values.Text("rpc.addr"),
            Port = values.Port("rpc.port"),
            WebSocket = true,
            VirtualHosts = ["*"],
            WebSocketOrigins = ["*"],
        },
        EnableAdmin = values.Bool("rpc.enable-admin"),
        Signer = SignerOf(values),
        Version = VersionText.ClientName(null),
    };

    /// <summary>Where the node connects to.</summary>
    /// <exception cref="FlagException">A URL or header is missing or malformed.</exception>
    /// <exception cref="ConfigFileException">The JWT secret cannot be read or made.</exception>
    public static NodeConnectionOptions ConnectionsOf(FlagValues values)
    {
        IReadOnlyList<Uri> l1 = Urls(values, "l1", mayBeWebSocket: true), beacons = Urls(values, "l1.beacon"), fallbacks = Urls(values, "l1.beacon-fallbacks");
        if (l1.Count == 0) throw new FlagException("give L1's JSON-RPC: --l1=http://127.0.0.1:8545");
        Uri engine = values.Url("l2") ?? throw new FlagException("give the engine's URL: --l2=http://127.0.0.1:8551");
        var http = new HttpRpcClientOptions
        {
            MaxConcurrency = values.Int("l1.max-concurrency"),
            MaxBatchItems = Math.Max(1, values.Int("l1.rpc-max-batch-size")),
            MaxRequestsPerSecond = RateOf(values),
        };
        return new NodeConnectionOptions
        {
            L1 = l1,
            TrustL1 = values.Bool("l1.trustrpc"),
            L1Kind = KindOf(values.Text("l1.rpckind")),
            L1Http = http,
            Beacons = [.. beacons, .. fallbacks],
            BeaconHttp = new BeaconClientOptions
            {
                Headers = HeadersOf(values),
                FetchAllBlobs = values.Bool("l1.beacon.fetch-all-sidecars"),
            },
            Engine = engine,
            JwtSecret = SecretOf(values),
            EngineTimeout = values.Duration("l2.engine-rpc-timeout"),
        };
    }

    /// <summary>The execution client whose unsafe blocks are followed; null when none is named.</summary>
    /// <exception cref="FlagException">It is not an HTTP URL.</exception>
    public static HttpRpcClient? FollowedBy(FlagValues values)
    {
        if (values.Url("l2.follow.source") is not { } url) return null;
        if (url.Scheme is not ("http" or "https")) throw new FlagException($"--l2.follow.source: {url.Scheme} is not supported here; give the execution client's http or https URL");
        return new HttpRpcClient(url, new HttpRpcClientOptions { MaxConcurrency = UnsafeFollower.BatchSize });
    }

    /// <summary>The node whose block feed is followed; null when none is named.</summary>
    /// <exception cref="FlagException">It is not an HTTP URL, or an execution client is followed already.</exception>
    public static HttpRpcClient? FedBy(FlagValues values)
    {
        if (values.Url("l2.follow.feed") is not { } url) return null;
        if (values.Url("l2.follow.source") is not null) throw new FlagException("give --l2.follow.source or --l2.follow.feed, not both");
        if (url.Scheme is not ("http" or "https")) throw new FlagException($"--l2.follow.feed: {url.Scheme} is not supported here; give the node's http or https URL");
        return new HttpRpcClient(url, new HttpRpcClientOptions { MaxConcurrency = UnsafeFollower.BatchSize, Timeout = 2 * FeedApi.Patience });
    }

    /// <summary>The conductor; null when there is none.</summary>
    /// <exception cref="FlagException">It does not go with the other flags.</exception>
    public static HttpRpcClient? ConductorOf(FlagValues values)
    {
        if (!values.Bool("conductor.enabled")) return null;
        if (!values.Bool("sequencer.enabled")) throw new FlagException("--conductor.enabled is for sequencers: give --sequencer.enabled too, and --sequencer.stopped where the conductor starts it");
        if (values.TextOrNull("rpc.admin-state") is not null) throw new FlagException("with --conductor.enabled the conductor decides who makes blocks: leave --rpc.admin-state out");
        if (values.Url("conductor.rpc") is not { Scheme: "http" or "https" } url) throw new FlagException("--conductor.rpc: give the conductor's http or https URL");
        return new HttpRpcClient(url, new HttpRpcClientOptions
        {
            Timeout = values.Duration("conductor.rpc-timeout"),
            Retry = new RpcRetryPolicy(2, TimeSpan.FromMilliseconds(50), TimeSpan.FromMilliseconds(50)),
        });
    }

    /// <summary>The sequencer's key; null when none is given.</summary>
    /// <exception cref="FlagException">It is no private key.</exception>
    public static KeyPayloadSigner? SignerOf(FlagValues values)
    {
        if (values.TextOrNull("p2p.sequencer.key") is not { } text) return null;
        return Opal.Primitives.Hex.TryDecode(text, out byte[] key) && KeyPayloadSigner.IsKey(key)
            ? new KeyPayloadSigner(key)
            : throw new FlagException("--p2p.sequencer.key: not a private key; it is 64 hexadecimal digits, or leave the flag out");
    }

    private static byte[] SecretOf(FlagValues values)
    {
        if (values.TextOrNull("l2.jwt-secret-value") is { } text)
        {
            return Opal.Primitives.Hex.TryDecode(text, out byte[] secret) && secret.Length == 32 ? secret : throw new FlagException("--l2.jwt-secret-value: a JWT secret is 64 hexadecimal digits");
        }

        string path = values.TextOrNull("l2.jwt-secret") ?? throw new FlagException("give the engine's secret: --l2.jwt-secret=jwt.txt, the file that the execution client has as --authrpc.jwtsecret");
        return JwtSecretFile.ReadOrCreate(Expand(path));
    }

    private static ProviderKind KindOf(string name) => Enum.Parse<ProviderKind>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);

    /// <summary>Most requests a second to L1; 0 sets no limit.</summary>
    /// <exception cref="FlagException">It is no such number.</exception>
    internal static double RateOf(FlagValues values) =>
        double.TryParse(values.Text("l1.rpc-rate-limit"), NumberStyles.Float, CultureInfo.InvariantCulture, out double rate) && rate >= 0 && double.IsFinite(rate)
            ? rate
            : throw new FlagException($"--l1.rpc-rate-limit: '{values.Text("l1.rpc-rate-limit")}' is no number of requests a second");

    /// <summary>The URLs of a list flag. They may hold keys, so that errors name the flag and the place in the list only.</summary>
    internal static List<Uri> Urls(FlagValues values, string flag, bool mayBeWebSocket = false)
    {
        IReadOnlyList<string> texts = values.List(flag);
        var urls = new List<Uri>(texts.Count);
        for (int i = 0; i < texts.Count; i++)
        {
            string where = texts.Count == 1 ? $"--{flag}" : $"--{flag}, URL {i + 1}";
            if (!FlagText.TryUrl(texts[i], out Uri? url) || url is null) throw new FlagException($"{where}: not a URL; write it as http://127.0.0.1:8545");
            if (!mayBeWebSocket && url.Scheme is not ("http" or "https")) throw new FlagException($"{where}: {url.Scheme} is not supported here; give the provider's http or https URL");
            urls.Add(url);
        }

        return urls;
    }

    /// <summary>The headers for the Beacon API.</summary>
    /// <exception cref="FlagException">One is malformed.</exception>
    internal static Dictionary<string, string> HeadersOf(FlagValues values)
    {
        if (values.TextOrNull("l1.beacon-header") is not { } header) return [];
        int colon = header.IndexOf(':', StringComparison.Ordinal);
        if (colon <= 0) throw new FlagException("--l1.beacon-header: a header is written NAME: VALUE");
        return new Dictionary<string, string> { [header[..colon].Trim()] = header[(colon + 1)..].Trim() };
    }

    /// <summary>A path in which ~ is the user's home.</summary>
    internal static string Expand(string path) =>
        path == "~" || path.StartsWith("~/", StringComparison.Ordinal) ? Environment.GetFolderPath(Environment.SpecialFolder.UserProfile) + path[1..] : path;
}
