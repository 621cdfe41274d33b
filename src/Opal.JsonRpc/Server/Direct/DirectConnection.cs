using System.Buffers;
using System.Buffers.Text;
using System.IO.Pipelines;
using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Opal.JsonRpc;

/// <summary>One connection that sends plain requests: reads, answers and writes them one after another, without an object a request.</summary>
internal sealed class DirectConnection : IDisposable
{
    /// <summary>Larger answers are written in parts of this size, as fast as the caller takes them.</summary>
    private const int MaxPart = 1024 * 1024;

    private const int MaxHeadRest = 32; // digits of a length, two line ends
    private static readonly long KeepAliveMilliseconds = (long)HttpHost.KeepAlive.TotalMilliseconds;
    private static readonly long PartialMilliseconds = (long)DirectHttp.PartialTimeout.TotalMilliseconds;

    // the limits of the HTTP server for callers that do not take their answer
    private const long WriteGraceMilliseconds = 5000;
    private const long WriteBytesPerSecond = 240;

    private readonly DirectHttp _http;
    private readonly ConnectionContext _connection;
    private readonly PipeReader _input;
    private readonly PipeWriter _output;
    private readonly RpcContext _context;
    private readonly RpcBuffer _answer = new(0);
    private readonly RpcBuffer _joined = new(0);
    private volatile bool _isStopping;
    private long _readDeadline = long.MaxValue;
    private long _writeDeadline = long.MaxValue;
    private int _needed;

    public DirectConnection(DirectHttp http, ConnectionContext connection)
    {
        (_http, _connection, _input, _output) = (http, connection, connection.Transport.Input, connection.Transport.Output);
        _context = new RpcContext
        {
            Endpoint = http.Endpoint.Name,
            Transport = RpcTransport.Http,
            RemoteAddress = (connection.RemoteEndPoint as IPEndPoint)?.Address.ToString(),
            Rules = http.Endpoint,
        };
    }

    /// <summary>Ends waits that are too long. Called about once a second, from any thread.</summary>
    public void CheckTime(long now)
    {
        if (now >= Volatile.Read(ref _readDeadline)) Wake();
        if (now >= Volatile.Read(ref _writeDeadline)) _connection.Abort(new ConnectionAbortedException("the caller takes its answer too slowly"));
    }

    /// <summary>Serves until the connection is over (true), or its next bytes are for the HTTP server (false).</summary>
    public async Task<bool> RunAsync()
    {
        using CancellationTokenRegistration closing = _connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested.UnsafeRegister(
            static state => ((DirectConnection)state!).Stop(), this) ?? default;
        try
        {
            return await ServeAsync();
        }
        catch (Exception error) when (error is IOException or OperationCanceledException)
        {
            return true; // the caller went away
        }
    }

    public void Dispose()
    {
        _answer.Dispose();
        _joined.Dispose();
    }

    private void Stop()
    {
        _isStopping = true;
        Wake();
    }

    /// <summary>Ends a wait for bytes, on another thread: what follows may take long. Where none waits any more, one read is cut short for nothing.</summary>
    private void Wake() => ThreadPool.UnsafeQueueUserWorkItem(static input => input.CancelPendingRead(), _input, preferLocal: false);

    private async Task<bool> ServeAsync()
    {
        long partialUntil = 0, examined = 0; // when the rest of a request must be here, and how much of it is; 0 between requests
        while (true)
        {
            bool isLate = false;
            if (!_input.TryRead(out ReadResult read))
            {
                long deadline = partialUntil > 0 ? partialUntil : Environment.TickCount64 + KeepAliveMilliseconds;
                Volatile.Write(ref _readDeadline, deadline);
                read = await _input.ReadAsync();
                Volatile.Write(ref _readDeadline, long.MaxValue);
                isLate = Environment.TickCount64 >= deadline;
            }

            ReadOnlySequence<byte> bytes = read.Buffer;
            if (bytes.IsEmpty)
            {
                _input.AdvanceTo(bytes.Start);
                if (read.IsCompleted || _isStopping || isLate) return true;
                continue;
            }

            DirectVerdict verdict = Look(bytes, out ReadOnlyMemory<byte> body, out long end);
            if (verdict == DirectVerdict.Whole)
            {
                await _http.Dispatcher.AnswerAsync(body, _context, _answer, _connection.ConnectionClosed);
                _input.AdvanceTo(bytes.GetPosition(end));
                _joined.Release();
                bool isOver = await WriteAsync();
                if (isOver || _isStopping) return true;
                partialUntil = examined = 0;
                continue;
            }

            _joined.Release();
            if (verdict == DirectVerdict.Other || read.IsCompleted || _isStopping || (partialUntil > 0 && isLate))
            {
                _connection.Transport = new ContinuedTransport(_connection.Transport, read, examined);
                return false;
            }

            if (partialUntil == 0) partialUntil = Environment.TickCount64 + PartialMilliseconds;
            _input.AdvanceTo(bytes.Start, bytes.End);
            examined = bytes.Length;
        }
    }

    /// <summary>Judges what has arrived.</summary>
    /// <param name="bytes">All of it.</param>
    /// <param name="body">The body, when it is whole.</param>
    /// <param name="end">Where the request ends, when it is whole.</param>
    private DirectVerdict Look(in ReadOnlySequence<byte> bytes, out ReadOnlyMemory<byte> body, out long end)
    {
        (body, end) = (default, 0);
        if (bytes.Length < _needed) return DirectVerdict.Partial; // its head has been read before
        ReadOnlyMemory<byte> text = bytes.First;
        if (!bytes.IsSingleSegment) text = Join(bytes);
        DirectVerdict verdict = DirectHead.Read(text.Span, _http.RequestLine, Math.Min(_http.Endpoint.MaxRequestBytes, DirectHttp.MaxBody), out DirectHead head);
        _needed = 0;
        if (head.BodyStart == 0) return verdict;
        if (!_http.AllowsHost(head.Host)) return DirectVerdict.Other;
        if (verdict == DirectVerdict.Partial)
        {
            _needed = head.BodyStart + head.BodyLength;
            return verdict;
        }

        body = text.Slice(head.BodyStart, head.BodyLength);
        end = head.BodyStart + head.BodyLength;
        return verdict;
    }

    /// <summary>As much as a plain request can have, in one piece.</summary>
    private ReadOnlyMemory<byte> Join(in ReadOnlySequence<byte> bytes)
    {
        int length = (int)Math.Min(bytes.Length, DirectHead.MaxHead + DirectHttp.MaxBody);
        bytes.Slice(0, length).CopyTo(_joined.GetSpan(length));
        _joined.Advance(length);
        return _joined.Written;
    }

    /// <summary>Writes the answer with its head.</summary>
    /// <returns>Whether the caller takes no more.</returns>
    private async ValueTask<bool> WriteAsync()
    {
        int length = _answer.Length, first = Math.Min(length, MaxPart);
        Begin(first);
        bool isOver = await FlushAsync(first);
        for (int at = first; at < length && !isOver; at += MaxPart)
        {
            int part = Math.Min(MaxPart, length - at);
            _answer.Written.Span.Slice(at, part).CopyTo(_output.GetSpan(part));
            _output.Advance(part);
            isOver = await FlushAsync(part);
        }

        _answer.Release();
        return isOver;
    }

    /// <summary>The head and the first bytes of the answer, in one piece.</summary>
    private void Begin(int count)
    {
        byte[] head = _http.Head;
        Span<byte> span = _output.GetSpan(head.Length + MaxHeadRest + count);
        head.CopyTo(span);
        int at = head.Length;
        Utf8Formatter.TryFormat(_answer.Length, span[at..], out int digits);
        at += digits;
        "\r\n\r\n"u8.CopyTo(span[at..]);
        at += 4;
        _answer.Written.Span[..count].CopyTo(span[at..]);
        _output.Advance(at + count);
    }

    private async ValueTask<bool> FlushAsync(int count)
    {
        ValueTask<FlushResult> flush = _output.FlushAsync();
        if (!flush.IsCompleted) Volatile.Write(ref _writeDeadline, Environment.TickCount64 + WriteGraceMilliseconds + (count * 1000L / WriteBytesPerSecond));
        FlushResult result = await flush;
        Volatile.Write(ref _writeDeadline, long.MaxValue);
        return result.IsCompleted;
    }
}
