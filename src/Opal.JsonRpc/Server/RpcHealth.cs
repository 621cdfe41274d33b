namespace Opal.JsonRpc;

/// <summary>The answer of a health check.</summary>
/// <param name="IsHealthy">Whether the program can do its work.</param>
/// <param name="Detail">The version when healthy, else what is wrong.</param>
public readonly record struct RpcHealth(bool IsHealthy, string Detail);
