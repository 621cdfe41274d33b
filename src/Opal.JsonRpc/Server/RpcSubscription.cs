using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace Opal.JsonRpc;

/// <summary>One running subscription: the way back to one subscriber.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A source without timer or link holds nothing to free, and its token may be asked for after the end.")]
public sealed class RpcSubscription
{
    private readonly string _method;
    private readonly Func<byte[], bool> _send;
    private readonly CancellationTokenSource _closed = new();
    private readonly Lock _gate = new();
    private List<byte[]>? _held = [];

    internal RpcSubscription(string id, string method, Func<byte[], bool> send) => (Id, _method, _send) = (id, method, send);

    /// <summary>The subscription's id, 0x text.</summary>
    public string Id { get; }

    /// <summary>Cancelled when the subscriber unsubscribed or the connection ended.</summary>
    public CancellationToken Closed => _closed.Token;

    /// <summary>Sends a notification. Never blocks.</summary>
    /// <param name="writeResult">Writes the notification's <c>result</c>: exactly one JSON value.</param>
    /// <returns>False when the subscription is closed, or was closed now because the subscriber reads too slowly.</returns>
    public bool TryNotify(Action<Utf8JsonWriter> writeResult)
    {
        if (_closed.IsCancellationRequested) return false;
        using var buffer = new RpcBuffer();
        using (var writer = new Utf8JsonWriter(buffer, RpcBuffer.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc"u8, "2.0"u8);
            writer.WriteString("method"u8, _method);
            writer.WriteStartObject("params"u8);
            writer.WriteString("subscription"u8, Id);
            writer.WritePropertyName("result"u8);
            writeResult(writer);
            writer.WriteEndObject();
            writer.WriteEndObject();
        }

        byte[] message = buffer.Written.ToArray();
        lock (_gate)
        {
            if (_held is not null)
            {
                if (_held.Count >= MaxHeld) return false;
                _held.Add(message);
                return true;
            }

            return _send(message);
        }
    }

    private const int MaxHeld = 10_000;

    internal void Activate()
    {
        lock (_gate)
        {
            if (_held is null) return;
            foreach (byte[] message in _held) _send(message);
            _held = null;
        }
    }

    internal void Close() => _closed.Cancel();
}
