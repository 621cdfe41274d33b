using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.Protocol;
using Opal.TxManager;

namespace Opal.Batcher;

public sealed partial class BatcherService
{
    private static readonly TimeSpan PauseAfterFailure = TimeSpan.FromSeconds(1);

    /// <summary>Closes what is due and sends what may be sent, channel by channel.</summary>
    /// <param name="flush">Close the open channel whatever it holds.</param>
    /// <param name="hasMore">Whether more blocks are loaded at once: what they are to go into is not closed before.</param>
    private void Submit(bool flush, bool hasMore = false)
    {
        bool isFlushed;
        lock (_front) isFlushed = _flush && !hasMore;
        for (bool goesOn = true; goesOn && !_stopping.IsCancellationRequested;)
        {
            using (Enter())
            {
                if (LetGoOfLate()) return;
                goesOn = _manager.Step(_l1Head, OriginOf, flush || isFlushed, hasMore);
                RecordClosed();
            }

            BeginPlanned();
        }

        if (!isFlushed) return;
        lock (_front) _flush = false;
    }

    /// <summary>Sends what waits in closed channels. False when nothing may be sent in this turn.</summary>
    private bool SendWaiting()
    {
        using (Enter())
        {
            if (LetGoOfLate()) return false;
        }

        BeginPlanned();
        return true;
    }

    private void BeginPlanned()
    {
        while (PlanNext() is { } next) Begin(next.Channel, next.Transaction);
    }

    /// <summary>Nothing is sent that cannot count any more. True when what is held was given up, and the next turn begins anew.</summary>
    private bool LetGoOfLate()
    {
        ulong window = _options.SequencingWindowBlocks;
        if (ForcedChain.FindDoomed(_manager.UnsentAbove(_safeNumber), _l1Head, window) is { } doomed)
        {
            Hold(doomed);
            return true;
        }

        if (_manager.FindLateSpan(_safeNumber, _l1Head) is { } first)
        {
            StartOver(ChannelOutcome.Abandoned, $"the sequencing window of L2 block {first.Number} is over, and with it a span batch that begins there; what follows is encoded block by block");
            Wake();
            return true;
        }

        // what is on its way may be on L1 in time without our knowing it yet: it is not given up, and nothing is sent that builds on it
        BlockId? late = ForcedChain.FindDoomed(_manager.NotOnL1Above(_safeNumber), _l1Head, window)?.Id;
        if (late is { } block && _late is null) _logger.LogWarning("L2 block {Block} is on its way to L1 and its sequencing window is over: nothing is posted behind it before the rollup node has read L1 so far", block.Number);
        _late = late;
        return false;
    }

    private (ClosedChannel Channel, SentTransaction Transaction)? PlanNext()
    {
        using (Enter())
        {
            if (_late is not null || _manager.IsNextTooLate(_l1Head)) return null;

            // One that is not signed yet may have a nonce already: nothing is signed behind it, so that no restart finds a gap or another order of frames.
            // One that failed comes again, or its frames do: they go before those behind them.
            if (_manager.AwaitsNonce || !_manager.TryNext(out (ClosedChannel Channel, SentTransaction Transaction) next)) return null;
            try
            {
                _journal.Plan(next.Channel.Id, next.Transaction);
                return next;
            }
            catch
            {
                _manager.Fail(next.Transaction.Id);
                throw;
            }
        }
    }

    private void RecordClosed()
    {
        while (_manager.NextUnrecorded is { } channel)
        {
            _journal.Close(channel);
            _manager.Recorded();
            _metrics.Closed(channel);
            _carriers?.ChannelClosed(channel.DataBytes);
            bool again = _postedBefore.Count > 0 && Array.Exists(channel.Blocks, block => _postedBefore.Contains(block.Id.Hash));
            _status = _status with { ClosedChannels = _status.ClosedChannels + 1, Reposts = _status.Reposts + (again ? 1 : 0) };
            _logger.LogInformation("Channel {Channel} is closed ({Reason}): L2 blocks {First} to {Last}, {Frames} frames, {Bytes} bytes", channel.Id, channel.Reason, channel.FirstBlock.Number,
                channel.LastBlock.Number, channel.FrameCount, channel.DataBytes);
        }
    }

    private static ulong OriginOf(Block block) =>
        block.Transactions.Length > 0 && L1BlockInfo.TryParse(block.Transactions[0], out L1BlockInfo? info) ? info!.Number : 0;

    /// <summary>Begins to send. What is begun first has the lower nonce.</summary>
    private void Begin(ClosedChannel channel, SentTransaction transaction)
    {
        Task task = SendAsync(channel, transaction);
        using (Enter()) _sending.Add(task);
        task.ContinueWith(done =>
        {
            using (Enter()) _sending.Remove(done);
        }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }

    private async Task SendAsync(ClosedChannel channel, SentTransaction transaction)
    {
        List<byte[]> carriers = channel.FramesOf(transaction).Select(static frame => FrameCodec.Encode([frame])).ToList();
        var recorder = new TransactionRecorder(_journal, transaction, Wake);
        try
        {
            while (true)
            {
                try
                {
                    Task<BlockId> submission = _submitter.SubmitAsync(carriers, channel.AsBlobs, recorder, transaction.Resume(), _stopping.Token);
                    using (Enter()) transaction.IsBetweenTries = false;
                    Confirmed(channel, transaction, carriers, await submission);
                    break;
                }
                catch (Exception error) when (error is not OperationCanceledException || !_stopping.IsCancellationRequested)
                {
                    if (!await GoesOnAsync(channel, transaction, error)) break;
                }
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }

        Wake();
    }

    private void Confirmed(ClosedChannel channel, SentTransaction transaction, List<byte[]> carriers, BlockId included)
    {
        int bytes = carriers.Sum(static c => c.Length);
        using (Enter())
        {
            if (_manager.Confirm(transaction.Id, included)) Record(() => _journal.Confirm(transaction.Id, included));
            else channel.Confirm(transaction, included); // it was given up, and is on L1 all the same
            if (channel.IsConfirmed && _carried.Add(channel) && !channel.IsDuplicate) CountDuplicate(channel, "another channel with some of its blocks is on L1 too");
            _sendTrouble = "";
            _status = _status with
            {
                Transactions = _status.Transactions + 1, LastL1Block = included.Number, LastBytes = bytes, LastBlobs = channel.AsBlobs ? carriers.Count : 0,
                LastFillPercent = 100.0 * bytes / ((long)carriers.Count * _options.CarrierBytes(channel.AsBlobs)),
                PostedBytes = _status.PostedBytes + bytes, PostedBlobs = _status.PostedBlobs + (channel.AsBlobs ? carriers.Count : 0),
            };
        }

        _logger.LogInformation("Batch posted in L1 block {Block}: channel {Channel}, {Frames} frames, {Bytes} bytes{Blobs}", included.Number, channel.Id, transaction.FrameCount, bytes,
            channel.AsBlobs ? " in blobs" : "");
    }

    /// <summary>
    /// A transaction failed. While one of its versions may still be mined it is sent again under the same nonce, so that its frames are on L1 once; else its frames
    /// go into another transaction.
    /// </summary>
    private async Task<bool> GoesOnAsync(ClosedChannel channel, SentTransaction transaction, Exception error)
    {
        if (error is not (BatchSubmissionException or IOException)) _logger.LogError(error, "Sending a batcher transaction failed");
        bool mayBeMined = transaction.Versions.Count > 0 && !IsOver(error);
        using (Enter())
        {
            _sendTrouble = error.Message;
            transaction.IsBetweenTries = true;
        }

        _logger.LogWarning("Batcher transaction of channel {Channel} failed, {What}: {Problem}", channel.Id,
            mayBeMined ? "it is sent again under its nonce" : "its frames are sent in another", error.Message);
        await Task.Delay(PauseAfterFailure, _time, _stopping.Token);
        using (Enter())
        {
            if (!_manager.IsInFlight(transaction.Id)) return false;
            if (mayBeMined) return true;
            Record(() => _journal.Fail(transaction.Id, error.Message));
            _manager.Fail(transaction.Id);
            return false;
        }
    }

    /// <summary>Whether no version can be mined any more: its nonce is used, or L1's pool never took one.</summary>
    private static bool IsOver(Exception error) =>
        error.InnerException is TxManagerException { Failure: TxFailure.NonceTaken or TxFailure.AlreadyReserved or TxFailure.Refused or TxFailure.Reverts };

    /// <summary>Writes what the next start would find out by itself: that it cannot be written stops nothing.</summary>
    private void Record(Action write)
    {
        try
        {
            write();
        }
        catch (IOException error)
        {
            _journalTrouble = error.Message;
            _logger.LogError("The batcher's journal cannot be written: {Problem}", error.Message);
        }
    }

    /// <summary>Writes what <see cref="Record"/> could not, so that the trouble is over as soon as there is room, also when there is nothing to post.</summary>
    private void RecordAgain()
    {
        using (Enter())
        {
            if (_journalTrouble.Length == 0) return;
            Record(() =>
            {
                _journal.WriteLeft();
                _journalTrouble = "";
            });
        }
    }
}
