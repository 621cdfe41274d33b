using Microsoft.Extensions.Logging;
using Opal.JsonRpc;

namespace Opal.Proposer;

/// <summary>The proposer's loop: looks which output is due, asks the rollup node for it, has it checked, posts it.</summary>
/// <remarks>What was proposed is read from L1 each time, so nothing is proposed twice after a restart, and what a reorg of L1 took away is proposed again.</remarks>
public sealed partial class ProposerService : IAsyncDisposable
{
    /// <summary>How long a proposal may be on its way before that is trouble.</summary>
    private static readonly TimeSpan LongInFlight = TimeSpan.FromMinutes(10);

    private readonly ProposerOptions _options;
    private readonly EthClient _l1;
    private readonly Func<CancellationToken, ValueTask<RollupNodeClient>> _node;
    private readonly IProposalSender _sender;
    private readonly IOutputSink _sink;
    private readonly OutputChecks _checks;
    private readonly ProposalJournal _journal;
    private readonly ProposerMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private CancellationTokenSource _running = new();
    private TaskCompletionSource _idle = new();
    private ProposerStatus _status;
    private Task _loop = Task.CompletedTask;

    /// <summary>A proposer, not yet started.</summary>
    /// <param name="options">What it is told.</param>
    /// <param name="l1">L1.</param>
    /// <param name="node">Gives the rollup node to ask; the answer may change from call to call, as with several of them.</param>
    /// <param name="sender">Sends to L1.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    /// <param name="verifiers">Other rollup nodes (<c>verify-rollup-rpc</c>): what they do not confirm is not proposed.</param>
    /// <exception cref="ArgumentException">Not exactly one of oracle and factory is set, or the proposal interval is not above zero.</exception>
    public ProposerService(
        ProposerOptions options, EthClient l1, Func<CancellationToken, ValueTask<RollupNodeClient>> node, IProposalSender sender, TimeProvider time, ILogger logger,
        IReadOnlyList<RollupNodeClient>? verifiers = null)
    {
        if (options.GameFactory is not null && options.ProposalInterval <= TimeSpan.Zero) throw new ArgumentException("the proposal interval must be above zero", nameof(options));
        _sink = (options.OutputOracle, options.GameFactory) switch
        {
            ({ } oracle, null) => new OutputOracleSink(oracle, sender.Sender, l1, time),
            (null, { } factory) => new DisputeGameSink(factory, options.GameType, options.ProposalInterval, sender.Sender, l1, time, logger),
            _ => throw new ArgumentException("exactly one of the L2OutputOracle's and the DisputeGameFactory's address must be given", nameof(options)),
        };
        (_options, _l1, _node, _sender, _time, _logger) = (options, l1, node, sender, time, logger);
        _metrics = new ProposerMetrics(() => Status);
        _checks = new OutputChecks(l1, verifiers ?? [], _metrics, logger);
        _journal = new ProposalJournal(options.JournalFile, sender.Sender);
        _status = new ProposerStatus { Running = !options.StartStopped };
        _idle.SetResult();
    }

    /// <summary>What it is doing.</summary>
    public ProposerStatus Status
    {
        get
        {
            lock (_gate) return _status;
        }
    }

    /// <summary>Whether the proposer does its work: it is healthy when it is stopped on purpose, or its last look at the chain went well and no proposal is stuck.</summary>
    public RpcHealth Health
    {
        get
        {
            ProposerStatus status = Status;
            if (status.InFlightSince is { } since && _time.GetUtcNow() - since is var waited && waited >= LongInFlight)
            {
                return new RpcHealth(false, $"a proposal has been on its way to L1 for {(int)waited.TotalMinutes} minutes");
            }

            return new RpcHealth(!status.Running || status.Trouble.Length == 0, status.Trouble);
        }
    }

    /// <summary>Ends when the loop does, after <see cref="DisposeAsync"/>.</summary>
    public Task Completion => _loop;

    /// <summary>Asks L1 and the rollup node whether this proposer can propose at all. The loop asks too; this is for a start that shall fail at once.</summary>
    /// <exception cref="ProposerRefusedException">It cannot; the message says why.</exception>
    /// <exception cref="RpcTransportException">L1 or the rollup node gives no answer.</exception>
    /// <exception cref="RpcCallException">L1 or the rollup node refuses to answer.</exception>
    /// <exception cref="IOException">The journal cannot be read.</exception>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        _journal.ReadOnce();
        await RequireFitAsync(await _node(cancellation), cancellation);
    }

    /// <summary>Starts the loop.</summary>
    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Adds the admin methods and <c>health_status</c>.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("admin_startProposer", _ => StartProposing() ? RpcResult.Null : RpcResult.Fail(RpcErrorCode.ServerError, "proposer is already running"));
        registry.Register("admin_stopProposer", async (_, _, cancellation) =>
            await StopProposingAsync(cancellation) ? RpcResult.Null : RpcResult.Fail(RpcErrorCode.ServerError, "proposer is not running"));
        registry.Register("health_status", _ => Health is { IsHealthy: true } ? RpcResult.String("healthy") : RpcResult.Fail(RpcErrorCode.ServerError, Health.Detail));
    }

    private bool StartProposing()
    {
        lock (_gate)
        {
            if (_status.Running) return false;
            _status = _status with { Running = true, Trouble = "" };
            _running.Dispose();
            _running = new CancellationTokenSource();
        }

        Volatile.Write(ref _startedOver, true);
        _logger.LogInformation("Proposer started");
        return true;
    }

    /// <summary>Stops; nothing is sent once this has returned. What L1's pool holds may still be mined.</summary>
    private async Task<bool> StopProposingAsync(CancellationToken cancellation)
    {
        CancellationTokenSource running;
        Task idle;
        lock (_gate)
        {
            if (!_status.Running) return false;
            _status = _status with { Running = false, Trouble = "" };
            (running, idle) = (_running, _idle.Task);
        }

        await running.CancelAsync();
        await idle.WaitAsync(cancellation);
        if (_journal.Pending is not { } pending) _logger.LogInformation("Proposer stopped");
        else _logger.LogWarning("Proposer stopped; the proposal of L2 block {Block} on its way (nonce {Nonce}) may still be mined, and is taken up when the proposer is started again", pending.Proposal.L2Block, pending.Resume.Nonce);
        return true;
    }

    private void Update(Func<ProposerStatus, ProposerStatus> change)
    {
        lock (_gate) _status = change(_status);
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            TimeSpan pause = await ProposeDueAsync();
            await Task.Delay(pause, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Proposes what is due, unless it is stopped.</summary>
    /// <returns>The pause before the next look.</returns>
    private async Task<TimeSpan> ProposeDueAsync()
    {
        CancellationToken running;
        TaskCompletionSource idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (!_status.Running || _stopping.IsCancellationRequested) return _options.PollInterval;
            running = _running.Token;
            _idle = idle;
        }

        try
        {
            // an oracle's outputs may stand one behind another; after a game none is due, and a server that is a little behind may not have it yet
            while (await TryProposeAsync(running) && _options.OutputOracle is not null && !running.IsCancellationRequested)
            {
            }

            return _options.PollInterval;
        }
        catch (OperationCanceledException) when (running.IsCancellationRequested)
        {
            return _options.PollInterval;
        }
        catch (Exception)
        {
            return _options.OutputRetryInterval; // what it was is told
        }
        finally
        {
            idle.SetResult();
        }
    }

    /// <summary>Stops the loop. A proposal on its way may still be mined; the next start finds it.</summary>
    public async ValueTask DisposeAsync()
    {
        CancellationTokenSource running;
        await _stopping.CancelAsync();
        lock (_gate) running = _running;
        await running.CancelAsync();
        await _loop;
        _stopping.Dispose();
        running.Dispose();
        _metrics.Dispose();
    }
}
