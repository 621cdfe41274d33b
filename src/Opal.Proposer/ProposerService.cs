using Microsoft.Extensions.Logging;
using Opal.JsonRpc;
using Opal.Protocol;

namespace Opal.Proposer;

/// <summary>The proposer's loop: looks which output is due, asks the rollup node for it, posts it.</summary>
public sealed class ProposerService : IAsyncDisposable
{
    private readonly ProposerOptions _options;
    private readonly RollupNodeClient _node;
    private readonly IOutputSink _sink;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Lock _gate = new();
    private ProposerStatus _status;
    private Task _loop = Task.CompletedTask;

    /// <summary>A proposer, not yet started.</summary>
    /// <exception cref="ArgumentException">Not exactly one of oracle and factory is set.</exception>
    public ProposerService(ProposerOptions options, EthClient l1, RollupNodeClient node, IProposalSender sender, TimeProvider time, ILogger logger)
    {
        _sink = (options.OutputOracle, options.GameFactory) switch
        {
            ({ } oracle, null) => new OutputOracleSink(oracle, l1, sender, time),
            (null, { } factory) => new DisputeGameSink(factory, options.GameType, options.ProposalInterval, l1, sender, time),
            _ => throw new ArgumentException("exactly one of the L2OutputOracle's and the DisputeGameFactory's address must be given", nameof(options)),
        };
        _options = options;
        _node = node;
        _time = time;
        _logger = logger;
        _status = new ProposerStatus { Running = !options.StartStopped };
    }

    /// <summary>What it is doing.</summary>
    public ProposerStatus Status
    {
        get
        {
            lock (_gate) return _status;
        }
    }

    /// <summary>Starts the loop.</summary>
    public void Start() => _loop = Task.Run(RunAsync);

    /// <summary>Adds the admin methods.</summary>
    public void Register(RpcRegistry registry)
    {
        registry.Register("admin_startProposer", _ => Switch(true) ? RpcResult.Null : RpcResult.Fail(RpcErrorCode.ServerError, "proposer is already running"));
        registry.Register("admin_stopProposer", _ => Switch(false) ? RpcResult.Null : RpcResult.Fail(RpcErrorCode.ServerError, "proposer is not running"));
    }

    private bool Switch(bool running)
    {
        lock (_gate)
        {
            if (_status.Running == running) return false;
            _status = _status with { Running = running };
        }

        _logger.LogInformation("Proposer {State}", running ? "started" : "stopped");
        return true;
    }

    private async Task RunAsync()
    {
        while (!_stopping.IsCancellationRequested)
        {
            try
            {
                while (Status.Running && await TryProposeAsync(_stopping.Token))
                {
                    // proposals that are due stand one behind another
                }

                lock (_gate) _status = _status with { Trouble = "" };
            }
            catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
            {
                return;
            }
            catch (Exception error) when (error is RpcTransportException or RpcCallException or JsonFormatException or ProposalException)
            {
                lock (_gate) _status = _status with { Trouble = error.Message };
                _logger.LogWarning("Proposer tries again: {Problem}", error.Message);
            }

            await Task.Delay(_options.PollInterval, _time, _stopping.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Proposes the output that is due.</summary>
    /// <returns>False when none is.</returns>
    internal async Task<bool> TryProposeAsync(CancellationToken cancellation)
    {
        SyncStatus status = await _node.SyncStatusAsync(cancellation);
        ulong newest = _options.AllowNonFinalized ? status.SafeL2.Number : status.FinalizedL2.Number;
        if (await _sink.NextBlockAsync(newest, cancellation) is not { } number) return false;
        OutputAtBlock output = await _node.OutputAtBlockAsync(number, cancellation);
        if (output.Block.Number != number) throw new ProposalException($"the rollup node answered for block {output.Block.Number} when asked for {number}");
        BlockId included = await _sink.ProposeAsync(output, cancellation);
        lock (_gate)
        {
            _status = _status with
            {
                Proposals = _status.Proposals + 1, LastL2Block = number, LastOutputRoot = output.OutputRoot, LastL1Block = included.Number,
            };
        }

        _logger.LogInformation("Output root {Root} of L2 block {Block} proposed in L1 block {L1Block}", output.OutputRoot, number, included.Number);
        return true;
    }

    /// <summary>Stops the loop.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _loop;
        _stopping.Dispose();
    }
}
