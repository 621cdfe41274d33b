using Microsoft.Extensions.Logging.Abstractions;
using Opal.JsonRpc;
using Opal.Storage;
using Opal.Testing;

namespace Opal.Batcher.Tests.Crashes;

/// <summary>A batcher in a world where everything may happen, step by step: killed, or without power, and started again over what is left of its journal.</summary>
internal sealed class CrashHistory : IAsyncDisposable
{
    private readonly Random _random;
    private readonly BatcherOptions _options;
    private readonly ulong _confirmations;
    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds(1_000_000));
    private readonly MemoryFrameLog _kept = new();
    private CrashPoints _points = new();
    private CrashLog _log = null!;
    private CrashSubmitter? _submitter;
    private BatcherService _batcher = null!;

    public CrashHistory(int seed, int? firstCrash = null, int maxPending = 1)
    {
        _random = new Random(seed);
        _confirmations = 1 + ((ulong)seed % 3);
        _options = new BatcherOptions
        {
            BatchInbox = CrashRollup.Config.BatchInboxAddress, MaxL1TransactionBytes = 400, TargetFrames = 2, MaxChannelDurationBlocks = 2, SubSafetyMarginBlocks = 2, ChannelTimeoutBlocks = 12,
            SequencingWindowBlocks = CrashRollup.Config.SequencingWindowSize, MaxPendingTransactions = maxPending,
        };
        L1 = new CrashL1(_random);
        Rollup = new CrashRollup(L1);
        Start(firstCrash);
    }

    public CrashL1 L1 { get; }

    public CrashRollup Rollup { get; }

    /// <summary>The journal's disk.</summary>
    public CrashDisk Disk { get; } = new();

    public int Crashes { get; private set; }

    /// <summary>Steps of the batcher that runs now.</summary>
    public int Steps => _points.Count;

    public BatcherStatus Status => _batcher.Status;

    public RpcHealth Health => _batcher.Health;

    /// <summary>How often sending fails.</summary>
    public double FailureRate
    {
        get => _submitter!.FailureRate;
        set => _submitter!.FailureRate = value;
    }

    private void Start(int? crashAt)
    {
        _points = new CrashPoints(crashAt);
        _log = new CrashLog(_kept, _points, Disk);
        _submitter = new CrashSubmitter(L1, _points, _random, _confirmations) { FailureRate = _submitter?.FailureRate ?? 0 };
        var sequencer = new OnlySequencer(new EthClient(new CrashRpc(Rollup.L2, _points)), new RollupNodeClient(new CrashRpc(Rollup.Node, _points)));
        _batcher = new BatcherService(_options, sequencer, _submitter, new ChannelCodec(CrashRollup.Config, _options), _time, NullLogger.Instance, journal: new BatcherJournal(_log, reopen: () => _log = new CrashLog(_kept, _points, Disk)),
            l1: new CrashFacts(L1, _points));
    }

    /// <summary>If the batcher died, what it wrote is there, or what is left of it after a loss of power, and another one starts.</summary>
    public async Task RestartIfDeadAsync(int? nextCrash)
    {
        if (!_points.IsDead) return;
        Crashes++;
        await DisposeAsync();
        if (_random.Next(2) == 0) _log.LosePower(_random);
        Start(nextCrash);
    }

    public async Task TurnAsync()
    {
        try
        {
            await _batcher.TurnAsync(default);
        }
        catch (CrashException)
        {
            Assert.True(_points.IsDead);
        }

        _time.Advance(TimeSpan.FromMilliseconds(1500));
    }

    public void Mine(double share = 1)
    {
        L1.Mine(share);
        _submitter!.Look();
    }

    public void Reorg(int depth, double loss)
    {
        L1.Reorg(depth, loss);
        for (int i = 0; i <= depth; i++) Mine();
    }

    /// <summary>Another program takes the account's next nonce; what waits behind it is mined too.</summary>
    public void StealNonce()
    {
        L1.StealNonce();
        Mine();
    }

    /// <summary>Closes the open channel at the next turn.</summary>
    public void Flush() => _batcher.Flush();

    public void Build(int count) => Rollup.Build(count, 250, _random);

    /// <summary>Everything goes well from now on: all blocks become safe.</summary>
    public async Task<int> SettleAsync()
    {
        FailureRate = 0;
        Rollup.Lag = 0;
        (Disk.IsFull, Disk.FailsToSync) = (false, false);
        for (int round = 0; round < 150; round++)
        {
            if (Rollup.Safe == Rollup.Unsafe) return round;
            await TurnAsync();
            Mine();
            await RestartIfDeadAsync(null);
        }

        Assert.Fail($"safe {Rollup.Safe} of {Rollup.Unsafe}; {Status}");
        return 0;
    }

    /// <summary>Takes its tasks away; a dead one can do nothing any more.</summary>
    public async ValueTask DisposeAsync()
    {
        _points.Kill();
        try
        {
            await _batcher.DisposeAsync();
        }
        catch (CrashException)
        {
            // some of its tasks died of it
        }
    }
}
