using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Connections;

namespace Opal.JsonRpc;

/// <summary>Answers plain JSON-RPC requests of an HTTP endpoint on the connection itself, below the HTTP server, which gets every other request.</summary>
/// <remarks>
/// A call such as eth_getBalance costs the node less than a general HTTP server's work around it. A request is plain when
/// <see cref="DirectHead"/> is sure of it and its Host may call; the first that is not passes, unread, to the server together
/// with the rest of its connection. What is served here is answered as there, byte for byte but for the order of headers.
/// </remarks>
internal sealed class DirectHttp : IDisposable
{
    /// <summary>Longer bodies go to the HTTP server, which reads them in parts.</summary>
    public const int MaxBody = 256 * 1024;

    /// <summary>How long the rest of a request may take to arrive before the HTTP server, with its own limits, waits for it.</summary>
    public static readonly TimeSpan PartialTimeout = TimeSpan.FromSeconds(1);

    private static readonly TimeSpan Tick = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<DirectConnection, byte> _connections = new();
    private readonly Timer _timer;
    private volatile byte[] _head;
    private volatile byte[] _allowedHost = [];

    /// <param name="endpoint">The endpoint; one without a JWT secret.</param>
    /// <param name="dispatcher">Answers.</param>
    public DirectHttp(RpcEndpoint endpoint, RpcDispatcher dispatcher)
    {
        if (endpoint.JwtSecret is not null) throw new ArgumentException("tokens are checked by the HTTP server", nameof(endpoint));
        (Endpoint, Dispatcher) = (endpoint, dispatcher);
        RequestLine = Encoding.ASCII.GetBytes($"POST /{endpoint.PathPrefix.Trim('/')} HTTP/1.1\r\n");
        _head = MakeHead();
        _timer = new Timer(static state => ((DirectHttp)state!).OnTick(), this, Tick, Tick);
    }

    public RpcEndpoint Endpoint { get; }

    public RpcDispatcher Dispatcher { get; }

    /// <summary>The request line of a plain request.</summary>
    public byte[] RequestLine { get; }

    /// <summary>The head of an answer up to the digits of its length; its date is at most a tick old.</summary>
    public byte[] Head => _head;

    /// <summary>Serves what it can of a connection.</summary>
    /// <returns>True when the connection is over; false when what it sends next is for the HTTP server.</returns>
    public async Task<bool> ServeAsync(ConnectionContext connection)
    {
        using var served = new DirectConnection(this, connection);
        _connections.TryAdd(served, 0);
        try
        {
            return await served.RunAsync();
        }
        finally
        {
            _connections.TryRemove(served, out _);
        }
    }

    /// <summary>Whether a Host header is a plain name or IPv4 address that may call.</summary>
    public bool AllowsHost(ReadOnlySpan<byte> host)
    {
        if (host.SequenceEqual(_allowedHost)) return true;
        int colon = host.IndexOf((byte)':');
        ReadOnlySpan<byte> name = colon < 0 ? host : host[..colon], port = colon < 0 ? "80"u8 : host[(colon + 1)..];
        if (name.IsEmpty || port.Length is 0 or > 5 || port.ContainsAnyExceptInRange((byte)'0', (byte)'9')) return false;
        foreach (byte letter in name)
        {
            if (!char.IsAsciiLetterOrDigit((char)letter) && letter is not ((byte)'.' or (byte)'-')) return false;
        }

        if (!OriginRules.AllowsHost(Endpoint.VirtualHosts, Encoding.ASCII.GetString(name))) return false;
        _allowedHost = host.ToArray(); // callers of one endpoint name it alike
        return true;
    }

    private void OnTick()
    {
        _head = MakeHead();
        long now = Environment.TickCount64;
        foreach ((DirectConnection connection, _) in _connections) connection.CheckTime(now);
    }

    private static byte[] MakeHead() => Encoding.ASCII.GetBytes(
        $"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: {TimeProvider.System.GetUtcNow().ToString("R", CultureInfo.InvariantCulture)}\r\nContent-Length: ");

    public void Dispose() => _timer.Dispose();
}
