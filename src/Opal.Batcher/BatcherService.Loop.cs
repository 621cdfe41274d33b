using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;

namespace Opal.Batcher;

public sealed partial class BatcherService
{
    /// <summary>Blocks fetched in one turn: a long backlog is loaded with a fresh look at the chain, and an ear for commands, in between.</summary>
    private const int BlocksPerRound = 64;

    private ulong _l1Head;
    private ulong _safeNumber;
    private ulong? _syncTarget;
    private volatile bool _waitsForNode;
    private bool _isRestored;
    private Hash256 _lookedAt;
    private ulong? _gapTarget;
    private bool _knowsNoHeads;
    private BlockId? _held;
    private ulong? _missed;
    private BlockId? _late;
    private ulong? _shortSince;
    private LossDiagnosis? _barred;
    private readonly List<ClosedChannel> _unexplained = [];

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                await TurnAsync(_stopping.Token);
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }

            using var pause = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            Task woken = _wake.WaitAsync(pause.Token);
            await Task.WhenAny(woken, Task.Delay(_options.PollInterval, _time, pause.Token));
            await pause.CancelAsync();
            await woken.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One turn of the loop; what fails is told and tried again at the next.</summary>
    /// <exception cref="OperationCanceledException">Cancelled.</exception>
    internal async Task TurnAsync(CancellationToken cancellation)
    {
        try
        {
            Mode mode = Commanded;
            RecordAgain();
            if (mode == Mode.Posting) await LookAsync(cancellation);
            else if (mode == Mode.Draining) Drain();
            SetTrouble(Obstacle());
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            throw;
        }
        catch (Exception error) when (error is RpcTransportException or RpcCallException)
        {
            SetTrouble(error.Message);
            _logger.LogWarning("Batcher cannot see the chain, trying again: {Problem}", error.Message);
        }
        catch (IOException error)
        {
            SetTrouble(error.Message);
            _logger.LogError("The batcher's journal cannot be written, and nothing is posted without it; trying again: {Problem}", error.Message);
        }
        catch (Exception error)
        {
            SetTrouble(error.Message);
            _logger.LogError(error, "Batcher turn failed, starting again from the safe head: {Problem}", error.Message);
            StartOver(ChannelOutcome.Abandoned, error.Message, safeToo: true);
        }
    }

    private void SeeWhetherHeadsAreKnown(SyncStatus status)
    {
        bool knowsNone = status.HeadL1.Hash.IsZero || status.SafeL2.Hash.IsZero;
        if (knowsNone && !_knowsNoHeads) _logger.LogWarning("The rollup node knows no {Head} yet: waiting for it", status.HeadL1.Hash.IsZero ? "L1 head" : "safe head");
        _knowsNoHeads = knowsNone;
    }

    /// <summary>Why nothing is posted, in words; empty when nothing stands in the way.</summary>
    private string Obstacle()
    {
        if (_knowsNoHeads) return "the rollup node knows no L1 head or no safe head yet: waiting for it";
        if (_barred is { } barred) return $"nothing is posted, since it would not count: {barred.Explanation}";
        if (_late is { } late) return $"L2 block {late.Number} is on its way to L1, and its sequencing window is over: nothing is posted behind it before the rollup node has read L1 so far";
        return _held is { } held ? $"L2 block {held.Number} cannot be posted in time any more: waiting for the rollup node to replace it" : "";
    }

    private void SetTrouble(string problem)
    {
        using (Enter()) _status = _status with { Trouble = problem };
    }

    /// <summary>One look at L2 and at L1, and what follows from it.</summary>
    private async Task LookAsync(CancellationToken cancellation)
    {
        SequencerPair sequencer = await _sequencers.ActiveAsync(cancellation);
        SyncStatus status = await sequencer.Node.SyncStatusAsync(cancellation);
        SeeWhetherHeadsAreKnown(status);
        if (_knowsNoHeads || !await IsNodeReadyAsync(status, cancellation)) return;
        using (Enter())
        {
            _l1Head = status.HeadL1.Number;
            _safeNumber = status.SafeL2.Number;
            _manager.NewestOrigin = status.UnsafeL2.L1Origin.Number;
            _status = _status with { SafeLag = status.UnsafeL2.Number > status.SafeL2.Number ? status.UnsafeL2.Number - status.SafeL2.Number : 0 };
        }

        try
        {
            if (!_isRestored)
            {
                await RestoreAsync(sequencer, status, cancellation);
                _isRestored = true;
            }

            await PostAsync(sequencer, status, cancellation);
        }
        finally
        {
            // also while L1 gives no answer: then the backlog grows
            await SlowDownAsync(sequencer.L2, status, cancellation);
        }
    }

    private async Task PostAsync(SequencerPair sequencer, SyncStatus status, CancellationToken cancellation)
    {
        if (_carriers is not null && _options.DataAvailability == DataAvailabilityType.Auto)
        {
            bool blobs = await _carriers.BlobsAreCheaperAsync(Math.Clamp(_options.TargetFrames, 1, ChannelManager.MaxBlobsPerTransaction), _options.MaxL1TransactionBytes, cancellation);
            lock (_gate) _manager.UseBlobs = blobs;
        }

        await FollowAsync(sequencer, status, cancellation);
        if (_shortSince is not null || await IsBarredAsync(cancellation) || await IsHeldAsync(sequencer.L2, status.SafeL2.Number, cancellation)) return;
        if (!SendWaiting()) return; // what is ready does not wait for more blocks to be loaded and compressed
        ulong next;
        lock (_gate) next = _manager.Tip is { } tip ? tip.Number + 1 : status.SafeL2.Number + 1;
        bool hasMore = await LoadAsync(sequencer.L2, next, status.UnsafeL2.Number, cancellation);
        Submit(flush: TakeMissed(), hasMore);
        if (hasMore) Wake();
    }

    /// <summary>Whether all blocks that were posted and lost are loaded again: the safe head waits for them, so they do not wait for their channel to be due.</summary>
    private bool TakeMissed()
    {
        lock (_gate)
        {
            if (_missed is not { } missed || !(_manager.Tip?.Number >= missed)) return false;
            _missed = null;
            return true;
        }
    }

    /// <summary>
    /// At the start, whether the node has derived up to where L1's head was when we began (<see cref="BatcherOptions.WaitNodeSync"/>), or up to the newest
    /// transaction of our account (<see cref="BatcherOptions.CheckRecentTransactionsDepth"/>, and always after a journal was found damaged).
    /// </summary>
    private async Task<bool> IsNodeReadyAsync(SyncStatus status, CancellationToken cancellation)
    {
        if (!_waitsForNode) return true;
        _syncTarget ??= _options.WaitNodeSync ? status.HeadL1.Number : await FindRecentAsync(cancellation);
        if (_syncTarget is { } target && status.CurrentL1.Number < target)
        {
            _logger.LogInformation("Waiting for the rollup node to derive up to L1 block {Target}; it is at {Current}", target, status.CurrentL1.Number);
            return false;
        }

        _waitsForNode = false;
        _syncTarget = null;
        return true;
    }

    private async Task<ulong?> FindRecentAsync(CancellationToken cancellation)
    {
        int depth = Math.Min(Math.Max(_options.CheckRecentTransactionsDepth, _journal.WasDamaged ? DepthWithoutJournal : 0), MaxRecentDepth);
        if (depth == 0 || _l1 is null) return null;
        ulong? newest = await _l1.FindNewestOwnBlockAsync(depth, cancellation);
        if (newest is { } block) _logger.LogInformation("The newest transaction of {Account} is in L1 block {Block}", _l1.Sender, block);

        // what is in that block counts only when the node has read it to its end
        return newest + 1;
    }

    /// <summary>Hands new blocks to the manager, as long as L1 keeps up. True when there are more for the next turn, which is not to be waited for.</summary>
    private async Task<bool> LoadAsync(EthClient l2, ulong next, ulong last, CancellationToken cancellation)
    {
        for (int count = 0; next <= last; next++, count++)
        {
            if (count == BlocksPerRound) return true;
            if (await l2.FindBlockAsync(BlockParameter.At(next), cancellation) is not { } block) return false;
            bool isReorg;
            using (Enter())
            {
                if (Commanded != Mode.Posting || _manager.WaitingChannels >= _options.MaxWaitingChannels) return false;
                isReorg = _manager.AddBlock(block) == AddBlockResult.NotNext;
            }

            if (isReorg)
            {
                StartOver(ChannelOutcome.Abandoned, $"the L2 chain was reorganised at block {block.Number}");
                return false;
            }
        }

        return false;
    }

    /// <summary>Sends what is left, and tells who waits for it when nothing is.</summary>
    private void Drain()
    {
        Submit(flush: true);
        bool isDone;
        using (Enter()) isDone = _manager.IsDrained && _sending.Count == 0;
        lock (_front)
        {
            if (isDone) _drained?.TrySetResult();
        }
    }
}
