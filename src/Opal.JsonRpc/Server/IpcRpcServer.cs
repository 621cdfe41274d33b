using System.Collections.Concurrent;
using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>Serves a registry's methods on a Unix domain socket that its owner alone may open (mode 0600): <c>geth.ipc</c>.</summary>
/// <remarks>All namespaces of the endpoint's rules are served, and subscriptions; the <c>engine</c> namespace is not, since there is no JWT.</remarks>
public sealed class IpcRpcServer : IAsyncDisposable
{
    private const int MaxPathLength = 107; // sun_path, with its terminating zero, has 108 bytes

    private readonly Socket _listener;
    private readonly RpcEndpoint _rules;
    private readonly RpcDispatcher _dispatcher;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private readonly Task _accepting;

    private IpcRpcServer(Socket listener, string path, RpcEndpoint rules, RpcDispatcher dispatcher, ILogger logger)
    {
        (_listener, Path, _rules, _dispatcher, _logger) = (listener, path, rules, dispatcher, logger);
        _accepting = AcceptAsync();
    }

    /// <summary>The socket's path.</summary>
    public string Path { get; }

    /// <summary>Starts listening. A socket that a program left behind which runs no more is replaced.</summary>
    /// <param name="registry">The methods.</param>
    /// <param name="path">The socket's path, at most 107 bytes; its folder is made when absent.</param>
    /// <param name="rules">The limits and namespaces; host and port say nothing here.</param>
    /// <param name="loggers">Where to log.</param>
    /// <exception cref="EndpointUnavailableException">The path is too long, in use, or cannot be written.</exception>
    public static IpcRpcServer Start(RpcRegistry registry, string path, RpcEndpoint rules, ILoggerFactory loggers)
    {
        ILogger logger = loggers.CreateLogger("Opal.JsonRpc");
        if (System.Text.Encoding.UTF8.GetByteCount(path) > MaxPathLength)
        {
            throw new EndpointUnavailableException(rules.Name, path, 0, $"the path is longer than the {MaxPathLength} bytes a socket's may have; give a shorter --ipcpath, or --ipcdisable");
        }

        var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            if (System.IO.Path.GetDirectoryName(path) is { Length: > 0 } folder) Directory.CreateDirectory(folder);
            RemoveStale(path, rules.Name);
            listener.Bind(new UnixDomainSocketEndPoint(path));
            if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite); // nobody can connect before Listen
            listener.Listen(64);
        }
        catch (Exception error) when (error is SocketException or IOException or UnauthorizedAccessException)
        {
            listener.Dispose();
            throw new EndpointUnavailableException(rules.Name, path, 0, $"{error.Message}; give another --ipcpath, or --ipcdisable", error);
        }
        catch
        {
            listener.Dispose();
            throw;
        }

        logger.LogInformation("Serving {Endpoint} at {Path}: {Namespaces}", rules.Name, path, string.Join(",", registry.Namespaces.Where(rules.Serves)));
        return new IpcRpcServer(listener, path, rules, new RpcDispatcher(registry, logger), logger);
    }

    private static void RemoveStale(string path, string name)
    {
        if (!File.Exists(path)) return;
        using var probe = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            probe.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            File.Delete(path); // nobody listens: left behind by a program that was killed
            return;
        }

        throw new EndpointUnavailableException(name, path, 0, "another program serves it; stop that program, or give another --ipcpath");
    }

    private async Task AcceptAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            Socket socket;
            try
            {
                socket = await _listener.AcceptAsync(_stopping.Token);
            }
            catch (Exception error) when (error is OperationCanceledException or ObjectDisposedException)
            {
                return;
            }
            catch (SocketException error)
            {
                _logger.LogWarning("A caller of {Path} could not be taken: {Reason}", Path, error.Message);
                await Task.Delay(TimeSpan.FromMilliseconds(100)); // out of file handles, most likely
                continue;
            }

            Task running = new IpcRpcConnection(socket, _rules, _dispatcher, _logger).RunAsync(CancellationToken.None, _stopping.Token);
            _connections.TryAdd(running, 0);
            _ = running.ContinueWith(done => _connections.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    /// <summary>Closes connections, stops listening, and removes the socket.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _accepting;
        _listener.Dispose();
        await Task.WhenAll(_connections.Keys);
        File.Delete(Path);
        _stopping.Dispose();
    }
}
