using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Opal.Cli.Tests.Doctor;

/// <summary>A Beacon API over HTTP that answers from a table of paths; 404 for the rest.</summary>
internal sealed class FakeBeacon : IDisposable
{
    private readonly HttpListener _listener;

    public FakeBeacon()
    {
        (_listener, Url) = Listen();
        _ = Task.Run(ServeAsync);
    }

    public Uri Url { get; }

    /// <summary>What stands in "data", by path.</summary>
    public Dictionary<string, string> Data { get; } = new(StringComparer.Ordinal);

    private static (HttpListener, Uri) Listen()
    {
        while (true)
        {
            int port;
            using (var probe = new TcpListener(IPAddress.Loopback, 0))
            {
                probe.Start();
                port = ((IPEndPoint)probe.LocalEndpoint).Port;
            }

            var listener = new HttpListener();
            listener.Prefixes.Add($"http://127.0.0.1:{port}/");
            try
            {
                listener.Start();
                return (listener, new Uri($"http://127.0.0.1:{port}"));
            }
            catch (HttpListenerException)
            {
                ((IDisposable)listener).Dispose(); // somebody took the port meanwhile
            }
        }
    }

    private async Task ServeAsync()
    {
        while (_listener.IsListening)
        {
            HttpListenerContext context;
            try
            {
                context = await _listener.GetContextAsync();
            }
            catch (Exception error) when (error is HttpListenerException or ObjectDisposedException)
            {
                return;
            }

            bool known = Data.TryGetValue(context.Request.Url!.AbsolutePath.TrimStart('/'), out string? data);
            context.Response.StatusCode = known ? 200 : 404;
            if (context.Request.HttpMethod == "GET") await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(known ? $$"""{"data":{{data}}}""" : """{"code":404,"message":"not found"}"""));
            context.Response.Close();
        }
    }

    public void Dispose() => ((IDisposable)_listener).Dispose();
}
