using Opal.Batcher;
using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;
using Opal.TxManager;

namespace Opal.BadDays.Tests;

/// <summary>A batcher at work on an L1 that has a bad day: real batcher, real transaction manager, a clock that the test moves.</summary>
internal sealed class BadDay : IAsyncDisposable
{
    /// <summary>When L1 and L2 begin, seconds.</summary>
    public const ulong GenesisTime = 1_800_000_000;

    /// <summary>Seconds between L1 blocks.</summary>
    public const int L1Seconds = 12;

    /// <summary>Seconds that pass at once while L1 makes blocks.</summary>
    private const int TickSeconds = 3;

    public static readonly byte[] BatcherKey = Keccak256.Hash("a batcher on a bad day"u8).ToArray();

    public static readonly Address BatcherAddress = Secp256k1.PrivateKeyToAddress(BatcherKey);

    private readonly ManualTime _time = new(DateTimeOffset.FromUnixTimeSeconds((long)GenesisTime));
    private readonly KeptLog _log = new();
    private readonly InboxReader _inbox;
    private readonly UInt256 _given;
    private readonly int _bytes;

    private BadDay(IBadDayL1 l1, BadDayOptions options, UInt256 given)
    {
        L1 = l1;
        _given = given;
        _bytes = options.BytesPerBlock;
        Rollup = new Rollup();
        _inbox = new InboxReader(l1, Rollup, BatcherAddress);
        Manager = new TransactionManager(new EthClient(l1.Provider), new LocalSigner(BatcherKey), options.Transactions, _time, _log);
        BatcherOptions batcher = options.Batcher;
        Batcher = new BatcherService(batcher, new OnlySequencer(Rollup.L2, Rollup.Node), new L1Submitter(Manager, Rollup.Config.BatchInboxAddress), new ChannelCodec(Rollup.Config, batcher), _time, _log,
            l1: new L1Facts(new EthClient(l1.Provider), BatcherAddress, Rollup.Config.L1SystemConfigAddress));
    }

    public IBadDayL1 L1 { get; }

    public Rollup Rollup { get; }

    public BatcherService Batcher { get; }

    public TransactionManager Manager { get; }

    /// <summary>What the batcher and the manager said.</summary>
    public string Log => _log.Text;

    public InboxReader Inbox => _inbox;

    /// <summary>Starts a batcher that has some ether.</summary>
    public static async Task<BadDay> StartAsync(IBadDayL1 l1, BadDayOptions options)
    {
        await l1.FundAsync(BatcherAddress, options.Balance);
        await l1.MineAsync(GenesisTime + L1Seconds);
        var day = new BadDay(l1, options, options.Balance);
        day._time.Advance(TimeSpan.FromSeconds(L1Seconds));
        await day._inbox.FollowAsync();
        day.Batcher.Start();
        await day.SettleAsync();
        return day;
    }

    /// <summary>The time between two L1 blocks passes, L2 grows, and L1 makes a block.</summary>
    /// <param name="l2Blocks">L2 blocks that are built meanwhile.</param>
    /// <param name="mine">Whether L1 makes its block.</param>
    public async Task StepAsync(int l2Blocks = 6, bool mine = true)
    {
        Rollup.Build(l2Blocks, _bytes);
        int tick = mine ? TickSeconds : L1Seconds; // a long halt is not looked at so closely
        for (int at = 0; at < L1Seconds; at += tick)
        {
            _time.Advance(TimeSpan.FromSeconds(tick));
            await SettleAsync();
        }

        if (!mine) return;
        await L1.MineAsync((ulong)_time.GetUtcNow().ToUnixTimeSeconds());
        await _inbox.FollowAsync();
    }

    /// <summary>Steps.</summary>
    public async Task StepsAsync(int count, int l2Blocks = 6, bool mine = true)
    {
        for (int i = 0; i < count; i++) await StepAsync(l2Blocks, mine);
    }

    /// <summary>Steps until something holds.</summary>
    public async Task UntilAsync(string what, Func<bool> holds, int mostSteps = 40, int l2Blocks = 0)
    {
        for (int i = 0; i < mostSteps; i++)
        {
            if (holds()) return;
            await StepAsync(l2Blocks);
        }

        Assert.True(holds(), $"{what} did not happen within {mostSteps} L1 blocks: {Describe()}\n{Log}");
    }

    /// <summary>What <c>opal batcher</c> looks at before it starts, with some key: the fault it finds, or null.</summary>
    public Task<string?> CheckStartAsync(byte[] key) =>
        new BatcherIdentity(new L1Facts(new EthClient(L1.Provider), Secp256k1.PrivateKeyToAddress(key), Rollup.Config.L1SystemConfigAddress), Rollup.Config).FindFaultAsync(CancellationToken.None);

    /// <summary>Sends a transaction with the batcher's key and the next nonce, which outbids what the pool holds, as a second program with the key would.</summary>
    public async Task StealNonceAsync()
    {
        ulong nonce = await L1.Truth.GetTransactionCountAsync(BatcherAddress);
        UInt256 gwei = new(1_000_000_000);
        Transaction thief = Strangers.Sign(new Transaction
        {
            Type = TransactionType.DynamicFee, ChainId = Strangers.ChainId, Nonce = nonce, To = BatcherAddress, GasLimit = 21_000, MaxFeePerGas = gwei * 1000UL, MaxPriorityFeePerGas = gwei * 4UL,
        }, BatcherKey);
        await L1.Truth.SendRawTransactionAsync(thief.Encoded);
    }

    /// <summary>The transactions of the batcher's that the pool may hold: given to the provider and not mined.</summary>
    public async Task<IReadOnlyList<Hash256>> PendingAsync()
    {
        ulong next = await L1.Truth.GetTransactionCountAsync(BatcherAddress);
        return [.. L1.Provider.Given.Where(given => given.Transaction.Nonce >= next).Select(static given => given.Transaction.Hash)];
    }

    /// <summary>Steps until a transaction of the batcher's waits in the pool.</summary>
    public async Task UntilOneWaitsAsync(int mostSteps = 10)
    {
        for (int i = 0; i < mostSteps; i++)
        {
            await StepAsync(mine: false);
            if ((await PendingAsync()).Count > 0) return;
            await StepAsync();
        }

        Assert.Fail($"the batcher sent nothing within {mostSteps} L1 blocks: {Describe()}\n{Log}");
    }

    /// <summary>Wei spent so far.</summary>
    public async Task<UInt256> SpentAsync() => _given + Refilled - await L1.Truth.GetBalanceAsync(BatcherAddress);

    /// <summary>Wei that came in after the start.</summary>
    public UInt256 Refilled { get; private set; }

    /// <summary>Gives the batcher more ether, in the next block.</summary>
    public async Task RefillAsync(UInt256 wei)
    {
        Refilled += wei;
        await L1.FundAsync(BatcherAddress, wei);
    }

    /// <summary>The end of every bad day: all blocks that there are become safe, in order, each once or with the known duplicates, and the batcher is well.</summary>
    /// <param name="mostSteps">L1 blocks that it may take.</param>
    /// <param name="duplicateBlocks">L2 blocks that may have been posted twice.</param>
    /// <param name="gaps">L2 blocks that may have come before those they build on, because a deep reorg took those away.</param>
    /// <param name="most">The most wei that may have been spent.</param>
    public async Task EndsWellAsync(UInt256 most, int mostSteps = 40, int duplicateBlocks = 0, int gaps = 0)
    {
        Rollup.Build(3, _bytes);
        ulong all = Rollup.Unsafe;
        await UntilAsync($"block {all} becoming safe", () => Rollup.Safe == all, mostSteps);
        await UntilAsync("a batcher with nothing left to do", () => Batcher.Status is { PendingBlocks: 0, InFlight: 0, BacklogBytes: 0 }, mostSteps);
        Assert.True(_inbox.Problems.Count == 0, $"{string.Join('\n', _inbox.Problems)}\n{Log}");
        Assert.True(_inbox.Gaps <= gaps, $"{_inbox.Gaps} blocks came before those they build on: {Describe()}\n{Log}");
        Assert.True(_inbox.Duplicates <= duplicateBlocks, $"{_inbox.Duplicates} blocks are on L1 twice, not {duplicateBlocks}: {Describe()}\n{Log}");
        UInt256 spent = await SpentAsync();
        Assert.True(spent <= most, $"{spent} wei were spent, more than {most}: {Describe()}\n{Log}");
        Assert.True(Batcher.Health.IsHealthy, $"{Batcher.Health.Detail}\n{Log}");
    }

    private string Describe() =>
        $"safe {Rollup.Safe} of {Rollup.Unsafe}, {_inbox.Transactions} batcher transactions in {_inbox.Channels} channels on L1, {L1.Provider.Given.Count} given to the provider; {Batcher.Status}";

    /// <summary>Waits until the batcher does nothing but wait for the clock: no request on its way, and none for a moment.</summary>
    private async Task SettleAsync()
    {
        const int Quiet = 3;
        for (int quiet = 0, calls = -1; quiet < Quiet;)
        {
            await Task.Delay(1);
            int now = L1.Provider.Calls;
            quiet = L1.Provider.InFlight == 0 && now == calls ? quiet + 1 : 0;
            calls = now;
        }
    }

    public async ValueTask DisposeAsync()
    {
        ValueTask stopping = Batcher.DisposeAsync();
        while (!stopping.IsCompleted)
        {
            _time.Advance(TimeSpan.FromSeconds(1)); // whoever waits for the clock
            await Task.Delay(1);
        }

        await stopping;
        Manager.Dispose();
        await L1.DisposeAsync();
    }
}
