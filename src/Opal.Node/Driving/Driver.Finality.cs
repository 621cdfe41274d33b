using Microsoft.Extensions.Logging;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Turns finalized L1 blocks into finalized L2 blocks.</summary>
/// <remarks>Spec: protocol/derivation.md#engine-queue; a signal is checked against the canonical chain before it is believed.</remarks>
public sealed partial class Driver
{
    private Task<string?>? _finalityCheck;
    private (L1BlockRef Signal, L1BlockRef Inclusion, L2BlockRef Safe) _finalityCandidate;
    private (L1BlockRef Signal, L1BlockRef Inclusion) _canonical; // what was found canonical last: the blocks of one L1 block are finalized one by one while catching up

    /// <summary>True when finality took this step.</summary>
    private async Task<bool> FinalizeAsync(CancellationToken cancellation)
    {
        L1BlockRef signal = _l1Heads.Current.Finalized;
        if (!signal.Hash.IsZero && _finality.FinalizedL1 != signal) _finality.Signal(signal);
        if (_finalityCheck is null)
        {
            if (!_l1Backoff.IsDue || !_finality.TryFind(_heads.Finalized, out L1BlockRef inclusion, out L2BlockRef safe)) return false;
            if (safe.Number > _heads.Safe.Number) return false;
            _finalityCandidate = (_finality.FinalizedL1!.Value, inclusion, safe);
            _finalityCheck = CheckCanonicalAsync(_finalityCandidate.Signal, inclusion, cancellation);
        }

        if (!_finalityCheck.IsCompleted) return false;
        Task<string?> check = _finalityCheck;
        _finalityCheck = null;
        string? fault;
        try
        {
            fault = await check;
        }
        catch (SourceException error)
        {
            _l1Backoff.Failed(error.Message);
            LogRetry(error.Message, _l1Backoff);
            return false;
        }

        if (fault is not null)
        {
            RequestReset(fault);
            return true;
        }

        _canonical = (_finalityCandidate.Signal, _finalityCandidate.Inclusion);
        if (!_heads.Finalize(_finalityCandidate.Safe)) return false;
        _logger.LogInformation("block {Number} is final: L1 block {L1} is", _heads.Finalized.Number, _finalityCandidate.Inclusion.Number);
        return true;
    }

    /// <summary>Null when both blocks are canonical on L1, else what is wrong.</summary>
    private async Task<string?> CheckCanonicalAsync(L1BlockRef signal, L1BlockRef inclusion, CancellationToken cancellation)
    {
        if (signal != _canonical.Signal)
        {
            BlockHeader? atSignal = await _l1.HeaderByNumberAsync(signal.Number, cancellation);
            if (atSignal is null) throw new SourceException($"L1 calls block {signal.Number} final but does not have it");
            if (atSignal.Hash != signal.Hash) return $"L1 called block {signal.Number} {signal.Hash} final, but that height now holds {atSignal.Hash}";
        }

        if ((signal, inclusion) == _canonical) return null;
        BlockHeader? atInclusion = await _l1.HeaderByNumberAsync(inclusion.Number, cancellation);
        if (atInclusion is null) throw new SourceException($"L1 has no block {inclusion.Number}");
        return atInclusion.Hash == inclusion.Hash ? null : $"blocks were derived from L1 block {inclusion.Number} {inclusion.Hash}, but that height holds {atInclusion.Hash}";
    }
}
