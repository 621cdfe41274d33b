using System.Globalization;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>Serves one listening address: HTTP POST, WebSocket upgrades, health checks, and their guards.</summary>
internal sealed class HttpRpcTransport(RpcEndpoint? http, RpcEndpoint? webSocket, RpcDispatcher dispatcher, RpcServerOptions options, ILogger logger)
{
    private const int MaxBufferAhead = 64 * 1024;
    private static readonly string[] JsonTypes = ["application/json", "application/json-rpc", "application/jsonrequest"];

    public async Task HandleAsync(HttpContext context)
    {
        try
        {
            if (context.WebSockets.IsWebSocketRequest && webSocket is not null) await HandleWebSocketAsync(context, webSocket);
            else if (http is not null) await HandleHttpAsync(context, http);
            else await RefuseAsync(context, StatusCodes.Status426UpgradeRequired, "this endpoint serves WebSocket only");
        }
        catch (BadHttpRequestException error)
        {
            if (!context.Response.HasStarted) await RefuseAsync(context, error.StatusCode, error.Message);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            logger.LogDebug("Caller {Remote} went away during a request", Remote(context));
        }
    }

    private async Task HandleHttpAsync(HttpContext context, RpcEndpoint endpoint)
    {
        HttpRequest request = context.Request;
        if (!OriginRules.AllowsHost(endpoint.VirtualHosts, request.Host.Host ?? ""))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "invalid host specified");
            return;
        }

        bool isPreflight = ApplyCors(context, endpoint);
        if (isPreflight)
        {
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        if (HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method))
        {
            await AnswerHealthAsync(context);
            return;
        }

        if (!HttpMethods.IsPost(request.Method))
        {
            await RefuseAsync(context, StatusCodes.Status405MethodNotAllowed, "method not allowed: send JSON-RPC with POST");
            return;
        }

        if (!ServesPath(endpoint, request.Path))
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, $"nothing is served at {request.Path}");
            return;
        }

        if (!await AuthenticateAsync(context, endpoint)) return;
        if (!IsJson(request.ContentType))
        {
            await RefuseAsync(context, StatusCodes.Status415UnsupportedMediaType, "invalid content type, only application/json is supported");
            return;
        }

        if (request.ContentLength > endpoint.MaxRequestBytes)
        {
            await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, $"content length too large ({request.ContentLength}>{endpoint.MaxRequestBytes})");
            return;
        }

        using var body = new RpcBuffer((int)Math.Clamp(request.ContentLength ?? 4096, 256, MaxBufferAhead)); // a length is a claim: memory follows what arrives
        if (!await TryReadBodyAsync(context, endpoint, body)) return;
        using var answer = new RpcBuffer();
        var caller = new RpcContext
        {
            Endpoint = endpoint.Name,
            Transport = RpcTransport.Http,
            RemoteAddress = Remote(context),
            IsAuthenticated = endpoint.JwtSecret is not null,
            Rules = endpoint,
        };
        await dispatcher.AnswerAsync(body.Written, caller, answer, context.RequestAborted);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = answer.Length;
        await context.Response.Body.WriteAsync(answer.Written, context.RequestAborted);
    }

    private static async ValueTask<bool> TryReadBodyAsync(HttpContext context, RpcEndpoint endpoint, RpcBuffer body)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit) limit.MaxRequestBodySize = endpoint.MaxRequestBytes;
        using var timed = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted);
        timed.CancelAfter(endpoint.BodyTimeout);
        try
        {
            while (true)
            {
                int read = await context.Request.Body.ReadAsync(body.GetMemory(4096), timed.Token);
                if (read == 0) return true;
                body.Advance(read);
                if (body.Length <= endpoint.MaxRequestBytes) continue;
                await RefuseAsync(context, StatusCodes.Status413PayloadTooLarge, $"request body larger than {endpoint.MaxRequestBytes} bytes");
                return false;
            }
        }
        catch (OperationCanceledException) when (!context.RequestAborted.IsCancellationRequested)
        {
            context.Response.Headers.Connection = "close";
            await RefuseAsync(context, StatusCodes.Status408RequestTimeout, "read timeout");
            return false;
        }
    }

    private async Task HandleWebSocketAsync(HttpContext context, RpcEndpoint endpoint)
    {
        if (!ServesPath(endpoint, context.Request.Path))
        {
            await RefuseAsync(context, StatusCodes.Status404NotFound, $"nothing is served at {context.Request.Path}");
            return;
        }

        string origin = context.Request.Headers.Origin.ToString();
        if (origin.Length > 0 && !OriginRules.Allows(endpoint.WebSocketOrigins, origin))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "websocket: request origin not allowed");
            return;
        }

        if (!await AuthenticateAsync(context, endpoint)) return;
        using System.Net.WebSockets.WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        var connection = new WebSocketRpcConnection(socket, endpoint, dispatcher, Remote(context), logger);
        await connection.RunAsync(context.RequestAborted, options.Stopping);
    }

    private async ValueTask<bool> AuthenticateAsync(HttpContext context, RpcEndpoint endpoint)
    {
        if (endpoint.JwtSecret is not { } secret) return true;
        string header = context.Request.Headers.Authorization.ToString();
        string problem = "missing token";
        if (header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            && JwtToken.TryVerify(header["Bearer ".Length..].Trim(), secret, options.Clock.GetUtcNow(), out problem)) return true;
        logger.LogWarning("Refused a caller at {Remote} of {Endpoint}: {Problem}", Remote(context), endpoint.Name, problem);
        await RefuseAsync(context, StatusCodes.Status401Unauthorized, problem);
        return false;
    }

    /// <summary>Adds CORS headers for an allowed origin.</summary>
    /// <returns>Whether the request is a preflight, complete with its headers.</returns>
    private static bool ApplyCors(HttpContext context, RpcEndpoint endpoint)
    {
        string origin = context.Request.Headers.Origin.ToString();
        bool isPreflight = HttpMethods.IsOptions(context.Request.Method);
        if (origin.Length == 0 || !OriginRules.Allows(endpoint.CorsOrigins, origin)) return isPreflight;
        IHeaderDictionary headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = endpoint.CorsOrigins.Contains("*") ? "*" : origin;
        headers.Vary = "Origin";
        if (!isPreflight) return false;
        headers.AccessControlAllowMethods = "POST, GET";
        string asked = context.Request.Headers.AccessControlRequestHeaders.ToString();
        headers.AccessControlAllowHeaders = asked.Length > 0 ? asked : "*";
        headers.AccessControlMaxAge = "600";
        return true;
    }

    private async Task AnswerHealthAsync(HttpContext context)
    {
        RpcHealth health = options.Health is { } check ? await check(context.RequestAborted) : new RpcHealth(true, options.Version);
        context.Response.StatusCode = health.IsHealthy ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        context.Response.ContentType = "application/json";
        using var body = new RpcBuffer(128);
        using (var writer = new Utf8JsonWriter(body, RpcBuffer.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString(health.IsHealthy ? "version"u8 : "error"u8, health.Detail);
            writer.WriteEndObject();
        }

        context.Response.ContentLength = body.Length;
        if (HttpMethods.IsGet(context.Request.Method)) await context.Response.Body.WriteAsync(body.Written, context.RequestAborted);
    }

    private static bool ServesPath(RpcEndpoint endpoint, PathString path) =>
        endpoint.PathPrefix.Length == 0 || path.StartsWithSegments("/" + endpoint.PathPrefix.Trim('/'), StringComparison.Ordinal);

    private static bool IsJson(string? contentType)
    {
        if (contentType is null) return false;
        int end = contentType.IndexOf(';', StringComparison.Ordinal);
        string type = (end < 0 ? contentType : contentType[..end]).Trim().ToLower(CultureInfo.InvariantCulture);
        return Array.IndexOf(JsonTypes, type) >= 0;
    }

    private static string? Remote(HttpContext context) => context.Connection.RemoteIpAddress?.ToString();

    private static async Task RefuseAsync(HttpContext context, int status, string message)
    {
        context.Response.StatusCode = status;
        context.Response.ContentType = "text/plain; charset=utf-8";
        byte[] body = Encoding.UTF8.GetBytes(message + "\n");
        context.Response.ContentLength = body.Length;
        await context.Response.Body.WriteAsync(body, context.RequestAborted);
    }
}
