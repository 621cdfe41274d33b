using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.TxManager;

namespace Opal.Batcher;

/// <summary>Asks execution clients for smaller blocks while the backlog is large (<c>miner_setMaxDASize</c>), and for ordinary ones when it is not.</summary>
/// <remarks>
/// Each client is told by itself and in the background: one that is down or lacks the method is reported, tried again, and holds up neither the others nor the batcher.
/// Limits are told again every <see cref="ThrottleOptions.ReassertInterval"/>, since a restarted client has forgotten them.
/// </remarks>
public sealed class SequencerThrottle : IDataThrottle, IAsyncDisposable
{
    private readonly ThrottleOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ThrottledEndpoint[] _endpoints;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ThrottleMetrics _metrics;
    private readonly Lock _gate = new();
    private IThrottleController _controller;
    private ThrottleLimits _limits;
    private ulong _backlog;

    /// <summary>A throttle of one execution client.</summary>
    /// <inheritdoc cref="SequencerThrottle(ThrottleOptions, IReadOnlyList{IRpcClient}, TimeProvider, ILogger, OperatorAlarms)" path="/exception"/>
    public SequencerThrottle(ThrottleOptions options, IRpcClient l2, ILogger logger) : this(options, [l2], TimeProvider.System, logger) { }

    /// <summary>A throttle of several execution clients.</summary>
    /// <param name="options">Thresholds and limits.</param>
    /// <param name="executionClients">
    /// Every sequencer's, so that one that takes over has the limits already, and the additional ones (<c>throttle.additional-endpoints</c>); each once.
    /// </param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Where to log.</param>
    /// <param name="alarms">Hears of clients that cannot be told; null logs them.</param>
    /// <exception cref="ArgumentException">The options contradict themselves (<see cref="ThrottleOptions.FindFault()"/>).</exception>
    public SequencerThrottle(ThrottleOptions options, IReadOnlyList<IRpcClient> executionClients, TimeProvider time, ILogger logger, OperatorAlarms? alarms = null)
    {
        if (options.FindFault() is { } fault) throw new ArgumentException(fault, nameof(options));
        (_options, _time, _logger) = (options, time, logger);
        _controller = options.Create(options.Controller, options.Pid, time);
        _limits = ThrottleLimits.At(options.Controller, 0, options);
        _endpoints = [.. executionClients.Select((client, index) => new ThrottledEndpoint(index, client, options, time, logger, alarms, _stopping.Token))];
        _metrics = new ThrottleMetrics(this);
        if (!IsOn) logger.LogWarning("Throttling is off (its threshold is 0): the sequencer is not slowed down when L1 lags behind");
    }

    private bool IsOn => _options.LowerThreshold > 0;

    /// <inheritdoc/>
    public bool IsActive => Status.Limits.IsThrottling;

    /// <summary>What it does at the moment.</summary>
    public ThrottleStatus Status
    {
        get
        {
            string[] problems = [.. _endpoints.Where(static e => e.Problem is not null).Select(static e => $"{e.Name}: {e.Problem}")];
            lock (_gate) return new ThrottleStatus(_controller.Type, _backlog, _limits, problems);
        }
    }

    /// <summary>Completes when no client is being told.</summary>
    internal Task Settled => Task.WhenAll(_endpoints.Select(static endpoint => endpoint.Settled));

    /// <summary>Adds <c>admin_getThrottleController</c>, <c>admin_setThrottleController</c> and <c>admin_resetThrottleController</c>.</summary>
    public void Register(RpcRegistry registry) => ThrottleApi.Register(registry, this, _options);

    /// <inheritdoc/>
    public Task ApplyAsync(long backlogBytes, CancellationToken cancellation)
    {
        if (!IsOn) return Task.CompletedTask;
        ThrottleLimits before, now;
        lock (_gate)
        {
            before = _limits;
            _backlog = (ulong)Math.Max(0, backlogBytes);
            now = _limits = ThrottleLimits.At(_controller.Type, _controller.Next(_backlog), _options);
        }

        LogChange(before, now, backlogBytes);
        foreach (ThrottledEndpoint endpoint in _endpoints) endpoint.Tell(now);
        return Task.CompletedTask;
    }

    /// <summary>Begin, end, and every fourth of the way between.</summary>
    private void LogChange(ThrottleLimits before, ThrottleLimits now, long backlog)
    {
        if (now.IsThrottling && (!before.IsThrottling || Quarter(before) != Quarter(now)))
        {
            _logger.LogWarning("Backlog of {Backlog} bytes is above {Threshold}: the sequencer is slowed down at intensity {Intensity:0.00}, to {Transaction} bytes of data a transaction and {Block} a block",
                backlog, _options.LowerThreshold, now.Intensity, Named(now.TransactionBytes), Named(now.BlockBytes));
        }
        else if (before.IsThrottling && !now.IsThrottling)
        {
            _logger.LogInformation("Backlog is down to {Backlog} bytes: the sequencer is not slowed down any more (limit of a block: {Block} bytes)", backlog, Named(now.BlockBytes));
        }

        static int Quarter(ThrottleLimits limits) => (int)(limits.Intensity * 4);
        static string Named(ulong limit) => limit == 0 ? "any number of" : limit.ToString();
    }

    /// <summary>Takes another controller, which begins anew; thresholds and limits stay.</summary>
    /// <param name="type">Which.</param>
    /// <param name="pid">The PID controller's constants; null takes those of the options.</param>
    /// <returns>Why not; null when it was taken.</returns>
    public string? SetController(ThrottleControllerType type, PidOptions? pid = null)
    {
        pid ??= _options.Pid;
        if ((_options with { Pid = pid }).FindFault(type) is { } fault) return fault;
        ThrottleControllerType before;
        lock (_gate)
        {
            before = _controller.Type;
            _controller = _options.Create(type, pid, _time);
            _limits = ThrottleLimits.At(type, 0, _options);
        }

        _logger.LogWarning("Throttle controller changed from {Before} to {Type}", ThrottleApi.NameOf(before), ThrottleApi.NameOf(type));
        return null;
    }

    /// <summary>Makes the controller forget what was before; the next look at the backlog decides anew.</summary>
    public void Reset()
    {
        lock (_gate)
        {
            _controller.Reset();
            _limits = ThrottleLimits.At(_controller.Type, 0, _options);
        }

        _logger.LogInformation("Throttle controller reset");
    }

    /// <summary>Stops telling. What the clients were told last stays with them.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await Settled;
        _metrics.Dispose();
        _stopping.Dispose();
    }
}
