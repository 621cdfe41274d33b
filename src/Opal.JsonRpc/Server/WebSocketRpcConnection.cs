using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Net.WebSockets;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>One WebSocket: a reader that dispatches messages, several at a time, and one writer for answers and notifications.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without timer or link holds nothing to free, and a late notification may still look at it.")]
internal sealed class WebSocketRpcConnection
{
    private const int MaxRequestsInFlight = 64;
    private const int MaxQueuedMessages = 20_000;

    private readonly WebSocket _socket;
    private readonly RpcEndpoint _endpoint;
    private readonly RpcDispatcher _dispatcher;
    private readonly ILogger _logger;
    private readonly RpcContext _context;
    private readonly RpcSubscriptions _subscriptions;
    private readonly Channel<byte[]> _outgoing = Channel.CreateBounded<byte[]>(new BoundedChannelOptions(MaxQueuedMessages) { SingleReader = true });
    private readonly CancellationTokenSource _ended = new();

    public WebSocketRpcConnection(WebSocket socket, RpcEndpoint endpoint, RpcDispatcher dispatcher, string? remote, ILogger logger)
    {
        (_socket, _endpoint, _dispatcher, _logger) = (socket, endpoint, dispatcher, logger);
        _subscriptions = new RpcSubscriptions(TrySend, endpoint.MaxSubscriptions);
        _context = new RpcContext
        {
            Endpoint = endpoint.Name,
            Transport = RpcTransport.WebSocket,
            RemoteAddress = remote,
            IsAuthenticated = endpoint.JwtSecret is not null,
            Subscriptions = _subscriptions,
            Rules = endpoint,
        };
    }

    /// <summary>Queues a message. A subscriber that lets twenty thousand of them wait is cut off rather than buffered without end.</summary>
    private bool TrySend(byte[] message)
    {
        if (_outgoing.Writer.TryWrite(message)) return true;
        if (!_ended.IsCancellationRequested)
        {
            _logger.LogWarning("Closing the connection of {Remote}: it reads its notifications too slowly", _context.RemoteAddress);
            _ended.Cancel();
        }

        return false;
    }

    public async Task RunAsync(CancellationToken aborted, CancellationToken stopping)
    {
        using CancellationTokenSource linked = CancellationTokenSource.CreateLinkedTokenSource(aborted, stopping, _ended.Token);
        Task writing = WriteAsync(linked.Token);
        try
        {
            await ReadAsync(linked.Token);
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException)
        {
            _logger.LogDebug("Connection of {Remote} ended: {Reason}", _context.RemoteAddress, error.Message);
        }
        finally
        {
            _subscriptions.CloseAll();
            _outgoing.Writer.TryComplete();
            await writing;
            await CloseAsync();
        }
    }

    private async Task CloseAsync()
    {
        if (_socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived)) return;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException)
        {
            _logger.LogDebug("Connection of {Remote} was gone before its close: {Reason}", _context.RemoteAddress, error.Message);
        }
    }

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

    private async ValueTask<bool> TryReadMessageAsync(RpcBuffer message, CancellationToken cancellation)
    {
        while (true)
        {
            ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(message.GetMemory(4096), cancellation);
            if (part.MessageType == WebSocketMessageType.Close) return false;
            message.Advance(part.Count);
            if (message.Length > _endpoint.MaxWebSocketMessageBytes)
            {
                await _socket.CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, $"messages are limited to {_endpoint.MaxWebSocketMessageBytes} bytes", cancellation);
                return false;
            }

            if (part.EndOfMessage) return true;
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
            _logger.LogDebug("An answer for {Remote} was dropped: the connection ended", _context.RemoteAddress);
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
            await foreach (byte[] message in _outgoing.Reader.ReadAllAsync(cancellation))
            {
                await _socket.SendAsync(message.AsMemory(), WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, cancellation);
            }
        }
        catch (Exception error) when (error is WebSocketException or OperationCanceledException or IOException)
        {
            _ended.Cancel();
        }
    }
}
