using System.Text.Json;
using System.Text.Json.Nodes;
using Opal.JsonRpc;

namespace Opal.Node.Tests;

/// <summary>An L1 provider in this process: counts what it is asked, may lack methods, fail, be slow, and give other answers than the true ones.</summary>
internal abstract class ScriptedRpc(string name) : IRpcClient
{
    private readonly Lock _lock = new();
    private readonly List<string> _calls = [];

    public string Endpoint => name;

    /// <summary>Methods that are answered with "method not found".</summary>
    public HashSet<string> Lacks { get; } = [];

    /// <summary>Runs before every answer, with the method; throws or waits to play a fault.</summary>
    public Func<string, CancellationToken, Task>? Before { get; set; }

    /// <summary>An error in the place of an answer; null for none.</summary>
    public Func<string, RpcError?>? Error { get; set; }

    /// <summary>Changes an answer.</summary>
    public Func<string, JsonNode, JsonNode?>? Tamper { get; set; }

    /// <summary>The methods asked for so far, the items of a batch singly.</summary>
    public string[] Calls
    {
        get
        {
            lock (_lock) return [.. _calls];
        }
    }

    public void Forget()
    {
        lock (_lock) _calls.Clear();
    }

    public async Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
    {
        var replies = new RpcReply[requests.Count];
        for (int i = 0; i < replies.Length; i++)
        {
            string method = requests[i].Method;
            lock (_lock) _calls.Add(method);
            if (Before is not null) await Before(method, cancellation);
            replies[i] = Reply(method, Parameters(requests[i]));
        }

        return replies;
    }

    /// <summary>The true answer as JSON; null for a method that is unknown.</summary>
    protected abstract string? Answer(string method, JsonElement parameters);

    protected static string Json(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream)) write(writer);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }

    private RpcReply Reply(string method, JsonElement parameters)
    {
        if (Error?.Invoke(method) is { } error) return new RpcReply(default, error);
        string? json = Lacks.Contains(method) ? null : Answer(method, parameters);
        if (json is null) return new RpcReply(default, new RpcError(RpcErrorCode.MethodNotFound, $"the method {method} does not exist/is not available"));
        if (Tamper is not null && JsonNode.Parse(json) is { } node) json = Tamper(method, node)?.ToJsonString() ?? "null";
        return new RpcReply(JsonElement.Parse(json), null);
    }

    private static JsonElement Parameters(RpcRequest request) => JsonElement.Parse(Json(writer =>
    {
        writer.WriteStartArray();
        request.WriteParameters?.Invoke(writer);
        writer.WriteEndArray();
    }));
}
