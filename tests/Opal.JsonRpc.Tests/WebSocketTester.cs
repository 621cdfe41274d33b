using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Opal.JsonRpc.Tests;

/// <summary>A WebSocket caller for tests.</summary>
internal sealed class WebSocketTester : IAsyncDisposable
{
    private readonly ClientWebSocket _socket = new();
    private readonly CancellationTokenSource _limit = new(TimeSpan.FromSeconds(20));

    public static async Task<WebSocketTester> ConnectAsync(int port, Action<ClientWebSocketOptions>? change = null)
    {
        var tester = new WebSocketTester();
        change?.Invoke(tester._socket.Options);
        await tester._socket.ConnectAsync(new Uri($"ws://127.0.0.1:{port}/"), tester._limit.Token);
        return tester;
    }

    public async Task SendAsync(string text) => await _socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, _limit.Token);

    public async Task<JsonElement> ReceiveAsync()
    {
        using var message = new MemoryStream();
        var part = new byte[4096];
        while (true)
        {
            WebSocketReceiveResult result = await _socket.ReceiveAsync(part, _limit.Token);
            Assert.NotEqual(WebSocketMessageType.Close, result.MessageType);
            message.Write(part, 0, result.Count);
            if (result.EndOfMessage) return JsonElement.Parse(message.ToArray());
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket.State == WebSocketState.Open) await _socket.CloseAsync(WebSocketCloseStatus.NormalClosure, null, _limit.Token);
        _socket.Dispose();
        _limit.Dispose();
    }
}
