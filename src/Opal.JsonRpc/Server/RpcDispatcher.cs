using System.Diagnostics;
using System.Runtime.InteropServices;
using System.Text.Json;
using System.Text.Unicode;
using Microsoft.Extensions.Logging;

namespace Opal.JsonRpc;

/// <summary>Answers JSON-RPC text with JSON-RPC text, whatever transport carried it.</summary>
internal sealed class RpcDispatcher(RpcRegistry registry, ILogger logger)
{
    private static readonly JsonDocumentOptions Parsing = new() { MaxDepth = 256 };

    /// <summary>Writes the answer to <paramref name="request"/>, one request or a batch; nothing when only notifications were sent.</summary>
    public async ValueTask AnswerAsync(ReadOnlyMemory<byte> request, RpcContext context, RpcBuffer answer, CancellationToken cancellation)
    {
        JsonDocument document;
        try
        {
            if (request.Span.Trim(" \t\r\n"u8).IsEmpty) return; // nothing asked, nothing answered
            if (!Utf8.IsValid(request.Span)) throw new JsonException("not UTF-8");
            document = JsonDocument.Parse(request, Parsing);
        }
        catch (JsonException)
        {
            WriteError(answer, "null"u8, new RpcError(RpcErrorCode.ParseError, "parse error"));
            return;
        }

        using (document)
        {
            using var timed = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            if (context.Rules is { } rules) timed.CancelAfter(rules.RequestTimeout);
            if (document.RootElement.ValueKind == JsonValueKind.Array) await AnswerBatchAsync(document.RootElement, context, answer, cancellation, timed.Token);
            else await AnswerOneAsync(document.RootElement, context, answer, cancellation, timed.Token);
        }
    }

    private async ValueTask AnswerBatchAsync(JsonElement batch, RpcContext context, RpcBuffer answer, CancellationToken aborted, CancellationToken timed)
    {
        int count = batch.GetArrayLength();
        if (count == 0)
        {
            WriteError(answer, "null"u8, new RpcError(RpcErrorCode.InvalidRequest, "empty batch"));
            return;
        }

        if (context.Rules is { MaxBatchItems: > 0 and var limit } && count > limit)
        {
            RefuseBatch(batch, answer);
            return;
        }

        answer.Append("["u8);
        bool any = false, full = false;
        foreach (JsonElement item in batch.EnumerateArray())
        {
            int before = answer.Length;
            if (any) answer.Append(","u8);
            int start = answer.Length;
            if (full) RefuseOversized(item, answer);
            else await AnswerOneAsync(item, context, answer, aborted, timed);
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
    private static void RefuseBatch(JsonElement batch, RpcBuffer answer)
    {
        ReadOnlySpan<byte> id = "null"u8;
        foreach (JsonElement item in batch.EnumerateArray())
        {
            if (!TryGetId(item, out ReadOnlySpan<byte> found)) continue;
            id = found;
            break;
        }

        answer.Append("["u8);
        WriteError(answer, id, new RpcError(RpcErrorCode.InvalidRequest, "batch too large"));
        answer.Append("]"u8);
    }

    private static void RefuseOversized(JsonElement request, RpcBuffer answer)
    {
        if (TryGetId(request, out ReadOnlySpan<byte> id)) WriteError(answer, id, new RpcError(RpcErrorCode.ResponseTooLarge, "response too large"));
    }

    private static bool TryGetId(JsonElement request, out ReadOnlySpan<byte> id)
    {
        id = default;
        if (request.ValueKind != JsonValueKind.Object || !request.TryGetProperty("id"u8, out JsonElement value)) return false;
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number or JsonValueKind.Null)) return false;
        id = JsonMarshal.GetRawUtf8Value(value);
        return true;
    }

    private async ValueTask AnswerOneAsync(JsonElement request, RpcContext context, RpcBuffer answer, CancellationToken aborted, CancellationToken timed)
    {
        string? method;
        bool isCall;
        try
        {
            method = MethodOf(request);
            isCall = request.ValueKind == JsonValueKind.Object && request.TryGetProperty("id"u8, out _);
            if (method is null || isCall && !TryGetId(request, out _))
            {
                WriteError(answer, TryGetId(request, out ReadOnlySpan<byte> id) ? id : "null"u8, new RpcError(RpcErrorCode.InvalidRequest, "invalid request"));
                return;
            }
        }
        catch (InvalidOperationException)
        {
            // An escape that spells half of a character, which the parser finds only when the text is read.
            WriteError(answer, "null"u8, new RpcError(RpcErrorCode.InvalidRequest, "invalid request: a string is no text"));
            return;
        }

        RpcResult result = await CallAsync(method, request, context, aborted, timed);
        if (!isCall) return;
        TryGetId(request, out ReadOnlySpan<byte> rawId);
        if (result.Error is { } error)
        {
            WriteError(answer, rawId, error);
            return;
        }

        int start = answer.Length;
        try
        {
            answer.Append("{\"jsonrpc\":\"2.0\",\"id\":"u8);
            answer.Append(rawId);
            answer.Append(",\"result\":"u8);
            using (var writer = new Utf8JsonWriter(answer, RpcBuffer.WriterOptions)) result.WriteTo(writer);
            answer.Append("}"u8);
        }
        catch (Exception fault)
        {
            answer.Truncate(start);
            WriteError(answer, rawId, Classify(method, fault, aborted, timed));
        }
    }

    /// <summary>The method of a well-formed request, else null.</summary>
    private static string? MethodOf(JsonElement request) =>
        request.ValueKind == JsonValueKind.Object
        && request.TryGetProperty("jsonrpc"u8, out JsonElement version) && version.ValueKind == JsonValueKind.String && version.ValueEquals("2.0"u8)
        && request.TryGetProperty("method"u8, out JsonElement name) && name.ValueKind == JsonValueKind.String && !name.ValueEquals(""u8)
            ? name.GetString() : null;

    private async ValueTask<RpcResult> CallAsync(string method, JsonElement request, RpcContext context, CancellationToken aborted, CancellationToken timed)
    {
        if (!registry.TryGet(method, out RpcHandler? handler) || context.Rules?.Serves(RpcRegistry.NamespaceOf(method)) == false)
        {
            return RpcResult.Fail(RpcErrorCode.MethodNotFound, $"the method {method} does not exist/is not available");
        }

        long started = Stopwatch.GetTimestamp();
        try
        {
            RpcParams parameters = RpcParams.From(request.TryGetProperty("params"u8, out JsonElement given) ? given : default);
            return await handler(parameters, context, timed);
        }
        catch (Exception error)
        {
            return RpcResult.Fail(Classify(method, error, aborted, timed));
        }
        finally
        {
            if (logger.IsEnabled(LogLevel.Trace))
            {
                logger.LogTrace("Served {Method} for {Remote} at {Endpoint} in {Milliseconds:F1} ms", method, context.RemoteAddress, context.Endpoint,
                    Stopwatch.GetElapsedTime(started).TotalMilliseconds);
            }
        }
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
