using System.Net.Http.Headers;
using System.Net.WebSockets;

namespace Opal.JsonRpc;

/// <summary>Calls a server over a WebSocket. The connection is made at the first call and again after it broke; calls run side by side and are told apart by their ids.</summary>
/// <remarks>A JWT goes with each handshake, as the Engine API wants it. Timeouts, batches, retries, limits and headers are those of <see cref="HttpRpcClient"/>.</remarks>
public sealed class WebSocketRpcClient : IRpcClient, IDisposable
{
    private static readonly TimeSpan s_keepAlive = TimeSpan.FromSeconds(15);

    private readonly Uri _url;
    private readonly HttpRpcClientOptions _options;
    private readonly AuthenticationHeaderValue? _basic;
    private readonly UrlSecrets _secrets;
    private readonly RequestGate _gate;
    private readonly RepeatedSending _repeating;
    private readonly SemaphoreSlim _connecting = new(1);
    private readonly Lock _lock = new();
    private WebSocketLink? _link;
    private int _nextId = 1;

    /// <summary>A client of the server at <paramref name="url"/>; user and password in it are sent as Basic authentication.</summary>
    /// <exception cref="ArgumentException">The URL is not ws or wss.</exception>
    public WebSocketRpcClient(Uri url, HttpRpcClientOptions? options = null)
    {
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeWs && url.Scheme != Uri.UriSchemeWss)) throw new ArgumentException("this is no ws or wss URL", nameof(url));
        _options = options ?? new HttpRpcClientOptions();
        _basic = HttpRpcClient.BasicOf(url);
        _url = new UriBuilder(url) { UserName = "", Password = "" }.Uri;
        _gate = new RequestGate(_options.MaxConcurrency, _options.MaxRequestsPerSecond, _options.Clock);
        _repeating = new RepeatedSending(_options);
        Endpoint = HttpRpcClient.Describe(url);
        _secrets = new UrlSecrets(url, _options);
    }

    /// <inheritdoc/>
    public string Endpoint { get; }

    /// <inheritdoc/>
    public Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation) => _repeating.SendAsync(requests, SendOnceAsync, cancellation);

    private async Task<RpcReply[]> SendOnceAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
    {
        string method = RpcWire.NameOf(requests);
        int first = TakeIds(requests.Count);
        byte[] text;
        using (var buffer = new RpcBuffer())
        {
            RpcWire.WriteRequests(buffer, requests, first);
            text = buffer.Written.ToArray();
        }

        using var timeout = new CancellationTokenSource(_options.Timeout, _options.Clock);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        await _gate.EnterAsync(cancellation);
        try
        {
            WebSocketLink link = await ConnectedAsync(method, linked.Token);
            byte[] answer = await link.ExchangeAsync(first, first + requests.Count - 1, text, linked.Token);
            return _secrets.Mask(RpcWire.ReadReplies(answer, requests, Endpoint, first));
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new RpcTransportException(method, Endpoint, $"no answer within {_options.Timeout.TotalSeconds:0.#} s", isTransient: true, error);
        }
        finally
        {
            _gate.Leave();
        }
    }

    /// <summary>Ids not used before on a connection; after two thousand million of them they begin anew.</summary>
    private int TakeIds(int count)
    {
        lock (_lock)
        {
            if (_nextId > int.MaxValue - count) _nextId = 1;
            int first = _nextId;
            _nextId += count;
            return first;
        }
    }

    private async Task<WebSocketLink> ConnectedAsync(string method, CancellationToken cancellation)
    {
        if (_link is { IsUsable: true } open) return open;
        await _connecting.WaitAsync(cancellation);
        try
        {
            if (_link is { IsUsable: true } meanwhile) return meanwhile;
            _link?.Dispose();
            _link = null;
            return _link = new WebSocketLink(await ConnectAsync(method, cancellation), Endpoint, _options.MaxResponseBytes);
        }
        finally
        {
            _connecting.Release();
        }
    }

    private async Task<ClientWebSocket> ConnectAsync(string method, CancellationToken cancellation)
    {
        var socket = new ClientWebSocket();
        try
        {
            socket.Options.KeepAliveInterval = s_keepAlive;
            socket.Options.KeepAliveTimeout = s_keepAlive; // a peer that has vanished without a word is noticed
            socket.Options.CollectHttpResponseDetails = true;
            if (_url.IsLoopback) socket.Options.Proxy = null;
            if (_options.JwtSecret is { } secret) socket.Options.SetRequestHeader("Authorization", $"Bearer {JwtToken.Create(secret, _options.Clock.GetUtcNow())}");
            else if (_basic is not null) socket.Options.SetRequestHeader("Authorization", _basic.ToString());
            foreach ((string name, string value) in _options.Headers) socket.Options.SetRequestHeader(name, value);
            await socket.ConnectAsync(_url, cancellation);
            return socket;
        }
        catch (WebSocketException error)
        {
            int status = (int)socket.HttpStatusCode;
            socket.Dispose();
            string problem = status switch
            {
                401 or 403 when _options.JwtSecret is not null => $"HTTP status {status}; do both sides have the same JWT secret, and the same time of day?",
                not 0 => $"HTTP status {status}",
                _ => error.InnerException?.Message ?? error.Message,
            };
            throw new RpcTransportException(method, Endpoint, $"no WebSocket connection: {problem}", isTransient: status is 0 or 429 or 502 or 503 or 504, error);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Closes the connection.</summary>
    public void Dispose()
    {
        _link?.Dispose();
        _gate.Dispose();
        _connecting.Dispose();
    }
}
