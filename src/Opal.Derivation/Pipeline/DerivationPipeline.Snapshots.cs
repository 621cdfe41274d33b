using Opal.Protocol;

namespace Opal.Derivation;

/// <summary>Snapshots: what is remembered between two L1 blocks, taken and given back.</summary>
public sealed partial class DerivationPipeline
{
    /// <summary>What the pipeline remembers now; null unless it has drained its L1 block and asks for the next one (<see cref="NeedL1Block"/>).</summary>
    /// <remarks>Costs a copy of references: frames and batches are shared.</remarks>
    public DerivationSnapshot? TakeSnapshot()
    {
        bool isBetween = _isStarted && !_isIdle && _prepared is null && _exchange.End is null && _exchange.Request is NeedL1Block need && need.Number == Origin.Number + 1;
        if (!isBetween || PendingSafeHead != SafeHead || !_frames.IsEmpty || _reader.IsReading || !_batches.IsAtRest || !_attributes.IsAtRest) return null;
        var channels = new List<Channel>();
        if (IsHolocene) _assembler.CopyTo(channels);
        else _bank.CopyTo(channels);
        return new DerivationSnapshot(
            SafeHead, _traversal.SystemConfig, _traversal.Current!, _batches.KnownOrigin, _batches.Epochs.ToArray(), channels.ToArray(), _batches.WaitingBatches, _batches.SpanRest);
    }

    /// <summary>Goes on as the pipeline that the snapshot was taken of. The caller has checked that its L1 block is canonical and its safe head is in the L2 chain.</summary>
    public void Restore(DerivationSnapshot snapshot)
    {
        Reset(snapshot.Safe, snapshot.Config, snapshot.Origin);
        _traversal.Restore(snapshot.Current, snapshot.Config);
        _isStarted = true;
        UseStages();
        _batches.Restore(snapshot);
        if (IsHolocene) _assembler.Restore(snapshot.Channels);
        else _bank.Restore(snapshot.Channels);
    }
}
