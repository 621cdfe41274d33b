using Microsoft.Extensions.Logging;
using Opal.Derivation;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Batcher;

/// <summary>The batcher's loop: looks at L2, feeds the channel manager, sends what it says, and starts over where the chain says so.</summary>
/// <remarks>
/// What is posted is decided by the safe head alone, so a restarted batcher goes on behind it and a lost batch is found by the node having
/// read past it. Spec: protocol/batcher.md.
/// </remarks>
public sealed class BatcherService : IAsyncDisposable
{
    private readonly BatcherOptions _options;
    private readonly EthClient _l2;
    private readonly RollupNodeClient _node;
    private readonly IL1Submitter _submitter;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ChannelManager _manager;
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly CancellationTokenSource _stopping = new();
    private readonly SemaphoreSlim _control = new(1, 1);
    private readonly HashSet<Task> _sending = [];
    private BatcherStatus _status = new();
    private ulong _l1Head;
    private bool _flush;
    private bool _posting;
    private int _generation;
    private Task _loop = Task.CompletedTask;

    /// <summary>A batcher, not yet started.</summary>
    public BatcherService(
        BatcherOptions options, EthClient l2, RollupNodeClient node, IL1Submitter submitter, IChannelCodec codec, TimeProvider time, ILogger logger)
    {
        _options = options;
        _l2 = l2;
        _node = node;
        _submitter = submitter;
        _time = time;
        _logger = logger;
        _manager = new ChannelManager(options, codec);
        _posting = !options.StartStopped;
    }

    /// <summary>What it is doing.</summary>
    public BatcherStatus Status
    {
        get
        {
            lock (_gate) return _status with { Running = _posting, PendingBlocks = _manager.PendingBlocks, InFlight = _manager.InFlight };
        }
    }

    /// <summary>Starts the loop.</summary>
    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Adds the admin methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("admin_startBatcher", (_, _, _) => ValueTask.FromResult(StartPosting() ? RpcResult.Null : RpcResult.Fail(RpcErrorCode.ServerError, "batcher is already running")));
        registry.Register("admin_stopBatcher", async (_, _, cancellation) =>
            await StopPostingAsync(cancellation) ? RpcResult.Null : RpcResult.Fail(RpcErrorCode.ServerError, "batcher is not running"));
        registry.Register("admin_flushBatcher", (_, _, _) =>
        {
            Flush();
            return ValueTask.FromResult(RpcResult.Null);
        });
    }

    /// <summary>Begins to post. False when it does already.</summary>
    public bool StartPosting()
    {
        lock (_gate)
        {
            if (_posting) return false;
            _manager.Clear();
            _posting = true;
        }

        _logger.LogInformation("Batcher started");
        Wake();
        return true;
    }

    /// <summary>Closes the open channel, waits until everything is on L1, and stops posting. False when it is stopped already.</summary>
    public async Task<bool> StopPostingAsync(CancellationToken cancellation)
    {
        await _control.WaitAsync(cancellation);
        try
        {
            lock (_gate)
            {
                if (!_posting) return false;
            }

            Flush();
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation, _stopping.Token);
            patience.CancelAfter(TimeSpan.FromMinutes(2));
            while (!patience.IsCancellationRequested)
            {
                lock (_gate)
                {
                    if (_manager.IsDrained) break;
                }

                Wake();
                await Task.Delay(TimeSpan.FromMilliseconds(100), _time, CancellationToken.None);
            }

            lock (_gate) _posting = false;
            _logger.LogInformation("Batcher stopped");
            return true;
        }
        finally
        {
            _control.Release();
        }
    }

    /// <summary>Closes the open channel at the next turn, whatever it holds.</summary>
    public void Flush()
    {
        lock (_gate) _flush = true;
        Wake();
    }

    private void Wake()
    {
        lock (_gate)
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                bool posting;
                lock (_gate) posting = _posting;
                if (posting) await TurnAsync(_stopping.Token);
                SetTrouble("");
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException or JsonFormatException)
            {
                SetTrouble(error.Message);
                _logger.LogWarning("Batcher cannot see the chain, trying again: {Problem}", error.Message);
            }

            Task woken = _wake.WaitAsync(_options.PollInterval, _stopping.Token);
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
        SyncStatus status = await _node.SyncStatusAsync(cancellation);
        if (status.HeadL1.Number == 0 && status.HeadL1.Hash.IsZero) return; // the node has not seen L1 yet
        var safe = new BlockId(status.SafeL2.Hash, status.SafeL2.Number);
        ulong next, last = status.UnsafeL2.Number;
        lock (_gate)
        {
            _l1Head = status.HeadL1.Number;
            string? reset = ReasonToStartOver(safe, status.CurrentL1.Number);
            if (reset is not null) StartOver(reset);
            next = _manager.Tip is { } tip ? tip.Number + 1 : safe.Number + 1;
        }

        for (; next <= last; next++)
        {
            Block? block = await _l2.FindBlockAsync(BlockParameter.At(next), cancellation);
            if (block is null) break;
            lock (_gate)
            {
                if (_manager.AddBlock(block) == AddBlockResult.NotNext)
                {
                    StartOver("the L2 chain was reorganised");
                    return;
                }
            }

            if (next % 64 == 0) Submit();
        }

        Submit();
    }

    private string? ReasonToStartOver(BlockId safe, ulong derivedL1Block)
    {
        if (_manager.Tip is { } tip && safe.Number > tip.Number) return "the safe head is ahead of what was posted";
        if (!_manager.PruneSafe(safe)) return "the safe chain differs from what was posted";
        if (_manager.HasLostChannel(safe, derivedL1Block)) return "a posted channel had no effect (dropped, or reorganised away on L1)";
        return _manager.HasTimedOutChannel(_l1Head) ? "a channel was not completed in time" : null;
    }

    private void StartOver(string reason)
    {
        if (_manager.Tip is not null) _logger.LogWarning("Batcher starts again from the safe head: {Reason}", reason);
        _manager.Clear();
        _generation++;
    }

    /// <summary>Closes what is due and sends what may be sent.</summary>
    private void Submit()
    {
        lock (_gate)
        {
            _manager.Advance(_l1Head, OriginOf, _flush);
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
        await Task.Yield(); // the caller holds the gate
        bool asBlobs = _options.DataAvailability == DataAvailabilityType.Blobs;
        var carriers = new List<byte[]>();
        foreach (Frame frame in transaction.Frames) carriers.Add(FrameCodec.Encode([frame]));
        int bytes = carriers.Sum(c => c.Length);
        try
        {
            BlockId included = await _submitter.SubmitAsync(carriers, asBlobs, _stopping.Token);
            lock (_gate)
            {
                if (generation == _generation) _manager.Confirm(transaction.Id, included.Number);
                _status = _status with
                {
                    Transactions = _status.Transactions + 1, LastL1Block = included.Number, LastBytes = bytes, LastBlobs = asBlobs ? carriers.Count : 0,
                };
            }

            _logger.LogInformation("Batch posted in L1 block {Block}: channel {Channel}, {Frames} frames, {Bytes} bytes",
                included.Number, transaction.Frames[0].Channel, transaction.Frames.Count, bytes);
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            return;
        }
        catch (BatchSubmissionException error)
        {
            lock (_gate)
            {
                if (generation == _generation) _manager.Fail(transaction.Id);
                _status = _status with { Trouble = error.Message };
            }

            _logger.LogWarning("Batcher transaction failed, its frames are sent again: {Problem}", error.Message);
            await Task.Delay(TimeSpan.FromSeconds(1), _time, CancellationToken.None);
        }

        Wake();
    }

    /// <summary>Stops at once; what is in flight is found again by the safe head at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        Task[] sending;
        lock (_gate) sending = [.. _sending];
        await Task.WhenAll(sending);
        _stopping.Dispose();
        _wake.Dispose();
        _control.Dispose();
    }
}
