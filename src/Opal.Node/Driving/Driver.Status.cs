using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Node;

/// <summary>Says what the driver is doing and why its heads stand where they stand.</summary>
public sealed partial class Driver
{
    private static readonly TimeSpan s_reportPatience = TimeSpan.FromSeconds(2);

    /// <summary>Whose unsafe blocks are followed; null when nobody's.</summary>
    internal UnsafeFollower? Following { get; set; }

    /// <summary>The report now. While a call to the engine lasts, it says so after two seconds.</summary>
    /// <param name="dropped">What derivation did not use lately.</param>
    /// <param name="cancellation">Gives up.</param>
    public async Task<NodeReport> ReportAsync(DroppedItems dropped, CancellationToken cancellation)
    {
        Task<NodeReport> made = Command<NodeReport>(answer =>
        {
            answer(MakeReport(dropped));
            return true;
        });
        try
        {
            return await made.WaitAsync(s_reportPatience, _time, cancellation);
        }
        catch (TimeoutException)
        {
            const string Busy = "a call to the engine has been under way for seconds";
            return new NodeReport { Heads = _status, UnsafeReason = Busy, SafeReason = Busy, FinalizedReason = Busy, Halted = _haltReason, EngineTrouble = _engineBackoff.Reason ?? Busy, Dropped = dropped.Newest() };
        }
    }

    private NodeReport MakeReport(DroppedItems dropped) => new()
    {
        Heads = _status,
        UnsafeReason = _haltReason ?? UnsafeReason(),
        SafeReason = _status.SafeL2 == _status.UnsafeL2 && IsSettled ? null : _haltReason ?? SafeReason(),
        FinalizedReason = _status.FinalizedL2 == _status.SafeL2 && IsSettled ? null : _haltReason ?? FinalizedReason(),
        Halted = _haltReason,
        SequencerEnabled = _sequencer is not null,
        SequencerActive = IsSequencing,
        SequencerRecovers = IsRecovering,
        SequencerReason = _sequencer?.Obstacle,
        Channels = IsSettled && IsPipelineAtRest ? _pipeline.OpenChannels() : [],
        Dropped = dropped.Newest(),
        Following = Following?.Report,
        L1Trouble = _l1Heads.Trouble ?? _l1Backoff.Reason,
        EngineTrouble = _engineBackoff.Reason,
    };

    private string? UnsafeReason()
    {
        if (!IsSettled) return Finding();
        if (_engineBackoff.Reason is { } engine) return engine;
        if (_sequencer is not null) return _sequencer.Obstacle;
        if (Following?.Report is not { } follow) return "waiting for a block: this node follows, and the next unsafe block has not come";
        return follow.Trouble is null ? $"waiting for the next block of {follow.Source}" : $"{follow.Source} cannot be followed: {follow.Trouble}";
    }

    private string SafeReason()
    {
        if (!IsSettled) return Finding();
        if (_attributes is { } attributes) return $"block {attributes.BlockNumber} is derived and being given to the engine{Because(_engineBackoff.Reason)}";
        if (_dropPending || _engineBackoff.Reason is not null) return _engineBackoff.Reason ?? "the rest of an invalid span batch is being dropped";
        L1BlockRef head = _l1Heads.Current.Head;
        if (!IsPipelineAtRest) return $"reading the batches of L1 block {_derivationOrigin.Number} of {head.Number}";
        string channel = DescribeOldestChannel();
        switch (_pipeline.Waiting)
        {
            case NeedL1Receipts need:
                return $"waiting for the receipts of L1 block {need.Block.Number}{Because(_l1Backoff.Reason)}";
            case NeedBlobs need:
                return $"waiting for {need.VersionedHashes.Count} blobs of L1 block {need.Block.Number}{Because(_l1Backoff.Reason)}";
            case NeedL2Block need:
                return $"waiting for the engine's block {need.Number}";
            case DerivationStopped stopped:
                return $"derivation cannot go on: {stopped.Reason}";
            case NeedL1Block need when need.Number > head.Number:
                return $"all of L1 up to block {head.Number} is read: waiting for L1 block {need.Number}{channel}";
            case NeedL1Block need when _l1Heads.Confirmed(_options.VerifierConfirmations) is not { } last || need.Number > last:
                return $"waiting until L1 block {need.Number} has {_options.VerifierConfirmations} blocks on top of it (verifier.l1-confs){channel}";
            case NeedL1Block need:
                return $"reading L1: at block {need.Number} of {head.Number}{Because(_l1Backoff.Reason)}{channel}";
            default:
                return $"reading L1 block {_pipeline.Origin.Number} of {head.Number}{channel}";
        }
    }

    private string DescribeOldestChannel()
    {
        if (_pipeline.OpenChannels() is not [ChannelProgress channel, ..]) return "; no channel is open: no batch has come for the blocks above the safe head";
        ulong timeout = DerivationParameters.ChannelTimeout(_config, new L1InclusionTime(_pipeline.Origin.Timestamp));
        string lacks = channel.Total is { } total ? $"lacks frame {channel.FirstMissing} of {total}" : $"has {channel.Frames} frames and waits for frame {channel.FirstMissing}";
        return $"; channel {channel.Id} {lacks}, and times out after L1 block {channel.OpenBlock + timeout}";
    }

    private string FinalizedReason()
    {
        if (!IsSettled) return Finding();
        L1BlockRef final = _l1Heads.Current.Finalized;
        if (final.Hash.IsZero) return "L1 has named no finalized block yet";
        if (final.Number > DerivationOrigin().Number) return $"L1 is final up to block {final.Number}, and derivation is at {DerivationOrigin().Number}";
        return $"waiting for L1 to finalize more than block {final.Number}: the batches of block {_status.FinalizedL2.Number + 1} are in a later one";
    }

    private string Finding()
    {
        if (EngineSyncReason() is { } syncing) return syncing;
        if (!_l1Heads.IsKnown) return $"L1's head is not known yet{Because(_l1Heads.Trouble)}";
        return $"finding the block to start from ({_resetReason}){Because(_resetTrouble ?? _engineBackoff.Reason)}";
    }

    private static string Because(string? trouble) => trouble is null ? "" : $": {trouble}";
}
