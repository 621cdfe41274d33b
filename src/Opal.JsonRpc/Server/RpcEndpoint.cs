namespace Opal.JsonRpc;

/// <summary>One door of a server: where it listens, which transports and namespaces it serves, and its limits. Immutable.</summary>
/// <remarks>
/// Two endpoints may name the same host and port when one serves HTTP and the other WebSocket. The <c>engine</c> namespace is
/// never served without a JWT secret, whatever <see cref="Namespaces"/> says.
/// </remarks>
public sealed record RpcEndpoint
{
    /// <summary>The name in logs and errors: <c>http</c>, <c>ws</c>, <c>authrpc</c>.</summary>
    public required string Name { get; init; }

    /// <summary>An IP address, <c>localhost</c>, or a host name of this machine.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The TCP port; 0 takes any free one (see <see cref="RpcServer.AddressOf"/>).</summary>
    public int Port { get; init; }

    /// <summary>Whether HTTP POST is served.</summary>
    public bool Http { get; init; } = true;

    /// <summary>Whether WebSocket connections are served.</summary>
    public bool WebSocket { get; init; }

    /// <summary>The namespaces served; null serves all of the registry.</summary>
    public IReadOnlyCollection<string>? Namespaces { get; init; }

    /// <summary>The URL path served; empty serves any path.</summary>
    public string PathPrefix { get; init; } = "";

    /// <summary>The browser origins allowed over HTTP (CORS); <c>*</c> allows all, and one <c>*</c> inside a name stands for anything.</summary>
    public IReadOnlyCollection<string> CorsOrigins { get; init; } = [];

    /// <summary>The browser origins allowed to open a WebSocket; as <see cref="CorsOrigins"/>. Clients that send no Origin always may.</summary>
    public IReadOnlyCollection<string> WebSocketOrigins { get; init; } = [];

    /// <summary>The host names requests may carry, against DNS rebinding; <c>*</c> allows all. IP addresses always pass.</summary>
    public IReadOnlyCollection<string> VirtualHosts { get; init; } = ["localhost"];

    /// <summary>The 32-byte secret of the Engine API's JWT; null asks for none.</summary>
    public byte[]? JwtSecret { get; init; }

    /// <summary>The largest HTTP request body, bytes.</summary>
    public int MaxRequestBytes { get; init; } = 5 * 1024 * 1024;

    /// <summary>The largest WebSocket message, bytes.</summary>
    public int MaxWebSocketMessageBytes { get; init; } = 32 * 1024 * 1024;

    /// <summary>The most requests in a batch; 0 sets no limit.</summary>
    public int MaxBatchItems { get; init; } = 1000;

    /// <summary>The size of a batch's answer, bytes, after which its remaining requests fail; 0 sets no limit.</summary>
    public int MaxBatchResponseBytes { get; init; } = 25_000_000;

    /// <summary>The most subscriptions a connection may hold.</summary>
    public int MaxSubscriptions { get; init; } = 100;

    /// <summary>How long a caller may take to send a request's body; slower ones are cut off with 408.</summary>
    public TimeSpan BodyTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a request, or a whole batch, may take.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The Engine API's endpoint: HTTP and WebSocket behind a JWT, with its larger limits.</summary>
    public static RpcEndpoint Authenticated(string host, int port, byte[] jwtSecret) => new()
    {
        Name = "authrpc",
        Host = host,
        Port = port,
        WebSocket = true,
        JwtSecret = jwtSecret,
        Namespaces = ["engine", "eth", "net", "web3", "debug", "miner"],
        WebSocketOrigins = ["localhost"],
        MaxRequestBytes = 128 * 1024 * 1024,
        MaxBatchItems = 2000,
        MaxBatchResponseBytes = 250_000_000,
        RequestTimeout = TimeSpan.FromMinutes(2),
    };

    /// <summary>Whether the endpoint serves a namespace.</summary>
    public bool Serves(string @namespace)
    {
        if (@namespace == "engine" && JwtSecret is null) return false;
        return Namespaces is null || Namespaces.Contains(@namespace);
    }
}
