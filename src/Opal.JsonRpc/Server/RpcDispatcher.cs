using System.Diagnostics;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>Answers JSON-RPC text with JSON-RPC text, whatever transport carried it.</summary>
internal sealed class RpcDispatcher(RpcRegistry registry, ILogger logger)
{
    [ThreadStatic]
    private static Utf8JsonWriter? _spareWriter;

    /// <summary>Writes the answer to <paramref name="request"/>, one request or a batch; nothing when only notifications were sent.</summary>
    /// <remarks>A method that answers at once is answered on the caller's thread, with nothing made on the way but what the method makes.</remarks>
    public ValueTask AnswerAsync(ReadOnlyMemory<byte> request, RpcContext context, RpcBuffer answer, CancellationToken cancellation)
    {
        if (!request.Span.ContainsAnyExcept(" \t\r\n"u8)) return default; // nothing asked, nothing answered
        if (!RpcRequestText.TryRead(request.Span, out RpcRequestText one, out int batch))
        {
            WriteError(answer, "null"u8, new RpcError(RpcErrorCode.ParseError, "parse error"));
            return default;
        }

        long started = Stopwatch.GetTimestamp();
        return batch < 0 ? AnswerOneAsync(one, request, context, answer, started, cancellation) : AnswerBatchAsync(batch, request, context, answer, started, cancellation);
    }

    private async ValueTask AnswerBatchAsync(int count, ReadOnlyMemory<byte> batch, RpcContext context, RpcBuffer answer, long started, CancellationToken aborted)
    {
        if (count == 0)
        {
            WriteError(answer, "null"u8, new RpcError(RpcErrorCode.InvalidRequest, "empty batch"));
            return;
        }

        if (context.Rules is { MaxBatchItems: > 0 and var limit } && count > limit)
        {
            RefuseBatch(count, batch.Span, answer);
            return;
        }

        answer.Append("["u8);
        bool any = false, full = false;
        for (int i = 0, at = 0; i < count; i++)
        {
            RpcRequestText item = RpcRequestText.ReadItem(batch.Span, at);
            at = item.End;
            int before = answer.Length;
            if (any) answer.Append(","u8);
            int start = answer.Length;
            if (full) RefuseOversized(batch.Span[item.Id], answer);
            else await AnswerOneAsync(item, batch, context, answer, started, aborted);
            if (answer.Length == start)
            {
                answer.Truncate(before);
                continue;
            }

            full = full || context.Rules is { MaxBatchResponseBytes: > 0 and var size } && answer.Length > size; // the answer that crossed the line is kept
            any = true;
        }

        if (any) answer.Append("]"u8);
        else answer.Truncate(0);
    }

    /// <summary>One error for all, under the id of the first call, inside an array as the answer to a batch is.</summary>
    private static void RefuseBatch(int count, ReadOnlySpan<byte> batch, RpcBuffer answer)
    {
        ReadOnlySpan<byte> id = default;
        for (int i = 0, at = 0; i < count && id.IsEmpty; i++)
        {
            RpcRequestText item = RpcRequestText.ReadItem(batch, at);
            at = item.End;
            id = batch[item.Id];
        }

        answer.Append("["u8);
        WriteError(answer, OrNull(id), new RpcError(RpcErrorCode.InvalidRequest, "batch too large"));
        answer.Append("]"u8);
    }

    private static void RefuseOversized(ReadOnlySpan<byte> id, RpcBuffer answer)
    {
        if (!id.IsEmpty) WriteError(answer, id, new RpcError(RpcErrorCode.ResponseTooLarge, "response too large"));
    }

    private static ReadOnlySpan<byte> OrNull(ReadOnlySpan<byte> id) => id.IsEmpty ? "null"u8 : id;

    private ValueTask AnswerOneAsync(in RpcRequestText request, ReadOnlyMemory<byte> text, RpcContext context, RpcBuffer answer, long started, CancellationToken aborted)
    {
        ReadOnlySpan<byte> id = text.Span[request.Id];
        string? decoded = null;
        if (request.IsBroken || request.IsMethodEscaped && request.IsRequest(text.Length) && !TryDecode(text.Span[request.Method], out decoded))
        {
            // An escape that spells half of a character, which the parser finds only when the text is read.
            WriteError(answer, "null"u8, new RpcError(RpcErrorCode.InvalidRequest, "invalid request: a string is no text"));
            return default;
        }

        if (!request.IsRequest(text.Length))
        {
            WriteError(answer, OrNull(id), new RpcError(RpcErrorCode.InvalidRequest, "invalid request"));
            return default;
        }

        ReadOnlySpan<byte> name = decoded is null ? text.Span[request.Method][1..^1] : Encoding.UTF8.GetBytes(decoded);
        if (!registry.TryGet(name, out RpcMethod? method) || context.Rules?.Serves(method.Namespace) == false)
        {
            if (request.HasId) WriteError(answer, id, new RpcError(RpcErrorCode.MethodNotFound, $"the method {Encoding.UTF8.GetString(name)} does not exist/is not available"));
            return default;
        }

        if (method.AtOnce is not { } handler) return AnswerWaitingAsync(method, request, text, context, answer, started, aborted);
        using RpcParamsText? parameters = ParamsOf(request, text);
        RpcResult result;
        try
        {
            result = handler(RpcParams.From(parameters, request.IsParamsArray));
        }
        catch (Exception error)
        {
            result = RpcResult.Fail(Classify(method.Name, error, aborted, default));
        }

        Finish(method, request, result, id, context, answer, started, aborted, default);
        return default;
    }

    /// <summary>A method that waits, or looks at its token: it leaves the thread that received it, so that a caller who goes away is noticed while it works.</summary>
    private async ValueTask AnswerWaitingAsync(
        RpcMethod method, RpcRequestText request, ReadOnlyMemory<byte> text, RpcContext context, RpcBuffer answer, long started, CancellationToken aborted)
    {
        if (context.Transport is RpcTransport.Http or RpcTransport.WebSocket) await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        using CancellationTokenSource? limit = context.Rules is { } rules ? Limit(rules.RequestTimeout - Stopwatch.GetElapsedTime(started), aborted) : null;
        CancellationToken timed = limit?.Token ?? aborted;
        using RpcParamsText? parameters = ParamsOf(request, text);
        RpcResult result;
        try
        {
            result = await method.Handler(RpcParams.From(parameters, request.IsParamsArray), context, timed);
        }
        catch (Exception error)
        {
            result = RpcResult.Fail(Classify(method.Name, error, aborted, timed));
        }

        Finish(method, request, result, text.Span[request.Id], context, answer, started, aborted, timed);
    }

    private static CancellationTokenSource Limit(TimeSpan left, CancellationToken aborted)
    {
        var limit = CancellationTokenSource.CreateLinkedTokenSource(aborted);
        limit.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
        return limit;
    }

    private static RpcParamsText? ParamsOf(in RpcRequestText request, ReadOnlyMemory<byte> text)
    {
        ReadOnlyMemory<byte> given = text[request.Params];
        return given.IsEmpty ? null : new RpcParamsText(given);
    }

    private static bool TryDecode(ReadOnlySpan<byte> quoted, out string? decoded)
    {
        var reader = new Utf8JsonReader(quoted);
        reader.Read();
        try
        {
            decoded = reader.GetString();
            return true;
        }
        catch (InvalidOperationException)
        {
            decoded = null;
            return false;
        }
    }

    /// <summary>Writes what came of a call, unless nobody asked.</summary>
    private void Finish(
        RpcMethod method, in RpcRequestText request, RpcResult result, ReadOnlySpan<byte> id, RpcContext context, RpcBuffer answer, long started, CancellationToken aborted, CancellationToken timed)
    {
        if (logger.IsEnabled(LogLevel.Trace))
        {
            logger.LogTrace("Served {Method} for {Remote} at {Endpoint} in {Milliseconds:F1} ms", method.Name, context.RemoteAddress, context.Endpoint,
                Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }

        if (!request.HasId) return;
        if (result.Error is { } error)
        {
            WriteError(answer, id, error);
            return;
        }

        int start = answer.Length;
        try
        {
            answer.Append("{\"jsonrpc\":\"2.0\",\"id\":"u8);
            answer.Append(id);
            answer.Append(",\"result\":"u8);
            WriteValue(answer, result);
            answer.Append("}"u8);
        }
        catch (Exception fault)
        {
            answer.Truncate(start);
            WriteError(answer, id, Classify(method.Name, fault, aborted, timed));
        }
    }

    /// <summary>Writes a value with the thread's writer. One that a fault interrupted is not used again.</summary>
    private static void WriteValue(RpcBuffer answer, in RpcResult result)
    {
        if (result.TryWriteTo(answer)) return;
        Utf8JsonWriter? writer = _spareWriter;
        _spareWriter = null;
        if (writer is null) writer = new Utf8JsonWriter(answer, RpcBuffer.WriterOptions);
        else writer.Reset(answer);
        result.WriteTo(writer);
        writer.Flush();
        _spareWriter = writer;
    }

    /// <summary>No exception leaves the server: it becomes an error object here, and a log line when it is a fault of ours.</summary>
    private RpcError Classify(string method, Exception error, CancellationToken aborted, CancellationToken timed)
    {
        switch (error)
        {
            case RpcException refused: return refused.Error;
            case JsonFormatException malformed: return new RpcError(RpcErrorCode.InvalidParams, malformed.Message);
            case OperationCanceledException when aborted.IsCancellationRequested: return new RpcError(RpcErrorCode.ServerError, "request cancelled");
            case OperationCanceledException when timed.IsCancellationRequested: return new RpcError(RpcErrorCode.TimedOut, "request timed out");
            default:
                logger.LogError(error, "Method {Method} failed: {Message}", method, error.Message);
                return new RpcError(RpcErrorCode.InternalError, $"internal error in {method}: {error.Message}");
        }
    }

    public static void WriteError(RpcBuffer answer, ReadOnlySpan<byte> rawId, RpcError error)
    {
        answer.Append("{\"jsonrpc\":\"2.0\",\"id\":"u8);
        answer.Append(rawId);
        answer.Append(",\"error\":"u8);
        using (var writer = new Utf8JsonWriter(answer, RpcBuffer.WriterOptions))
        {
            writer.WriteStartObject();
            writer.WriteNumber("code"u8, error.Code);
            writer.WriteString("message"u8, error.Message);
            if (error.Data is not null) writer.WriteString("data"u8, error.Data);
            writer.WriteEndObject();
        }

        answer.Append("}"u8);
    }
}
