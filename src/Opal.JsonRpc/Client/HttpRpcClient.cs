using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;

namespace Opal.JsonRpc;

/// <summary>Calls a server over HTTP, with kept-alive connections, a fresh JWT per request, timeouts, and retries of transient faults.</summary>
public sealed class HttpRpcClient : IRpcClient, IDisposable
{
    private readonly HttpClient _http;
    private readonly Uri _url;
    private readonly HttpRpcClientOptions _options;
    private readonly RequestGate _gate;
    private readonly RepeatedSending _repeating;
    private readonly AuthenticationHeaderValue? _basic;
    private readonly UrlSecrets _secrets;

    /// <summary>A client of the server at <paramref name="url"/>; user and password in it are sent as Basic authentication.</summary>
    /// <exception cref="ArgumentException">The URL is not http or https.</exception>
    public HttpRpcClient(Uri url, HttpRpcClientOptions? options = null)
    {
        if (!url.IsAbsoluteUri || (url.Scheme != Uri.UriSchemeHttp && url.Scheme != Uri.UriSchemeHttps))
        {
            throw new ArgumentException("this is no http or https URL", nameof(url)); // not shown: it may hold a password or a key
        }

        _options = options ?? new HttpRpcClientOptions();
        _repeating = new RepeatedSending(_options);
        _gate = new RequestGate(_options.MaxConcurrency, _options.MaxRequestsPerSecond, _options.Clock);
        _basic = BasicOf(url);
        _url = new UriBuilder(url) { UserName = "", Password = "" }.Uri;
        Endpoint = Describe(url);
        _secrets = new UrlSecrets(url, _options);
        var handler = new SocketsHttpHandler
        {
            AutomaticDecompression = DecompressionMethods.All,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(5),
            UseCookies = false,
            UseProxy = !url.IsLoopback,
        };
        if (_options.Tls is { } tls) handler.SslOptions = tls;
        _http = new HttpClient(handler) { Timeout = System.Threading.Timeout.InfiniteTimeSpan };
    }

    /// <summary>A client of the server at <paramref name="url"/> that authenticates with a JWT.</summary>
    public HttpRpcClient(string url, byte[]? jwtSecret = null) : this(new Uri(url), new HttpRpcClientOptions { JwtSecret = jwtSecret }) { }

    /// <inheritdoc/>
    public string Endpoint { get; }

    /// <summary>Scheme, host and port; a path or query is only hinted at, since providers put their keys there.</summary>
    internal static string Describe(Uri url) => $"{url.Scheme}://{url.Host}:{url.Port}{(url.PathAndQuery.Length > 1 ? "/…" : "")}";

    /// <summary>Basic authentication with a URL's user and password; null where it has none.</summary>
    internal static AuthenticationHeaderValue? BasicOf(Uri url) =>
        url.UserInfo.Length > 0 ? new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(Uri.UnescapeDataString(url.UserInfo)))) : null;

    /// <inheritdoc/>
    public Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation) => _repeating.SendAsync(requests, SendOnceAsync, cancellation);

    private async Task<RpcReply[]> SendOnceAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
    {
        string method = RpcWire.NameOf(requests);
        using var text = new RpcBuffer();
        RpcWire.WriteRequests(text, requests);
        using var timeout = new CancellationTokenSource(_options.Timeout, _options.Clock);
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(cancellation, timeout.Token);
        await _gate.EnterAsync(cancellation);
        try
        {
            using var message = new HttpRequestMessage(HttpMethod.Post, _url) { Content = new ReadOnlyMemoryContent(text.Written) };
            message.Content.Headers.ContentType = new MediaTypeHeaderValue("application/json");
            if (_options.JwtSecret is { } secret) message.Headers.Authorization = new AuthenticationHeaderValue("Bearer", JwtToken.Create(secret, _options.Clock.GetUtcNow()));
            else if (_basic is not null) message.Headers.Authorization = _basic;
            foreach ((string name, string value) in _options.Headers) message.Headers.TryAddWithoutValidation(name, value);
            using HttpResponseMessage response = await _http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, linked.Token);
            using RpcBuffer answer = await ReadBodyAsync(response, method, linked.Token);
            if (response.IsSuccessStatusCode) return _secrets.Mask(RpcWire.ReadReplies(answer.Written.Span, requests, Endpoint));
            if (IsRefusalInside(response.StatusCode, answer) && ErrorsOf(answer, requests) is { } refusals) return refusals;
            throw Refused(response, answer, method);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new RpcTransportException(method, Endpoint, $"no answer within {_options.Timeout.TotalSeconds:0.#} s", isTransient: true, error);
        }
        catch (HttpRequestException error)
        {
            string problem = error.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionRefused }
                ? "nothing listens there (connection refused)" : error.InnerException?.Message ?? error.Message;
            throw new RpcTransportException(method, Endpoint, problem, isTransient: true, error);
        }
        catch (IOException error)
        {
            throw new RpcTransportException(method, Endpoint, $"the connection broke: {error.Message}", isTransient: true, error);
        }
        finally
        {
            _gate.Leave();
        }
    }

    private async Task<RpcBuffer> ReadBodyAsync(HttpResponseMessage response, string method, CancellationToken cancellation)
    {
        var answer = new RpcBuffer((int)Math.Clamp(response.Content.Headers.ContentLength ?? 4096, 256, 1 << 24));
        try
        {
            await using Stream body = await response.Content.ReadAsStreamAsync(cancellation);
            while (true)
            {
                int read = await body.ReadAsync(answer.GetMemory(4096), cancellation);
                if (read == 0) return answer;
                answer.Advance(read);
                if (answer.Length > _options.MaxResponseBytes)
                {
                    throw new RpcTransportException(method, Endpoint, $"the answer is larger than {_options.MaxResponseBytes} bytes", isTransient: false);
                }
            }
        }
        catch
        {
            answer.Dispose();
            throw;
        }
    }

    /// <summary>Some providers give the statuses of a bad request to calls they do not know, with the JSON-RPC error that says so.</summary>
    private static bool IsRefusalInside(HttpStatusCode status, RpcBuffer answer) =>
        status is HttpStatusCode.BadRequest or HttpStatusCode.NotFound or HttpStatusCode.MethodNotAllowed or HttpStatusCode.NotImplemented && answer.Written.Span.StartsWith("{"u8);

    /// <summary>The JSON-RPC error in an answer; null when there is none.</summary>
    private RpcReply[]? ErrorsOf(RpcBuffer answer, IReadOnlyList<RpcRequest> requests)
    {
        try
        {
            RpcReply[] replies = _secrets.Mask(RpcWire.ReadReplies(answer.Written.Span, requests, Endpoint));
            return Array.TrueForAll(replies, static reply => reply.Error is not null) ? replies : null;
        }
        catch (RpcTransportException)
        {
            return null; // it is something else: the status is what there is to say
        }
    }

    private RpcTransportException Refused(HttpResponseMessage response, RpcBuffer answer, string method)
    {
        string text = _secrets.Mask(Encoding.UTF8.GetString(answer.Written.Span[..Math.Min(answer.Length, 4096)]).Trim());
        if (text.Length > 200) text = text[..200];
        string hint = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden when _options.JwtSecret is not null => "; do both sides have the same JWT secret, and the same time of day?",
            HttpStatusCode.Unauthorized => "; the endpoint wants credentials",
            _ => "",
        };
        bool transient = response.StatusCode is HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway or HttpStatusCode.ServiceUnavailable
            or HttpStatusCode.GatewayTimeout or HttpStatusCode.RequestTimeout;
        return new RpcTransportException(method, Endpoint, $"HTTP status {(int)response.StatusCode}{(text.Length > 0 ? $" ({text})" : "")}{hint}", transient)
        {
            RetryAfter = response.Headers.RetryAfter?.Delta,
            StatusCode = (int)response.StatusCode,
        };
    }

    /// <summary>Closes the connections.</summary>
    public void Dispose()
    {
        _http.Dispose();
        _gate.Dispose();
    }
}
