using System.Net.Sockets;
using System.Text.Json;
using Opal.JsonRpc;

namespace Opal.Cli.Attach;

/// <summary>Calls a client on its IPC socket, one call at a time.</summary>
internal sealed class IpcRpcClient : IRpcClient, IDisposable
{
    private readonly Socket _socket;
    private readonly StreamReader _reader;
    private int _id;

    private IpcRpcClient(Socket socket, string path)
    {
        (_socket, Endpoint) = (socket, path);
        _reader = new StreamReader(new NetworkStream(socket));
    }

    /// <summary>Connects.</summary>
    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static async Task<IpcRpcClient> ConnectAsync(string path, CancellationToken cancellation)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            await socket.ConnectAsync(new UnixDomainSocketEndPoint(path), cancellation);
            return new IpcRpcClient(socket, path);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public string Endpoint { get; }

    /// <inheritdoc/>
    public async Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
    {
        var replies = new RpcReply[requests.Count];
        for (int i = 0; i < replies.Length; i++) replies[i] = await CallAsync(requests[i], cancellation);
        return replies;
    }

    private async Task<RpcReply> CallAsync(RpcRequest request, CancellationToken cancellation)
    {
        try
        {
            await _socket.SendAsync(Encode(request, ++_id), cancellation);
            string line = await _reader.ReadLineAsync(cancellation) ?? throw new RpcTransportException(request.Method, Endpoint, "the connection was closed", isTransient: true);
            JsonElement answer = JsonElement.Parse(line);
            if (answer.TryGetProperty("error", out JsonElement error)) return new RpcReply(default, new RpcError(error.GetProperty("code").GetInt32(), error.GetProperty("message").GetString() ?? ""));
            return new RpcReply(answer.GetProperty("result"), null);
        }
        catch (Exception error) when (error is SocketException or IOException or JsonException or KeyNotFoundException)
        {
            throw new RpcTransportException(request.Method, Endpoint, error.Message, isTransient: true, error);
        }
    }

    private static byte[] Encode(RpcRequest request, int id)
    {
        using var text = new MemoryStream();
        using (var json = new Utf8JsonWriter(text))
        {
            json.WriteStartObject();
            json.WriteString("jsonrpc"u8, "2.0"u8);
            json.WriteNumber("id"u8, id);
            json.WriteString("method"u8, request.Method);
            json.WriteStartArray("params"u8);
            request.WriteParameters?.Invoke(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return text.ToArray();
    }

    public void Dispose()
    {
        _reader.Dispose();
        _socket.Dispose();
    }
}
