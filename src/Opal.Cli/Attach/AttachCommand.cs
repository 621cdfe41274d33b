using System.Net.Sockets;
using Opal.Cli.Flags;
using Opal.Cli.Geth;
using Opal.JsonRpc;

namespace Opal.Cli.Attach;

/// <summary><c>attach</c>: a console on a running client, over HTTP or its IPC socket.</summary>
internal static class AttachCommand
{
    public static async Task<int> RunAsync(FlagValues values, IReadOnlyList<string> arguments)
    {
        if (arguments.Count > 1) throw new FlagException("attach takes one endpoint at most: opal attach http://127.0.0.1:8545");
        string where = arguments.Count == 1 ? arguments[0] : DataDirectory.IpcSocket(values) ?? throw new FlagException("attach: name the endpoint, a URL or an IPC socket");
        using var stop = new StopSignal();
        IRpcClient client = await OpenAsync(where, stop.Token);
        using var owned = (IDisposable)client;
        var console = new RpcConsole(client, Console.Out);
        try
        {
            if (values.TextOrNull("exec") is { } line) return await console.ExecuteAsync(line, stop.Token) ? 0 : 1;
            bool typed = !Console.IsInputRedirected;
            if (typed) Console.Out.WriteLine($"Attached to {client.Endpoint}. 'help' shows how to call, 'exit' ends.");
            await console.RunAsync(Console.In, typed, stop.Token);
            return 0;
        }
        catch (OperationCanceledException) when (stop.Token.IsCancellationRequested)
        {
            return 0;
        }
    }

    /// <summary>A client for a URL, or for the path of a socket.</summary>
    /// <exception cref="FlagException">The URL is of another kind.</exception>
    /// <exception cref="GethException">Nobody listens on the socket.</exception>
    private static async Task<IRpcClient> OpenAsync(string where, CancellationToken cancellation)
    {
        if (Uri.TryCreate(where, UriKind.Absolute, out Uri? url) && url.Scheme is "http" or "https") return new HttpRpcClient(url!, new HttpRpcClientOptions { Timeout = TimeSpan.FromMinutes(2), Retry = RpcRetryPolicy.None });
        if (where.Contains("://", StringComparison.Ordinal)) throw new FlagException($"attach: '{where}' is neither an http nor an https URL, nor the path of an IPC socket");
        try
        {
            return await IpcRpcClient.ConnectAsync(Path.GetFullPath(where), cancellation);
        }
        catch (Exception error) when (error is SocketException or ArgumentException)
        {
            throw new GethException($"nobody answers on the socket {where} ({error.Message}); is the client running, with another --datadir or --ipcpath?", error);
        }
    }
}
