using System.Net.Sockets;
using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>One caller of the IPC socket: JSON values one after another, both ways; answers end with a newline.</summary>
internal sealed class IpcRpcConnection(Socket socket, RpcEndpoint endpoint, RpcDispatcher dispatcher, ILogger logger)
    : RpcConnection(endpoint, RpcTransport.Ipc, dispatcher, "ipc", logger)
{
    private static readonly byte[] NewLine = "\n"u8.ToArray();

    private readonly byte[] _chunk = new byte[16 * 1024];
    private JsonStreamSplitter _splitter;
    private int _at;
    private int _end;

    /// <summary>A script sends its requests, closes its side and waits for the answers.</summary>
    protected override bool AnswersAfterEnd => true;

    protected override async ValueTask<bool> TryReadMessageAsync(RpcBuffer message, CancellationToken cancellation)
    {
        while (true)
        {
            if (_at == _end)
            {
                (_at, _end) = (0, await socket.ReceiveAsync(_chunk, SocketFlags.None, cancellation));
                if (_end == 0)
                {
                    if (_splitter.IsInside) Refuse(RpcErrorCode.ParseError, "parse error");
                    return false;
                }
            }

            JsonStreamSplitter.Outcome outcome = _splitter.Scan(_chunk.AsSpan(_at, _end - _at), out int skipped, out int used);
            message.Append(_chunk.AsSpan(_at + skipped, used - skipped));
            _at += used;
            if (message.Length > Endpoint.MaxWebSocketMessageBytes)
            {
                Refuse(RpcErrorCode.InvalidRequest, $"messages are limited to {Endpoint.MaxWebSocketMessageBytes} bytes");
                return false;
            }

            switch (outcome)
            {
                case JsonStreamSplitter.Outcome.Complete:
                    return true;
                case JsonStreamSplitter.Outcome.Malformed:
                    Refuse(RpcErrorCode.ParseError, "parse error"); // where the next value begins cannot be known
                    return false;
            }
        }
    }

    private void Refuse(int code, string message)
    {
        using var answer = new RpcBuffer(128);
        RpcDispatcher.WriteError(answer, "null"u8, new RpcError(code, message));
        TrySend(answer.Written.ToArray());
    }

    protected override async ValueTask SendAsync(ReadOnlyMemory<byte> message, CancellationToken cancellation)
    {
        await SendAllAsync(message, cancellation);
        await SendAllAsync(NewLine, cancellation);
    }

    private async ValueTask SendAllAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (bytes.Length > 0) bytes = bytes[await socket.SendAsync(bytes, SocketFlags.None, cancellation)..];
    }

    protected override ValueTask CloseAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
