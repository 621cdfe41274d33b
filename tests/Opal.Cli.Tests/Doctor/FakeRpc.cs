using System.Text.Json;
using Opal.JsonRpc;

namespace Opal.Cli.Tests.Doctor;

/// <summary>A server of a few methods, each answering from its parameters; what it does not have is refused as unknown.</summary>
internal sealed class FakeRpc(string endpoint) : IRpcClient
{
    private readonly Dictionary<string, Func<JsonElement[], string>> _methods = new(StringComparer.Ordinal);

    public string Endpoint => endpoint;

    /// <summary>Fails every call like this.</summary>
    public RpcTransportException? Fault { get; set; }

    /// <summary>The most calls it takes at once.</summary>
    public int MostCalls { get; set; } = int.MaxValue;

    /// <summary>How long it takes to fail.</summary>
    public TimeSpan Slowness { get; set; }

    /// <summary>Called before every request.</summary>
    public Action? Before { get; set; }

    public FakeRpc Answer(string method, Func<JsonElement[], string> json)
    {
        _methods[method] = json;
        return this;
    }

    public FakeRpc Answer(string method, string json) => Answer(method, _ => json);

    public FakeRpc Refuse(string method, int code, string message) => Answer(method, _ => throw new Refusal(new RpcError(code, message)));

    public void Forget(string method) => _methods.Remove(method);

    public void GoDown() => Fault = new RpcTransportException("eth_chainId", endpoint, "nothing listens there (connection refused)", isTransient: true);

    public void AnswerStatus(int status, string text) => Fault = new RpcTransportException("eth_chainId", endpoint, $"HTTP status {status} ({text})", isTransient: false) { StatusCode = status };

    public async Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        Before?.Invoke();
        if (Slowness > TimeSpan.Zero) await Task.Delay(Slowness, cancellation);
        if (Fault is not null) throw Fault;
        if (requests.Count > MostCalls) throw new RpcTransportException(requests[0].Method, endpoint, "HTTP status 413 (batch too large)", isTransient: false) { StatusCode = 413 };
        return [.. requests.Select(One)];
    }

    private RpcReply One(RpcRequest request)
    {
        if (!_methods.TryGetValue(request.Method, out Func<JsonElement[], string>? answer)) return new RpcReply(default, new RpcError(RpcErrorCode.MethodNotFound, $"the method {request.Method} does not exist"));
        try
        {
            return new RpcReply(JsonElement.Parse(answer(Parameters(request))), null);
        }
        catch (Refusal refusal)
        {
            return new RpcReply(default, refusal.Error);
        }
    }

    private static JsonElement[] Parameters(RpcRequest request)
    {
        string text = JsonText.Of(writer =>
        {
            writer.WriteStartArray();
            request.WriteParameters?.Invoke(writer);
            writer.WriteEndArray();
        });
        return [.. JsonElement.Parse(text).EnumerateArray()];
    }

    private sealed class Refusal(RpcError error) : Exception
    {
        public RpcError Error => error;
    }
}
