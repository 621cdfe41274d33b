using Opal.JsonRpc;

namespace Opal.Node;

/// <summary>Where a rollup node connects to. Flags: l1*, l2*.</summary>
public sealed record NodeConnectionOptions
{
    /// <summary>L1 JSON-RPC; of several, the first is preferred and the others take over (l1).</summary>
    public required IReadOnlyList<Uri> L1 { get; init; }

    /// <summary>Whether L1's answers are believed without checking hashes (l1.trustrpc).</summary>
    public bool TrustL1 { get; init; }

    /// <summary>Which methods L1's providers have (l1.rpckind).</summary>
    public ProviderKind L1Kind { get; init; } = ProviderKind.Standard;

    /// <summary>How L1's endpoints are gone through.</summary>
    public L1SourceOptions L1Source { get; init; } = new();

    /// <summary>Timeouts, batches, concurrency and rate of the L1 connections.</summary>
    public HttpRpcClientOptions L1Http { get; init; } = new() { MaxConcurrency = 10 };

    /// <summary>Beacon APIs, the best first (l1.beacon, then l1.beacon-fallbacks); none with l1.beacon.ignore.</summary>
    public IReadOnlyList<Uri> Beacons { get; init; } = [];

    /// <summary>Headers and time-out of the Beacon APIs.</summary>
    public BeaconClientOptions BeaconHttp { get; init; } = new();

    /// <summary>The engine (l2).</summary>
    public required Uri Engine { get; init; }

    /// <summary>The 32-byte secret shared with the engine (l2.jwt-secret).</summary>
    public required byte[] JwtSecret { get; init; }

    /// <summary>Time-out of one engine call (l2.engine-rpc-timeout).</summary>
    public TimeSpan EngineTimeout { get; init; } = TimeSpan.FromSeconds(10);
}
