using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Opal.Benchmarks;

/// <summary>What a load gave.</summary>
/// <param name="Requests">Answers within the measured time.</param>
/// <param name="Seconds">The measured time.</param>
/// <param name="P50">The middle latency in seconds.</param>
/// <param name="P99">The latency that one answer in a hundred exceeds, in seconds.</param>
/// <param name="ServerCpu">Processor time the server's process took within the measured time, user and system, in seconds.</param>
/// <param name="LoadCpu">Processor time the load took, in seconds.</param>
/// <param name="Problem">What was wrong with an answer; null when nothing was.</param>
internal sealed record RpcLoadResult(long Requests, double Seconds, double P50, double P99, double ServerCpu, double LoadCpu, string? Problem)
{
    public double PerSecond => Requests / Seconds;

    /// <summary>Processor time of the server for one request, in seconds: what a machine that others share too can say of a server.</summary>
    public double? ServerCpuEach => Requests == 0 ? null : ServerCpu / Requests;

    /// <summary>Processor time of the load for one request, in seconds.</summary>
    public double? LoadCpuEach => Requests == 0 ? null : LoadCpu / Requests;
}

/// <summary>A closed loop of keep-alive connections: each sends its next request when the answer to the last is whole.</summary>
/// <remarks>One thread serves all connections, so that the load takes little of the processors it shares with the server.</remarks>
internal static class RpcLoad
{
    /// <summary>One answer in so many is looked at; the first of each connection always is.</summary>
    private const int CheckEvery = 32;

    private const int PatienceMicroseconds = 30_000_000;

    /// <summary>Runs a load on a loopback port.</summary>
    /// <param name="port">The server's.</param>
    /// <param name="connections">How many connections.</param>
    /// <param name="requests">The whole HTTP requests of a connection, in order; a connection stops when they end.</param>
    /// <param name="warmUp">Seconds before the measured time.</param>
    /// <param name="seconds">The measured time; where the requests end earlier, until then.</param>
    /// <param name="serverCpu">The processor time the server's process has taken so far, in seconds.</param>
    /// <exception cref="PeerException">The server closed a connection, or answers nothing for half a minute.</exception>
    public static RpcLoadResult Run(int port, int connections, Func<int, IEnumerable<ReadOnlyMemory<byte>>> requests, double warmUp, double seconds, Func<double> serverCpu)
    {
        var bySocket = new Dictionary<Socket, Connection>(connections);
        var latencies = new List<double>(1 << 16);
        double lastAnswer = 0, serverBefore = serverCpu(), loadBefore = Cpu(), serverUsed = 0, loadUsed = 0;
        bool isWarm = warmUp == 0;
        string? problem = null;
        try
        {
            for (int i = 0; i < connections; i++)
            {
                var connection = new Connection(port, requests(i).GetEnumerator());
                bySocket.Add(connection.Socket, connection);
            }

            long start = Clock.Now;
            double until = warmUp + seconds;
            var waiting = new List<Socket>(connections);
            foreach (Connection connection in bySocket.Values) connection.TrySendNext(0);
            while (problem is null)
            {
                if (!isWarm && Clock.Since(start) >= warmUp) (isWarm, serverBefore, loadBefore) = (true, serverCpu(), Cpu());
                waiting.Clear();
                foreach (Connection connection in bySocket.Values)
                {
                    if (connection.IsWaiting) waiting.Add(connection.Socket);
                }

                if (waiting.Count == 0) break;
                Socket.Select(waiting, null, null, PatienceMicroseconds);
                if (waiting.Count == 0) throw new PeerException("the server answers nothing any more");
                foreach (Socket socket in waiting)
                {
                    Connection connection = bySocket[socket];
                    if (!connection.TryReceive()) continue;
                    double now = Clock.Since(start);
                    problem ??= connection.Count % CheckEvery == 1 ? connection.Check() : null;
                    if (connection.SentAt >= warmUp && now <= until)
                    {
                        latencies.Add(now - connection.SentAt);
                        lastAnswer = now;
                    }

                    if (now < until) connection.TrySendNext(now);
                }

                if (Clock.Since(start) >= until) break;
            }

            (serverUsed, loadUsed) = (serverCpu() - serverBefore, Cpu() - loadBefore);
        }
        finally
        {
            foreach (Connection connection in bySocket.Values) connection.Dispose();
        }

        if (latencies.Count == 0) return new RpcLoadResult(0, seconds, 0, 0, serverUsed, loadUsed, problem ?? "no answer within the time");
        latencies.Sort();
        return new RpcLoadResult(latencies.Count, lastAnswer - warmUp, At(latencies, 0.5), At(latencies, 0.99), serverUsed, loadUsed, problem);
    }

    private static double Cpu() => Environment.CpuUsage.TotalTime.TotalSeconds;

    private static double At(List<double> sorted, double quantile) => sorted[Math.Min(sorted.Count - 1, (int)(sorted.Count * quantile))];

    private sealed class Connection : IDisposable
    {
        private readonly IEnumerator<ReadOnlyMemory<byte>> _requests;
        private byte[] _buffer = new byte[1 << 16];
        private int _have, _bodyStart, _bodyLength;

        public Connection(int port, IEnumerator<ReadOnlyMemory<byte>> requests)
        {
            _requests = requests;
            Socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            Socket.Connect(IPAddress.Loopback, port);
        }

        public Socket Socket { get; }

        /// <summary>Whether an answer is due.</summary>
        public bool IsWaiting { get; private set; }

        /// <summary>When the last request was sent.</summary>
        public double SentAt { get; private set; }

        /// <summary>Answers received.</summary>
        public long Count { get; private set; }

        public void TrySendNext(double now)
        {
            if (!_requests.MoveNext()) return;
            for (int sent = 0; sent < _requests.Current.Length;) sent += Socket.Send(_requests.Current.Span[sent..]);
            (IsWaiting, SentAt, _have, _bodyLength) = (true, now, 0, -1);
        }

        /// <summary>Takes what has come; true when the answer is whole.</summary>
        public bool TryReceive()
        {
            if (_have == _buffer.Length) Array.Resize(ref _buffer, _buffer.Length * 2);
            int read = Socket.Receive(_buffer.AsSpan(_have));
            if (read == 0) throw new PeerException("the server closed a connection");
            _have += read;
            if (_bodyLength < 0) FindBody();
            if (_bodyLength < 0 || _have < _bodyStart + _bodyLength) return false;
            IsWaiting = false;
            Count++;
            return true;
        }

        private void FindBody()
        {
            ReadOnlySpan<byte> answer = _buffer.AsSpan(0, _have);
            int end = answer.IndexOf("\r\n\r\n"u8);
            if (end < 0) return;
            Span<char> name = stackalloc char["content-length:".Length];
            foreach (Range line in answer[..end].SplitAny((byte)'\r', (byte)'\n'))
            {
                ReadOnlySpan<byte> field = answer[line];
                if (field.Length <= name.Length || Encoding.ASCII.GetChars(field[..name.Length], name) != name.Length) continue;
                if (!((ReadOnlySpan<char>)name).Equals("content-length:", StringComparison.OrdinalIgnoreCase)) continue;
                _bodyLength = int.Parse(field[name.Length..].Trim((byte)' '), System.Globalization.CultureInfo.InvariantCulture);
                _bodyStart = end + 4;
                return;
            }

            throw new PeerException("an answer has no content-length");
        }

        /// <summary>What is wrong with the answer; null when nothing is.</summary>
        public string? Check()
        {
            ReadOnlySpan<byte> body = _buffer.AsSpan(_bodyStart, _bodyLength);
            if (body.IndexOf("\"result\":"u8) >= 0 && body.IndexOf("\"error\":"u8) < 0 && body.IndexOf("\"result\":null"u8) < 0) return null;
            return "an answer is no result: " + Encoding.UTF8.GetString(body[..Math.Min(300, body.Length)]);
        }

        public void Dispose()
        {
            Socket.Dispose();
            _requests.Dispose();
        }
    }
}
