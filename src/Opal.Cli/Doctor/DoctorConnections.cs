using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.JsonRpc;

namespace Opal.Cli.Doctor;

/// <summary>Where the examined node connects to, each with a short time-out and one try.</summary>
internal sealed record DoctorConnections : IDisposable
{
    private readonly List<IDisposable> _owned = [];

    /// <summary>L1's providers in the order of the flag.</summary>
    public required IReadOnlyList<IRpcClient> L1 { get; init; }

    /// <summary>The engine; without a usable secret it is asked without a token.</summary>
    public required IRpcClient Engine { get; init; }

    /// <summary>The execution client's plain RPC; null when not given.</summary>
    public IRpcClient? Eth { get; init; }

    /// <summary>The execution client that is followed; null when not given.</summary>
    public IRpcClient? Followed { get; init; }

    /// <summary>Where transactions are handed on to; null when not given.</summary>
    public IRpcClient? SequencerHttp { get; init; }

    /// <summary>The rollup node at the RPC address of the flags.</summary>
    public required IRpcClient Node { get; init; }

    /// <summary>The Beacon API with its fallbacks; null when not given.</summary>
    public BeaconClient? Beacon { get; init; }

    /// <summary>Each fallback alone.</summary>
    public IReadOnlyList<BeaconClient> BeaconFallbacks { get; init; } = [];

    /// <summary>Opens them; nothing is sent yet.</summary>
    /// <param name="values">The flags.</param>
    /// <param name="secret">The engine's secret; null when there is none that can be used.</param>
    /// <param name="timeout">How long one request may take.</param>
    /// <exception cref="FlagException">A URL is missing or malformed.</exception>
    public static DoctorConnections Open(FlagValues values, byte[]? secret, TimeSpan timeout)
    {
        var owned = new List<IDisposable>();
        IReadOnlyList<Uri> l1 = NodeSettings.Urls(values, "l1"), beacons = NodeSettings.Urls(values, "l1.beacon"), fallbacks = [.. beacons.Skip(1), .. NodeSettings.Urls(values, "l1.beacon-fallbacks")];
        if (l1.Count == 0) throw new FlagException("give L1's JSON-RPC: --l1=http://127.0.0.1:8545");
        Uri engine = values.Url("l2") ?? throw new FlagException("give the engine's URL: --l2=http://127.0.0.1:8551");
        var http = new HttpRpcClientOptions
        {
            Timeout = timeout,
            Retry = RpcRetryPolicy.None,
            MaxConcurrency = Math.Max(4, values.Int("l1.max-concurrency")),
            MaxBatchItems = Math.Max(1, values.Int("l1.rpc-max-batch-size")),
            MaxRequestsPerSecond = NodeSettings.RateOf(values),
        };
        var plain = new HttpRpcClientOptions { Timeout = timeout, Retry = RpcRetryPolicy.None };
        var beacon = new BeaconClientOptions { Timeout = timeout, Headers = NodeSettings.HeadersOf(values), FetchAllBlobs = values.Bool("l1.beacon.fetch-all-sidecars") };
        var connections = new DoctorConnections
        {
            L1 = [.. l1.Select(url => Own(new HttpRpcClient(url, http)))],
            Engine = Own(new HttpRpcClient(HttpOnly("l2", engine), plain with { JwtSecret = secret })),
            Eth = Rpc("l2.eth"),
            Followed = Rpc("l2.follow.source"),
            SequencerHttp = Rpc("rollup.sequencerhttp"),
            Node = Own(new HttpRpcClient(NodeUrl(values), plain)),
            Beacon = beacons.Count == 0 ? null : Own(new BeaconClient(beacons[0], beacon)),
            BeaconFallbacks = [.. fallbacks.Select(url => Own(new BeaconClient(url, beacon)))],
        };
        connections._owned.AddRange(owned);
        return connections;

        HttpRpcClient? Rpc(string flag) => values.Table.Find(flag) is not null && values.Url(flag) is { } url ? Own(new HttpRpcClient(HttpOnly(flag, url), plain)) : null;

        T Own<T>(T client) where T : IDisposable
        {
            owned.Add(client);
            return client;
        }
    }

    /// <summary>Where the node of these flags serves its RPC, as seen from this machine.</summary>
    public static Uri NodeUrl(FlagValues values)
    {
        string host = values.Text("rpc.addr");
        return new UriBuilder("http", host is "0.0.0.0" or "::" or "[::]" or "" ? "127.0.0.1" : host, values.Port("rpc.port")).Uri;
    }

    private static Uri HttpOnly(string flag, Uri url) => url.Scheme is "http" or "https" ? url
        : throw new FlagException($"--{flag}: {url.Scheme} is not supported here; give the http or https URL");

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IDisposable client in _owned) client.Dispose();
    }
}
