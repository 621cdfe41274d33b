using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Opal.Benchmarks;

/// <summary>JSON-RPC over one kept connection, with nothing between the clock and the socket: requests are made before, answers read after.</summary>
internal sealed class LoopbackHttp : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(2);
    private readonly Socket _socket;
    private readonly int _port;
    private byte[] _buffer = new byte[1 << 16];
    private int _bodyStart;
    private int _bodyLength;

    /// <exception cref="SocketException">Nobody listens there.</exception>
    public LoopbackHttp(int port)
    {
        _port = port;
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = (int)Patience.TotalMilliseconds };
        try
        {
            _socket.Connect(IPAddress.Loopback, port);
        }
        catch (SocketException)
        {
            _socket.Dispose();
            throw;
        }
    }

    /// <summary>The body of the last answer; good until the next request.</summary>
    public ReadOnlySpan<byte> Body => _buffer.AsSpan(_bodyStart, _bodyLength);

    /// <summary>A whole request with this JSON body.</summary>
    public byte[] MakeRequest(string json)
    {
        byte[] body = Encoding.UTF8.GetBytes(json);
        byte[] head = Encoding.ASCII.GetBytes($"POST / HTTP/1.1\r\nHost: 127.0.0.1:{_port}\r\nContent-Type: application/json\r\nContent-Length: {body.Length}\r\n\r\n");
        return [.. head, .. body];
    }

    /// <summary>Sends a request and waits for its whole answer.</summary>
    /// <returns>Seconds from the first byte sent to the last received.</returns>
    /// <exception cref="IOException">The connection ended, or the answer is no HTTP with a length.</exception>
    public double Send(ReadOnlySpan<byte> request)
    {
        long begin = Clock.Now;
        for (int sent = 0; sent < request.Length;) sent += _socket.Send(request[sent..]);
        int have = 0;
        while (true)
        {
            if (have == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            int read = _socket.Receive(_buffer.AsSpan(have));
            if (read == 0) throw new IOException("the peer closed the connection");
            have += read;
            if (TryFindBody(_buffer.AsSpan(0, have)) && have >= _bodyStart + _bodyLength) break;
        }

        return Clock.Since(begin);
    }

    private bool TryFindBody(ReadOnlySpan<byte> answer)
    {
        int end = answer.IndexOf("\r\n\r\n"u8);
        if (end < 0) return false;
        string head = Encoding.ASCII.GetString(answer[..end]);
        foreach (string line in head.Split("\r\n"))
        {
            if (!line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase)) continue;
            _bodyLength = int.Parse(line.AsSpan("content-length:".Length).Trim(), System.Globalization.CultureInfo.InvariantCulture);
            _bodyStart = end + 4;
            return true;
        }

        throw new IOException($"the peer's answer has no length: {head}");
    }

    public void Dispose() => _socket.Dispose();
}
