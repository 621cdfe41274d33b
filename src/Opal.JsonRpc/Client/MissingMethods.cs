using System.Collections.Concurrent;

namespace Opal.JsonRpc;

/// <summary>Remembers which methods a server lacks. After ten minutes one is tried again: behind one URL there may be several servers, and they are updated.</summary>
internal sealed class MissingMethods(TimeProvider clock)
{
    private const int MethodNotSupported = -32004;
    private static readonly TimeSpan s_memory = TimeSpan.FromMinutes(10);

    private static readonly string[] s_phrases =
    [
        "method not found", "method not supported", "unsupported method", "unknown method", "method is not available", "method is not whitelisted", "method not whitelisted",
        "method is not supported", "method does not exist",
    ];

    private readonly ConcurrentDictionary<string, DateTimeOffset> _until = new(StringComparer.Ordinal);

    /// <summary>Whether a server says that it has no such method. Nothing else may lead to another method: an error of any other kind is a failed call.</summary>
    /// <remarks>EIP-1474 has -32601 and -32004; providers also send other codes with a text that says it, and geth "the method x does not exist/is not available".</remarks>
    public static bool IsMeantBy(RpcCallException error)
    {
        if (error.Code is RpcErrorCode.MethodNotFound or MethodNotSupported) return true;
        string text = error.Error.Message;
        return Array.Exists(s_phrases, phrase => text.Contains(phrase, StringComparison.OrdinalIgnoreCase))
            || text.Contains("does not exist/is not available", StringComparison.OrdinalIgnoreCase);
    }

    /// <summary>A method is known to be missing.</summary>
    public void Add(string method) => _until[method] = clock.GetUtcNow() + s_memory;

    /// <summary>Whether a method was found missing a short while ago.</summary>
    public bool Contains(string method) => _until.TryGetValue(method, out DateTimeOffset until) && clock.GetUtcNow() < until;
}
