namespace Opal.JsonRpc;

/// <summary>What all endpoints of a server share.</summary>
public sealed record RpcServerOptions
{
    /// <summary>The program's version, answered by health checks.</summary>
    public string Version { get; init; } = "opal";

    /// <summary>Judges the program's health for GET requests; null answers healthy.</summary>
    public Func<CancellationToken, ValueTask<RpcHealth>>? Health { get; init; }

    /// <summary>The clock that JWT claims are compared with.</summary>
    public TimeProvider Clock { get; init; } = TimeProvider.System;

    /// <summary>How long a caller may take to send a request's head; slower ones are cut off.</summary>
    public TimeSpan HeadTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Set by the server: cancelled when it stops.</summary>
    internal CancellationToken Stopping { get; init; }
}
