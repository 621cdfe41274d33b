using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>A lasting connection: a reader that dispatches messages, several at a time, and one writer for answers and notifications.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without timer or link holds nothing to free, and a late notification may still look at it.")]
internal abstract class RpcConnection
{
    private const int MaxRequestsInFlight = 64;
    private const int MaxQueuedMessages = 20_000;

    private readonly RpcDispatcher _dispatcher;
    private readonly RpcContext _context;
    private readonly RpcSubscriptions _subscriptions;
    private readonly Channel<byte[]> _outgoing = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxQueuedMessages) { SingleReader = true });
    private readonly CancellationTokenSource _ended = new();

    protected RpcConnection(RpcEndpoint endpoint, RpcTransport transport, RpcDispatcher dispatcher, string? remote, ILogger logger)
    {
        (Endpoint, _dispatcher, Logger) = (endpoint, dispatcher, logger);
        _subscriptions = new RpcSubscriptions(TrySend, endpoint.MaxSubscriptions);
        _context = new RpcContext
        {
            Endpoint = endpoint.Name,
            Transport = transport,
            RemoteAddress = remote,
            IsAuthenticated = endpoint.JwtSecret is not null,
            Subscriptions = _subscriptions,
            Rules = endpoint,
        };
    }

    protected RpcEndpoint Endpoint { get; }

    protected ILogger Logger { get; }

    protected string? Remote => _context.RemoteAddress;

    /// <summary>Whether requests that run when the caller has sent its last are still answered.</summary>
    protected abstract bool AnswersAfterEnd { get; }

    /// <summary>Reads one message; false when there will be none.</summary>
    protected abstract ValueTask<bool> TryReadMessageAsync(RpcBuffer message, CancellationToken cancellation);

    /// <summary>Sends one message.</summary>
    protected abstract ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation);

    /// <summary>Takes leave of the caller, if it is still there.</summary>
    protected abstract ValueTask CloseAsync();

    /// <summary>Queues a message. A subscriber that lets twenty thousand of them wait is cut off rather than buffered without end.</summary>
    protected bool TrySend(byte[] message)
    {
        if (_outgoing.Writer.TryWrite(message)) return true;
        if (!_ended.IsCancellationRequested)
        {
            Logger.LogWarning("Closing the connection of {Remote}: it reads its notifications too slowly", Remote);
            _ended.Cancel();
        }

        return false;
    }

    /// <summary>Serves the connection until either side ends it.</summary>
    public async Task RunAsync(CancellationToken aborted, CancellationToken stopping)
    {
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(aborted, stopping, _ended.Token);
        Task writing = WriteAsync(linked.Token);
        try
        {
            await ReadAsync(linked.Token);
        }
        catch (Exception error) when (IsEnd(error))
        {
            Logger.LogDebug("Connection of {Remote} ended: {Reason}", Remote, error.Message);
        }
        finally
        {
            _subscriptions.CloseAll();
            _outgoing.Writer.TryComplete();
            await writing;
            await CloseAsync();
        }
    }

    /// <summary>Whether an exception means that a connection is over.</summary>
    protected static bool IsEnd(Exception error) => error is WebSocketException or OperationCanceledException or IOException or SocketException or ObjectDisposedException;

    private async Task ReadAsync(CancellationToken cancellation)
    {
        using var slots = new SemaphoreSlim(MaxRequestsInFlight);
        using CancellationTokenSource requests = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var running = new ConcurrentDictionary<Task, byte>();
        try
        {
            while (true)
            {
                var message = new RpcBuffer(4096);
                if (!await TryReadMessageAsync(message, cancellation))
                {
                    message.Dispose();
                    if (AnswersAfterEnd) await Task.WhenAll(running.Keys);
                    return;
                }

                await slots.WaitAsync(cancellation);
                Task answering = AnswerAsync(message, slots, requests.Token);
                running.TryAdd(answering, 0);
                _ = answering.ContinueWith(done => running.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
            }
        }
        finally
        {
            await requests.CancelAsync();
            await Task.WhenAll(running.Keys);
        }
    }

    private async Task AnswerAsync(RpcBuffer message, SemaphoreSlim slots, CancellationToken cancellation)
    {
        try
        {
            using var answer = new RpcBuffer();
            await _dispatcher.AnswerAsync(message.Written, _context, answer, cancellation);
            if (answer.Length > 0) await _outgoing.Writer.WriteAsync(answer.Written.ToArray(), cancellation);
            _subscriptions.Activate();
        }
        catch (Exception error) when (error is OperationCanceledException or ChannelClosedException)
        {
            Logger.LogDebug("An answer for {Remote} was dropped: the connection ended", Remote);
        }
        finally
        {
            message.Dispose();
            slots.Release();
        }
    }

    private async Task WriteAsync(CancellationToken cancellation)
    {
        try
        {
            await foreach (byte[] message in _outgoing.Reader.ReadAllAsync(cancellation)) await SendAsync(message, cancellation);
        }
        catch (Exception error) when (IsEnd(error))
        {
            _ended.Cancel();
        }
    }
}
