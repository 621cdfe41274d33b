using Opal.JsonRpc;

namespace Opal.Node;

/// <summary>op-conductor over its JSON-RPC: conductor_leader and conductor_commitUnsafePayload.</summary>
/// <param name="connection">Its RPC; the time-out is that of one call (conductor.rpc-timeout).</param>
public sealed class RpcConductor(IRpcClient connection) : IConductor
{
    private volatile bool _isOverridden;

    /// <inheritdoc/>
    public Task<bool> IsLeaderAsync(CancellationToken cancellation) =>
        _isOverridden ? Task.FromResult(true) : AskAsync(() => connection.CallAsync("conductor_leader", null, static value => value.AsBool(), cancellation));

    /// <inheritdoc/>
    public Task CommitAsync(PayloadEnvelope payload, CancellationToken cancellation) => _isOverridden
        ? Task.CompletedTask
        : AskAsync(() => connection.CallAsync("conductor_commitUnsafePayload", writer => EngineJson.WriteEnvelope(writer, payload, payload.ParentBeaconBlockRoot is null ? 2 : 3), static _ => true, cancellation));

    /// <inheritdoc/>
    public void OverrideLeader() => _isOverridden = true;

    private static async Task<T> AskAsync<T>(Func<Task<T>> ask)
    {
        try
        {
            return await ask();
        }
        catch (Exception error) when (error is RpcCallException or RpcTransportException)
        {
            throw new SourceException($"conductor: {error.Message}", error);
        }
    }
}
