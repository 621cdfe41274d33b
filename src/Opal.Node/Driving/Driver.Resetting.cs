using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Walks back to heads that fit L1, and starts derivation there.</summary>
/// <remarks>Spec: protocol/derivation.md#resetting-the-pipeline. The walk itself is <see cref="ResetWalk"/>'s; this answers its questions.</remarks>
public sealed partial class Driver
{
    private string? _resetTrouble;
    private DateTimeOffset _lastReset = DateTimeOffset.MinValue;

    private async Task<bool> ResetAsync(CancellationToken cancellation)
    {
        if (!_l1Heads.IsKnown) return false;
        string reason = _resetReason!;
        _resetBackoff.Failed(); // the next walk waits, unless there is progress in between
        _lastReset = _time.GetUtcNow();
        if (await TryResumeAsync(cancellation))
        {
            Settled(reason);
            return true;
        }

        (ResetFound? found, string? fault, bool retry) = await WalkAsync(cancellation);
        if (found is null)
        {
            if (!retry)
            {
                Halt(fault!);
                return true;
            }

            _resetTrouble = fault;
            LogRetry(fault!, _resetBackoff);
            return false;
        }

        // genesis is safe from L1's first block on: all records of later safe heads are still to come. Not from the rollup's own L1 genesis on, since contracts may be older
        BlockHeader? firstL1 = found.Safe.Id == _config.GenesisL2 ? await _l1.HeaderByNumberAsync(0, cancellation) : null;
        _heads.Reset(found.Unsafe, found.Safe, found.Finalized);
        _pipeline.Reset(found.Safe, found.StartConfig, found.Start);
        _finality.Clear();
        SafeHeads.ResetTo(found.Safe.Id);
        if (firstL1 is not null) SafeHeads.Record(firstL1.Id, found.Safe.Id);
        _logger.LogInformation(
            "derivation starts at L1 block {L1}; unsafe {Unsafe}, safe {Safe}, finalized {Finalized}",
            found.Start.Number, found.Unsafe.Number, found.Safe.Number, found.Finalized.Number);
        Settled(reason);
        return true;
    }

    private void Settled(string reason)
    {
        _resetReason = null;
        _resetTrouble = null;
        _engineBackoff.Succeeded();
        _l1Backoff.Succeeded();
        _observer.DerivationReset(reason, _heads.Safe);
    }

    private async Task<(ResetFound? Found, string? Fault, bool Retry)> WalkAsync(CancellationToken cancellation)
    {
        Block? genesisBlock = await _engine.BlockByNumberAsync(_config.GenesisL2.Number, cancellation);
        if (genesisBlock is null) return (null, $"the engine has no genesis block {_config.GenesisL2.Number}", true);
        if (!L2References.TryCreate(genesisBlock, _config, out L2BlockRef genesis, out string? fault)) return (null, fault, false);
        if (await LabelAsync(L2Label.Unsafe, cancellation) is not { } unsafeHead) return (null, "the engine has no head", true);
        var walk = new ResetWalk(_config, _builder, unsafeHead, await LabelAsync(L2Label.Safe, cancellation), await LabelAsync(L2Label.Finalized, cancellation), genesis);
        while (true)
        {
            switch (walk.Step())
            {
                case NeedL2BlockByHash need:
                    if (await _engine.BlockByHashAsync(need.Hash, cancellation) is { } block) walk.Provide(block);
                    else walk.ProvideMissing();
                    break;
                case NeedL1Ref need:
                    if (await _l1.HeaderByNumberAsync(need.Number, cancellation) is { } header) walk.Provide(new L1BlockRef(header.Hash, header.Number, header.ParentHash, header.Timestamp));
                    else walk.ProvideMissing();
                    break;
                case ResetFound found:
                    return (found, null, false);
                case ResetImpossible impossible:
                    return (null, $"no block to start from: {impossible.Reason}", impossible.Retry);
                case { } other:
                    throw new InvalidOperationException($"unknown step of the walk back: {other.GetType().Name}");
            }
        }
    }

    private async Task<L2BlockRef?> LabelAsync(L2Label label, CancellationToken cancellation)
    {
        Block? block = await _engine.BlockByLabelAsync(label, cancellation);
        if (block is null) return null;
        if (!L2References.TryCreate(block, _config, out L2BlockRef reference, out string? fault)) throw new SourceException($"the engine's {label} head: {fault}");
        return reference;
    }
}
