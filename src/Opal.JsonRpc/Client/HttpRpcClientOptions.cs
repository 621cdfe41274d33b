using System.Net.Security;

namespace Opal.JsonRpc;

/// <summary>How an <see cref="HttpRpcClient"/> talks to its server.</summary>
public sealed record HttpRpcClientOptions
{
    /// <summary>The 32-byte secret of the Engine API's JWT; a fresh token goes with every request.</summary>
    public byte[]? JwtSecret { get; init; }

    /// <summary>How long one try may take.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>When to try again.</summary>
    public RpcRetryPolicy Retry { get; init; } = RpcRetryPolicy.Short;

    /// <summary>The most calls in one HTTP request; longer batches are split.</summary>
    public int MaxBatchItems { get; init; } = 20;

    /// <summary>The most HTTP requests at a time; 0 sets no limit.</summary>
    public int MaxConcurrency { get; init; }

    /// <summary>The most HTTP requests a second; 0 sets no limit.</summary>
    public double MaxRequestsPerSecond { get; init; }

    /// <summary>The largest answer taken, bytes.</summary>
    public int MaxResponseBytes { get; init; } = 512 * 1024 * 1024;

    /// <summary>Headers sent with every request.</summary>
    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    /// <summary>How the client shows itself and whom it trusts over https; null: no certificate of its own, and the system's authorities.</summary>
    public SslClientAuthenticationOptions? Tls { get; init; }

    /// <summary>The clock of tokens, timeouts and waits.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;
}
