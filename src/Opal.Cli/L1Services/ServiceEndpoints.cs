using Opal.Cli.Flags;
using Opal.Cli.Node;
using Opal.JsonRpc;

namespace Opal.Cli.L1Services;

/// <summary>The servers that a service talks to: L1, and the sequencers.</summary>
internal sealed class ServiceEndpoints : IDisposable
{
    private readonly List<IRpcClient> _clients = [];

    private ServiceEndpoints() { }

    /// <summary>L1's endpoints in the order given; at least one.</summary>
    public required IReadOnlyList<EthClient> L1 { get; init; }

    /// <summary>The sequencers' execution clients, one for each of <see cref="Nodes"/>; none where the service needs none.</summary>
    public required IReadOnlyList<EthClient> L2 { get; init; }

    /// <summary>The sequencers' rollup nodes; at least one.</summary>
    public required IReadOnlyList<RollupNodeClient> Nodes { get; init; }

    /// <summary>More servers that are told the throttle's limits.</summary>
    public required IReadOnlyList<IRpcClient> Throttled { get; init; }

    /// <summary>Other rollup nodes that confirm outputs.</summary>
    public required IReadOnlyList<RollupNodeClient> Verifiers { get; init; }

    /// <summary>Opens a batcher's endpoints. Nothing is sent yet.</summary>
    /// <exception cref="FlagException">One is missing or malformed, or the lists are of different lengths.</exception>
    public static ServiceEndpoints ForBatcher(FlagValues values)
    {
        List<Uri> l1 = UrlsOf(values, "l1-eth-rpc", 8545), l2 = UrlsOf(values, "l2-eth-rpc", 8545), nodes = UrlsOf(values, "rollup-rpc", 9545);
        if (l2.Count != nodes.Count)
        {
            throw new FlagException($"{values.NamedAs("l2-eth-rpc")} names {l2.Count} servers and {values.NamedAs("rollup-rpc")} {nodes.Count}: each sequencer needs one of both, in the same order");
        }

        IEnumerable<Uri> throttled = NodeSettings.Urls(values, "throttle.additional-endpoints", mayBeWebSocket: true);
        return Open(values, l1, l2, nodes, [.. throttled.Except(l2)], []); // the sequencers are told anyway
    }

    /// <summary>Opens a proposer's endpoints. Nothing is sent yet.</summary>
    /// <exception cref="FlagException">One is missing or malformed.</exception>
    public static ServiceEndpoints ForProposer(FlagValues values) =>
        Open(values, UrlsOf(values, "l1-eth-rpc", 8545), [], UrlsOf(values, "rollup-rpc", 9545), [], NodeSettings.Urls(values, "verify-rollup-rpc", mayBeWebSocket: true));

    /// <summary>Endpoints whose connections are open already; for tests.</summary>
    internal static ServiceEndpoints Of(IReadOnlyList<IRpcClient> l1, IReadOnlyList<IRpcClient> l2, IReadOnlyList<IRpcClient> nodes) => new()
    {
        L1 = [.. l1.Select(static client => new EthClient(client))],
        L2 = [.. l2.Select(static client => new EthClient(client))],
        Nodes = [.. nodes.Select(static client => new RollupNodeClient(client))],
        Verifiers = [],
        Throttled = [],
    };

    /// <summary>How the active one of several sequencers is followed.</summary>
    public static ActiveSequencerOptions FollowingOf(FlagValues values) => new()
    {
        CheckInterval = values.Duration("active-sequencer-check-duration"),
        NetworkTimeout = values.Duration("network-timeout"),
    };

    private static List<Uri> UrlsOf(FlagValues values, string flag, int port)
    {
        List<Uri> urls = NodeSettings.Urls(values, flag, mayBeWebSocket: true);
        if (urls.Count > 0) return urls;
        string what = flag switch { "l1-eth-rpc" => "L1's JSON-RPC", "l2-eth-rpc" => "the execution client's JSON-RPC", _ => "the rollup node's RPC" };
        throw new FlagException($"give {what}: --{flag}=http://127.0.0.1:{port}");
    }

    private static ServiceEndpoints Open(FlagValues values, List<Uri> l1, List<Uri> l2, List<Uri> nodes, List<Uri> throttled, List<Uri> verifiers)
    {
        var clients = new List<IRpcClient>();
        var toL1 = new HttpRpcClientOptions { Timeout = values.Duration("network-timeout") };
        var endpoints = new ServiceEndpoints
        {
            L1 = [.. l1.Select(url => new EthClient(Client(url, toL1)))],
            L2 = [.. l2.Select(url => new EthClient(Client(url, new HttpRpcClientOptions())))],
            Nodes = [.. nodes.Select(url => new RollupNodeClient(Client(url, new HttpRpcClientOptions())))],
            Verifiers = [.. verifiers.Select(url => new RollupNodeClient(Client(url, new HttpRpcClientOptions())))],
            Throttled = [.. throttled.Select(url => Client(url, new HttpRpcClientOptions()))],
        };
        endpoints._clients.AddRange(clients);
        return endpoints;

        IRpcClient Client(Uri url, HttpRpcClientOptions options)
        {
            IRpcClient client = RpcClients.Open(url, options);
            clients.Add(client);
            return client;
        }
    }

    public void Dispose()
    {
        foreach (IDisposable client in _clients.OfType<IDisposable>()) client.Dispose();
    }
}
