using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>
/// Execution-layer sync: the engine is given the newest unsafe block and fetches the chain below it itself, from its own peers. When it calls that block valid, the safe and
/// finalized heads are set on it (or some blocks below), and derivation begins there.
/// </summary>
/// <remarks>Spec: protocol/rollup-node.md and exec-engine.md#sync. An engine whose finalized block is above genesis has synced before, and is left alone.</remarks>
public sealed partial class Driver
{
    private enum EngineSync : byte
    {
        /// <summary>Not wanted, not needed, or over.</summary>
        Off,

        /// <summary>The engine has to be asked whether it needs to sync.</summary>
        Undecided,

        /// <summary>Waiting for the engine, or for a block to give to it.</summary>
        Under,
    }

    private EngineSync _engineSync;
    private PayloadEnvelope? _syncTarget;
    private Hash256 _syncGiven;
    private ulong? _syncHead;
    private DateTimeOffset _syncMovedAt;
    private DateTimeOffset _syncAskAt = DateTimeOffset.MinValue;

    /// <summary>Whether only the newest unsafe block is of use: the engine is syncing to it.</summary>
    public bool WantsTip => _engineSync == EngineSync.Under && _haltReason is null;

    /// <summary>True when there was something to do.</summary>
    private async Task<bool> SyncEngineAsync(CancellationToken cancellation)
    {
        if (!_engineBackoff.IsDue) return false;
        if (_engineSync == EngineSync.Undecided)
        {
            L2BlockRef? finalized = await LabelAsync(L2Label.Finalized, cancellation);
            bool hasSynced = finalized is { } final && final.Number > _config.GenesisL2.Number;
            _engineSync = hasSynced ? EngineSync.Off : EngineSync.Under;
            _syncMovedAt = _time.GetUtcNow();
            if (hasSynced) _logger.LogInformation("the engine has synced before (block {Number} is final there): deriving from L1", finalized!.Value.Number);
            else _logger.LogInformation("execution-layer sync: the engine will be given the newest unsafe block, and derivation begins when it has it");
            return true;
        }

        if (_unsafePayloads.TryTakeNewest(out PayloadEnvelope? newest) && newest is not null && (_syncTarget is null || newest.Payload.BlockNumber > _syncTarget.Payload.BlockNumber))
        {
            if (newest.TryGetBlock(_config, out Block? _, out PayloadError error)) _syncTarget = newest;
            else _logger.LogWarning("unsafe block {Number} {Hash} is malformed: {Fault}", newest.Payload.BlockNumber, newest.Payload.BlockHash, error);
        }

        if (_time.GetUtcNow() < _syncAskAt) return false;
        _syncAskAt = _time.GetUtcNow() + _options.EngineSyncInterval;
        if (await IsEngineStuckAsync(cancellation))
        {
            _logger.LogWarning(
                "the engine has not come closer to block {Target} for {Seconds} s and does not say that it is syncing: it seems to have no peers, or cannot sync by itself. Deriving the chain from L1 instead (syncmode=consensus-layer)",
                _syncTarget?.Payload.BlockNumber, _options.EngineSyncPatience.TotalSeconds);
            EndEngineSync();
            return true;
        }

        if (_syncTarget is not { } target) return false;
        return await GiveToEngineAsync(target, cancellation);
    }

    private async Task<bool> GiveToEngineAsync(PayloadEnvelope target, CancellationToken cancellation)
    {
        Hash256 hash = target.Payload.BlockHash;
        if (_syncGiven != hash)
        {
            ImportAnswer imported = await _engine.NewPayloadAsync(target, cancellation);
            switch (imported.Verdict)
            {
                case EngineVerdict.Valid or EngineVerdict.Syncing or EngineVerdict.Accepted:
                    _syncGiven = hash;
                    break;
                case EngineVerdict.Invalid:
                    _logger.LogWarning("the engine calls block {Number} {Hash} invalid ({Reason}): waiting for another to sync to", target.Payload.BlockNumber, hash, imported.Detail);
                    _syncTarget = null;
                    return false;
                default:
                    return After(EngineStep.Retry($"the engine did not take the block to sync to: {imported.Verdict} {imported.Detail}"));
            }
        }

        ForkchoiceAnswer answer = await _engine.ForkchoiceUpdatedAsync(new ForkchoiceState(hash, default, default), null, cancellation);
        switch (answer.Verdict)
        {
            case EngineVerdict.Valid:
                return await AdoptSyncedAsync(target, cancellation);
            case EngineVerdict.Syncing or EngineVerdict.Accepted:
                _engineBackoff.Succeeded();
                return false;
            case EngineVerdict.Invalid:
                _syncTarget = null;
                return false;
            default:
                _syncGiven = default;
                return After(EngineStep.Retry($"the engine did not take the head to sync to: {answer.Verdict} {answer.Detail}"));
        }
    }

    /// <summary>The engine has the block and all below it: safe and finalized go there, and the walk back finds them.</summary>
    private async Task<bool> AdoptSyncedAsync(PayloadEnvelope target, CancellationToken cancellation)
    {
        ulong number = target.Payload.BlockNumber, genesis = _config.GenesisL2.Number;
        ulong safeNumber = number > genesis + _options.EngineSyncOffset ? number - _options.EngineSyncOffset : genesis;
        Block safe = await _engine.BlockByNumberAsync(safeNumber, cancellation) ?? throw new SourceException($"the engine calls block {number} valid but does not have block {safeNumber}");
        ForkchoiceAnswer answer = await _engine.ForkchoiceUpdatedAsync(new ForkchoiceState(target.Payload.BlockHash, safe.Hash, safe.Hash), null, cancellation);
        if (answer.Verdict != EngineVerdict.Valid) return After(EngineStep.Retry($"the engine has synced, but did not take the heads: {answer.Verdict} {answer.Detail}"));
        _logger.LogInformation("the engine has synced to block {Number}; deriving from L1 on block {Safe}", number, safeNumber);
        EndEngineSync();
        _engineBackoff.Succeeded();
        return true;
    }

    private void EndEngineSync()
    {
        _engineSync = EngineSync.Off;
        _syncTarget = null;
        _mustWalk = true; // a snapshot is of the chain before
    }

    /// <summary>Whether the engine has neither moved nor said that it is syncing for the patience there is.</summary>
    private async Task<bool> IsEngineStuckAsync(CancellationToken cancellation)
    {
        DateTimeOffset now = _time.GetUtcNow();
        if (_syncTarget is null) _syncMovedAt = now; // nothing to sync to is not the engine's fault
        if (now - _syncMovedAt < _options.EngineSyncPatience) return false;
        ulong? head = (await _engine.BlockByLabelAsync(L2Label.Unsafe, cancellation))?.Number;
        bool moved = head != _syncHead || await _engine.IsSyncingAsync(cancellation);
        _syncHead = head;
        if (moved) _syncMovedAt = now;
        return !moved;
    }

    private string? EngineSyncReason() => _engineSync switch
    {
        EngineSync.Off => null,
        EngineSync.Undecided => "asking the engine whether it has synced before",
        _ when _syncTarget is { } target => $"execution-layer sync: the engine is syncing to block {target.Payload.BlockNumber}{Because(_engineBackoff.Reason)}",
        _ => "execution-layer sync: waiting for an unsafe block to give to the engine (l2.follow.source, or admin_postUnsafePayload)",
    };
}
