using System.Text.Json;
using System.Text.Unicode;

namespace Opal.JsonRpc;

/// <summary>The client's side of the wire format.</summary>
internal static class RpcWire
{
    /// <summary>Writes one request, or a batch; ids follow one another from <paramref name="firstId"/>.</summary>
    public static void WriteRequests(RpcBuffer buffer, IReadOnlyList<RpcRequest> requests, int firstId = 1)
    {
        using var writer = new Utf8JsonWriter(buffer, RpcBuffer.WriterOptions);
        if (requests.Count > 1) writer.WriteStartArray();
        for (int i = 0; i < requests.Count; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("jsonrpc"u8, "2.0"u8);
            writer.WriteNumber("id"u8, firstId + i);
            writer.WriteString("method"u8, requests[i].Method);
            writer.WriteStartArray("params"u8);
            requests[i].WriteParameters?.Invoke(writer);
            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        if (requests.Count > 1) writer.WriteEndArray();
    }

    /// <summary>Reads the answers and puts them in the order of the requests.</summary>
    /// <exception cref="RpcTransportException">The text is no answer to these requests.</exception>
    public static RpcReply[] ReadReplies(ReadOnlySpan<byte> utf8, IReadOnlyList<RpcRequest> requests, string endpoint, int firstId = 1)
    {
        try
        {
            return ReadAll(utf8, requests, endpoint, firstId);
        }
        catch (InvalidOperationException)
        {
            throw Malformed(requests, endpoint, "a string of the answer is no text");
        }
    }

    private static RpcReply[] ReadAll(ReadOnlySpan<byte> utf8, IReadOnlyList<RpcRequest> requests, string endpoint, int firstId)
    {
        JsonElement root;
        try
        {
            if (!Utf8.IsValid(utf8)) throw new JsonException("it is not UTF-8");
            root = JsonElement.Parse(utf8, new JsonDocumentOptions { MaxDepth = 512 });
        }
        catch (JsonException error)
        {
            throw Malformed(requests, endpoint, $"the answer is no JSON ({error.Message})");
        }

        if (root.ValueKind == JsonValueKind.Object)
        {
            RpcReply only = ReadOne(root, requests, endpoint);
            if (requests.Count == 1) return [only];
            if (only.Error is { } refusal) throw new RpcCallException(NameOf(requests), endpoint, refusal);
            throw Malformed(requests, endpoint, "a batch was answered with one object");
        }

        if (root.ValueKind != JsonValueKind.Array) throw Malformed(requests, endpoint, "the answer is no JSON-RPC object");
        var replies = new RpcReply[requests.Count];
        var seen = new bool[requests.Count];
        foreach (JsonElement item in root.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object) throw Malformed(requests, endpoint, "an item of the batch's answer is no object");
            RpcReply reply = ReadOne(item, requests, endpoint);
            if (!item.TryGetProperty("id"u8, out JsonElement id) || id.ValueKind != JsonValueKind.Number || !id.TryGetInt32(out int number) || number < firstId || number - firstId >= requests.Count)
            {
                if (reply.Error is { } refusal) throw new RpcCallException(NameOf(requests), endpoint, refusal);
                throw Malformed(requests, endpoint, "an item of the batch's answer has a foreign id");
            }

            replies[number - firstId] = reply;
            seen[number - firstId] = true;
        }

        int missing = Array.IndexOf(seen, false);
        if (missing >= 0) throw Malformed(requests, endpoint, $"the batch's answer lacks request {missing + 1} ({requests[missing].Method})");
        return replies;
    }

    private static RpcReply ReadOne(JsonElement answer, IReadOnlyList<RpcRequest> requests, string endpoint)
    {
        if (answer.TryGetProperty("error"u8, out JsonElement error) && error.ValueKind == JsonValueKind.Object)
        {
            int code = error.TryGetProperty("code"u8, out JsonElement c) && c.ValueKind == JsonValueKind.Number && c.TryGetInt32(out int given) ? given : RpcErrorCode.ServerError;
            string message = error.TryGetProperty("message"u8, out JsonElement m) && m.ValueKind == JsonValueKind.String ? m.GetString()! : "error without a message";
            string? data = !error.TryGetProperty("data"u8, out JsonElement d) || d.ValueKind == JsonValueKind.Null ? null
                : d.ValueKind == JsonValueKind.String ? d.GetString() : d.GetRawText();
            return new RpcReply(default, new RpcError(code, message, data));
        }

        return answer.TryGetProperty("result"u8, out JsonElement result)
            ? new RpcReply(result, null)
            : throw Malformed(requests, endpoint, "the answer has neither result nor error");
    }

    private static RpcTransportException Malformed(IReadOnlyList<RpcRequest> requests, string endpoint, string problem) =>
        new(NameOf(requests), endpoint, problem, isTransient: false);

    /// <summary>The method, or for a batch the first of them and the count.</summary>
    public static string NameOf(IReadOnlyList<RpcRequest> requests) =>
        requests.Count == 1 ? requests[0].Method : $"{requests[0].Method} (batch of {requests.Count})";
}
