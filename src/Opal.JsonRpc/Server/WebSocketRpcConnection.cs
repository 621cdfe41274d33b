using System.Net.WebSockets;
using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>One WebSocket.</summary>
internal sealed class WebSocketRpcConnection(WebSocket socket, RpcEndpoint endpoint, RpcDispatcher dispatcher, string? remote, ILogger logger)
    : RpcConnection(endpoint, RpcTransport.WebSocket, dispatcher, remote, logger)
{
    protected override bool AnswersAfterEnd => false;

    protected override async ValueTask<bool> TryReadMessageAsync(RpcBuffer message, CancellationToken cancellation)
    {
        while (true)
        {
            ValueWebSocketReceiveResult part = await socket.ReceiveAsync(message.GetMemory(4096), cancellation);
            if (part.MessageType == WebSocketMessageType.Close) return false;
            message.Advance(part.Count);
            if (message.Length > Endpoint.MaxWebSocketMessageBytes)
            {
                await socket.CloseOutputAsync(WebSocketCloseStatus.MessageTooBig, $"messages are limited to {Endpoint.MaxWebSocketMessageBytes} bytes", cancellation);
                return false;
            }

            if (part.EndOfMessage) return true;
        }
    }

    protected override ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation) =>
        socket.SendAsync(message, WebSocketMessageType.Text, WebSocketMessageFlags.EndOfMessage, cancellation);

    protected override async ValueTask CloseAsync()
    {
        if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived)) return;
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        try
        {
            await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, limit.Token);
        }
        catch (Exception error) when (IsEnd(error))
        {
            Logger.LogDebug("Connection of {Remote} was gone before its close: {Reason}", Remote, error.Message);
        }
    }
}
