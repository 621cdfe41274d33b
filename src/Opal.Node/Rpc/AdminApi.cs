using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>The operator's methods, admin_*; served only with rpc.enable-admin.</summary>
public sealed class AdminApi(Driver driver, RollupConfig config, Func<string, bool>? setLogLevel = null, IConductor? conductor = null)
{
    /// <summary>Adds the methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("admin_sequencerActive", _ => RpcResult.Bool(driver.IsSequencing));
        registry.Register("admin_startSequencer", async (parameters, _, cancellation) =>
        {
            parameters.RequireAtMost(1);
            Hash256 head = parameters.GetHash(0);
            string? refusal = await LeaderRefusalAsync(cancellation) ?? await driver.StartSequencerAsync(head).WaitAsync(cancellation);
            return refusal is null ? RpcResult.Null : RpcResult.Fail(RpcErrorCode.ServerError, refusal);
        });
        registry.Register("admin_stopSequencer", async (_, _, cancellation) =>
        {
            (Hash256 head, string? refusal) = await driver.StopSequencerAsync().WaitAsync(cancellation);
            return refusal is null ? RpcResult.Hash(head) : RpcResult.Fail(RpcErrorCode.ServerError, refusal);
        });
        registry.Register("admin_resetDerivationPipeline", async (_, _, cancellation) =>
        {
            await driver.ResetDerivationAsync().WaitAsync(cancellation);
            return RpcResult.Null;
        });
        registry.Register("admin_postUnsafePayload", async (parameters, _, cancellation) =>
        {
            parameters.RequireAtMost(1);
            PayloadEnvelope envelope = parameters.Get(0, static value => EngineJson.ReadEnvelope(value, 3));
            if (!envelope.TryGetBlock(config, out Block? _, out PayloadError fault)) return RpcResult.Fail(RpcErrorCode.InvalidParams, $"payload has bad block hash: {envelope.Payload.BlockHash} ({fault})");
            await driver.PostUnsafePayloadAsync(envelope).WaitAsync(cancellation);
            return RpcResult.Null;
        });
        registry.Register("admin_recoverMode", _ => RpcResult.Bool(driver.IsRecovering));
        registry.Register("admin_setRecoverMode", async (parameters, _, cancellation) =>
        {
            parameters.RequireAtMost(1);
            bool recover = parameters.GetBool(0);
            string? refusal = await driver.SetRecoverModeAsync(recover).WaitAsync(cancellation);
            return refusal is null ? RpcResult.Null : RpcResult.Fail(RpcErrorCode.ServerError, refusal);
        });
        registry.Register("admin_setLogLevel", parameters =>
        {
            parameters.RequireAtMost(1);
            string level = parameters.Get(0, static value => value.AsString());
            if (setLogLevel is null) return RpcResult.Fail(RpcErrorCode.ServerError, "the log level of this node cannot be changed while it runs");
            return setLogLevel(level) ? RpcResult.Null : RpcResult.Fail(RpcErrorCode.InvalidParams, $"unknown level: {level}; there are trace, debug, info, warn, error and crit");
        });
        registry.Register("admin_conductorEnabled", _ => RpcResult.Bool(conductor is not null));
        registry.Register("admin_overrideLeader", _ =>
        {
            if (conductor is null) return RpcResult.Fail(RpcErrorCode.ServerError, "no conductor is configured on this node");
            conductor.OverrideLeader();
            return RpcResult.Null;
        });
    }

    /// <summary>Why the conductor lets this node make no blocks; null when it leads, or there is no conductor.</summary>
    private async Task<string?> LeaderRefusalAsync(CancellationToken cancellation)
    {
        try
        {
            return conductor is null || await conductor.IsLeaderAsync(cancellation) ? null : "sequencer is not the leader, aborting";
        }
        catch (SourceException error)
        {
            return $"sequencer leader check failed: {error.Message}";
        }
    }
}
