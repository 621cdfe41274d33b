using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Opal.JsonRpc;

/// <summary>Calls a registry of the same process, through the same text as a network caller would, but without sockets and without limits.</summary>
public sealed class InProcessRpcClient(RpcRegistry registry, string name = "in-process", ILogger? logger = null) : IRpcClient
{
    private readonly RpcDispatcher _dispatcher = new(registry, logger ?? NullLogger.Instance);

    /// <inheritdoc/>
    public string Endpoint => name;

    /// <inheritdoc/>
    public async Task<RpcReply[]> SendAsync(IReadOnlyList<RpcRequest> requests, CancellationToken cancellation)
    {
        using var text = new RpcBuffer();
        RpcWire.WriteRequests(text, requests);
        using var answer = new RpcBuffer();
        await _dispatcher.AnswerAsync(text.Written, RpcContext.InProcess, answer, cancellation);
        cancellation.ThrowIfCancellationRequested();
        return RpcWire.ReadReplies(answer.Written.Span, requests, Endpoint);
    }
}
