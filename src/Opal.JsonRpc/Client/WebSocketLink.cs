using System.Collections.Concurrent;
using System.Net.WebSockets;
using System.Text.Json;

namespace Opal.JsonRpc;

/// <summary>One WebSocket connection with the calls under way on it. When it breaks, all of them fail, and it is of no use any more.</summary>
internal sealed class WebSocketLink : IDisposable
{
    private const int BufferKept = 1 << 20;

    private readonly ClientWebSocket _socket;
    private readonly string _endpoint;
    private readonly int _maxBytes;
    private readonly SemaphoreSlim _sending = new(1);
    private readonly CancellationTokenSource _end = new();
    private readonly ConcurrentDictionary<int, TaskCompletionSource<byte[]>> _waiting = new();
    private volatile RpcTransportException? _fault;

    /// <summary>Takes an open socket.</summary>
    public WebSocketLink(ClientWebSocket socket, string endpoint, int maxBytes)
    {
        (_socket, _endpoint, _maxBytes) = (socket, endpoint, maxBytes);
        _ = Task.Run(ReceiveAsync);
    }

    /// <summary>Whether calls may be sent.</summary>
    public bool IsUsable => _fault is null;

    /// <summary>Sends a text with the ids from <paramref name="first"/> to <paramref name="last"/> and gives the answer to any of them.</summary>
    /// <exception cref="RpcTransportException">The connection broke.</exception>
    public async Task<byte[]> ExchangeAsync(int first, int last, ReadOnlyMemory<byte> text, CancellationToken cancellation)
    {
        var answer = new TaskCompletionSource<byte[]>(TaskCreationOptions.RunContinuationsAsynchronously);
        for (int id = first; id <= last; id++) _waiting[id] = answer;
        try
        {
            if (_fault is { } gone) throw gone;
            // a cancelled send would break the connection for everybody: the caller alone stops waiting
            await SendAsync(text).WaitAsync(cancellation);
            return await answer.Task.WaitAsync(cancellation);
        }
        finally
        {
            for (int id = first; id <= last; id++) _waiting.TryRemove(id, out _);
        }
    }

    private async Task SendAsync(ReadOnlyMemory<byte> text)
    {
        try
        {
            await _sending.WaitAsync(_end.Token);
            try
            {
                await _socket.SendAsync(text, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, _end.Token);
            }
            finally
            {
                _sending.Release();
            }
        }
        catch (Exception error) when (error is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            Break($"the connection broke: {error.Message}");
            throw _fault!;
        }
    }

    private async Task ReceiveAsync()
    {
        using var message = new RpcBuffer();
        try
        {
            while (true)
            {
                ValueWebSocketReceiveResult part = await _socket.ReceiveAsync(message.GetMemory(4096), _end.Token);
                if (part.MessageType == WebSocketMessageType.Close)
                {
                    Break($"the server closed the connection{(_socket.CloseStatusDescription is { Length: > 0 } why ? $" ({why})" : "")}");
                    return;
                }

                message.Advance(part.Count);
                if (message.Length > _maxBytes)
                {
                    Break($"an answer is larger than {_maxBytes} bytes", isTransient: false);
                    return;
                }

                if (!part.EndOfMessage) continue;
                Deliver(message.Written);
                if (message.Length > BufferKept) message.Release();
                else message.Truncate(0);
                if (_fault is not null) return;
            }
        }
        catch (Exception error) when (error is WebSocketException or IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            Break($"the connection broke: {error.Message}");
        }
    }

    private void Deliver(ReadOnlyMemory<byte> message)
    {
        try
        {
            if (AnswerId.Find(message.Span, out bool isNotification) is { } id)
            {
                // an answer that nobody waits for any more is dropped
                if (_waiting.TryGetValue(id, out TaskCompletionSource<byte[]>? waiting)) waiting.TrySetResult(message.ToArray());
                return;
            }

            if (isNotification) return;
        }
        catch (JsonException)
        {
            Break("an answer is no JSON", isTransient: false);
            return;
        }

        // "cannot be read" and the like have no id: with one call under way it is clear whose it is
        TaskCompletionSource<byte[]>[] all = [.. _waiting.Values.Distinct()];
        if (all.Length == 1) all[0].TrySetResult(message.ToArray());
        else Break("an answer has no id", isTransient: false);
    }

    private void Break(string problem, bool isTransient = true)
    {
        _fault ??= new RpcTransportException("WebSocket", _endpoint, problem, isTransient);
        foreach (TaskCompletionSource<byte[]> waiting in _waiting.Values) waiting.TrySetException(_fault);
        _socket.Abort();
    }

    public void Dispose()
    {
        _fault ??= new RpcTransportException("WebSocket", _endpoint, "the client was closed", isTransient: false);
        _end.Cancel();
        _socket.Dispose();
        _end.Dispose();
    }
}
