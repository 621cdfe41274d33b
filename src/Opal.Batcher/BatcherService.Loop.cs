using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Batcher;

public sealed partial class BatcherService
{
    /// <summary>Blocks fetched between two looks at whether something may be sent.</summary>
    private const int BlocksPerRound = 64;

    private ulong _l1Head;
    private ulong? _syncTarget;
    private bool _waitsForNode;
    private int _generation;

    private async Task RunAsync()
    {
        _waitsForNode = _options.WaitNodeSync;
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                Mode mode;
                lock (_gate) mode = _mode;
                if (mode == Mode.Posting) await TurnAsync(_stopping.Token);
                else if (mode == Mode.Draining) Drain();
                SetTrouble("");
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException)
            {
                SetTrouble(error.Message);
                _logger.LogWarning("Batcher cannot see the chain, trying again: {Problem}", error.Message);
            }
            catch (Exception error)
            {
                SetTrouble(error.Message);
                _logger.LogError(error, "Batcher turn failed, starting again from the safe head: {Problem}", error.Message);
                lock (_gate) StartOver();
            }

            using var pause = CancellationTokenSource.CreateLinkedTokenSource(_stopping.Token);
            Task woken = _wake.WaitAsync(pause.Token);
            await Task.WhenAny(woken, Task.Delay(_options.PollInterval, _time, pause.Token));
            await pause.CancelAsync();
            await woken.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void SetTrouble(string problem)
    {
        lock (_gate) _status = _status with { Trouble = problem };
    }

    /// <summary>One look at L2 and at L1, and what follows from it.</summary>
    private async Task TurnAsync(CancellationToken cancellation)
    {
        SequencerPair sequencer = await _sequencers.ActiveAsync(cancellation);
        SyncStatus status = await sequencer.Node.SyncStatusAsync(cancellation);
        if (status.HeadL1.Hash.IsZero || !IsNodeReady(status)) return;
        var safe = new BlockId(status.SafeL2.Hash, status.SafeL2.Number);
        if (_carriers is not null && _options.DataAvailability == DataAvailabilityType.Auto)
        {
            bool blobs = await _carriers.BlobsAreCheaperAsync(Math.Max(1, _options.TargetFrames), _options.MaxL1TransactionBytes, cancellation);
            lock (_gate) _manager.UseBlobs = blobs;
        }

        ulong next;
        lock (_gate)
        {
            _l1Head = status.HeadL1.Number;
            if (ReasonToStartOver(safe, status.UnsafeL2, status.CurrentL1.Number) is { } reason)
            {
                if (_manager.Tip is not null) _logger.LogWarning("Batcher starts again from the safe head: {Reason}", reason);
                StartOver();
            }

            next = _manager.Tip is { } tip ? tip.Number + 1 : safe.Number + 1;
        }

        await LoadAsync(sequencer.L2, next, status.UnsafeL2.Number, cancellation);
        Submit(flush: false);
        long backlog;
        lock (_gate) backlog = _manager.BacklogBytes;
        if (_throttle is not null) await _throttle.ApplyAsync(backlog, cancellation);
    }

    /// <summary>With <see cref="BatcherOptions.WaitNodeSync"/>: whether the node has derived up to where L1's head was when we began.</summary>
    private bool IsNodeReady(SyncStatus status)
    {
        if (!_waitsForNode) return true;
        ulong target = _syncTarget ??= status.HeadL1.Number;
        if (status.CurrentL1.Number < target)
        {
            _logger.LogInformation("Waiting for the rollup node to derive up to L1 block {Target}; it is at {Current}", target, status.CurrentL1.Number);
            return false;
        }

        _waitsForNode = false;
        _syncTarget = null;
        return true;
    }

    /// <summary>Hands new blocks to the manager, as long as L1 keeps up.</summary>
    private async Task LoadAsync(EthClient l2, ulong next, ulong last, CancellationToken cancellation)
    {
        for (int count = 1; next <= last; next++, count++)
        {
            if (await l2.FindBlockAsync(BlockParameter.At(next), cancellation) is not { } block) return;
            lock (_gate)
            {
                if (_mode != Mode.Posting || _manager.WaitingChannels >= _options.MaxWaitingChannels) return;
                if (_manager.AddBlock(block) == AddBlockResult.NotNext)
                {
                    _logger.LogWarning("Batcher starts again from the safe head: the L2 chain was reorganised at block {Number}", block.Number);
                    StartOver();
                    return;
                }
            }

            if (count % BlocksPerRound == 0) Submit(flush: false);
        }
    }

    private string? ReasonToStartOver(BlockId safe, L2BlockRef @unsafe, ulong derivedL1Block)
    {
        if (_manager.Tip is { } tip)
        {
            if (safe.Number > tip.Number) return "the safe head is ahead of what was posted";
            if (@unsafe.Number == tip.Number && @unsafe.Hash != tip.Hash) return $"the L2 chain was reorganised at block {tip.Number}";
            // a block that was refused and replaced takes those above it with it: what is held is not to be posted, also while no new block is there yet
            if (@unsafe.Number < tip.Number) return $"the L2 chain ends at block {@unsafe.Number} now, before block {tip.Number}";
        }

        if (!_manager.PruneSafe(safe)) return "the safe chain differs from what was posted";
        if (_manager.HasLostChannel(safe, derivedL1Block)) return "a posted channel had no effect (dropped, or reorganised away on L1)";
        return _manager.HasTimedOutChannel(_l1Head) ? "a channel was not completed in time" : null;
    }

    private void StartOver()
    {
        _manager.Clear();
        _generation++;
    }

    /// <summary>Sends what is left, and tells who waits for it when nothing is.</summary>
    private void Drain()
    {
        Submit(flush: true);
        lock (_gate)
        {
            if (_manager.IsDrained) _drained?.TrySetResult();
        }
    }

    /// <summary>Closes what is due and sends what may be sent.</summary>
    private void Submit(bool flush)
    {
        lock (_gate)
        {
            _manager.Advance(_l1Head, OriginOf, flush || _flush);
            _flush = false;
            while (_manager.TryNextTransaction(out BatcherTransaction? transaction))
            {
                Task task = SendAsync(transaction!, _generation);
                _sending.Add(task);
                task.ContinueWith(done =>
                {
                    lock (_gate) _sending.Remove(done);
                }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }

    private static ulong OriginOf(Block block) =>
        block.Transactions.Length > 0 && L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info) ? info!.Number : 0;

    private async Task SendAsync(BatcherTransaction transaction, int generation)
    {
        List<byte[]> carriers = transaction.Frames.Select(static frame => FrameCodec.Encode([frame])).ToList();
        Task<BlockId> submission = _submitter.SubmitAsync(carriers, transaction.AsBlobs, recorder: null, resume: null, _stopping.Token); // begun here, so that nonces follow the order of frames
        await Task.Yield(); // the caller holds the gate
        try
        {
            BlockId included = await submission;
            int bytes = carriers.Sum(static c => c.Length);
            lock (_gate)
            {
                if (generation == _generation) _manager.Confirm(transaction.Id, included.Number);
                _status = _status with
                {
                    Transactions = _status.Transactions + 1, LastL1Block = included.Number, LastBytes = bytes, LastBlobs = transaction.AsBlobs ? carriers.Count : 0,
                };
            }

            _logger.LogInformation("Batch posted in L1 block {Block}: channel {Channel}, {Frames} frames, {Bytes} bytes{Blobs}",
                included.Number, transaction.Frames[0].Channel, transaction.Frames.Count, bytes, transaction.AsBlobs ? " in blobs" : "");
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            // Whatever became of it, its frames are not known to be on L1: an unforeseen fault is logged as one.
            if (error is not BatchSubmissionException) _logger.LogError(error, "Sending a batcher transaction failed");
            SetTrouble(error.Message);
            _logger.LogWarning("Batcher transaction failed, its frames are sent again: {Problem}", error.Message);
            await Task.Delay(TimeSpan.FromSeconds(1), _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            lock (_gate)
            {
                if (generation == _generation) _manager.Fail(transaction.Id);
            }
        }

        Wake();
    }
}
