using Opal.Crypto;
using Opal.JsonRpc;
using Opal.Primitives;
using Opal.Protocol;
using Opal.Testing;
using Opal.TxManager;

namespace Opal.Batcher.Tests;

public sealed class WatchStartTests
{
    private readonly WatchedL1 _l1 = new();
    private readonly EthClient _eth;
    private readonly ManualTime _time = new(DateTimeOffset.UnixEpoch);
    private readonly WatchLog _log = new();
    private RollupConfig _rollup;

    public WatchStartTests()
    {
        _eth = new EthClient(_l1.Rpc);
        _l1.BatcherHash = HashOf(Signer);
        _rollup = World.Rollup with { L1SystemConfigAddress = WatchedL1.SystemConfig, GenesisSystemConfig = new SystemConfig { BatcherAddress = Address.FromNumber(0x91) } };
    }

    private Address Signer => _l1.Batcher.Address;

    private L1Facts Facts => new(_eth, Signer, _rollup.L1SystemConfigAddress);

    private static Hash256 HashOf(Address address) => Hash256.FromUInt256(address.ToUInt256());

    private Task<string?> FaultAsync() => new BatcherIdentity(Facts, _rollup).FindFaultAsync(default);

    [Fact]
    public async Task The_right_key_has_no_fault() => Assert.Null(await FaultAsync());

    [Fact]
    public async Task A_wrong_key_is_named_with_both_addresses()
    {
        _l1.BatcherHash = HashOf(Address.FromNumber(0x77));
        string? fault = await FaultAsync();
        Assert.Contains($"the batcher's key has the address {Signer.ToChecksumString()}", fault, StringComparison.Ordinal);
        Assert.Contains($"the SystemConfig {WatchedL1.SystemConfig.ToChecksumString()} on L1 names {Address.FromNumber(0x77).ToChecksumString()} as the batcher", fault, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true), InlineData(false)]
    public async Task Without_the_contract_the_rollup_configuration_counts(bool hasContract)
    {
        (_l1.BatcherHash, _l1.HasContract) = (null, hasContract);
        string? fault = await FaultAsync();
        Assert.Contains("the rollup configuration (the SystemConfig", fault, StringComparison.Ordinal);
        Assert.Contains(Address.FromNumber(0x91).ToChecksumString(), fault, StringComparison.Ordinal);
        _rollup = _rollup with { GenesisSystemConfig = new SystemConfig { BatcherAddress = Signer } };
        Assert.Null(await FaultAsync());
    }

    [Fact]
    public async Task The_watches_of_a_batcher_know_its_own_transactions_its_ether_and_its_key()
    {
        var alarms = new OperatorAlarms(_time, _log);
        using var manager = new TransactionManager(_eth, _l1.Batcher, new TxManagerOptions(), _time, _log);
        await using var watches = new BatcherWatches(_eth, manager, _rollup with { BatchInboxAddress = WatchedL1.Inbox }, Facts, journal: null, NativeCrypto.Instance, alarms, _time, _log);
        Transaction own = _l1.Sign(0, [0, 1]), rival = _l1.Sign(1, [0, 2]);
        await watches.BeginAsync(default);
        await watches.Watching(new Publishing(own)).SubmitAsync([[0, 1]], false, null, null, default);
        _l1.Mine(own);
        watches.Start();
        await UntilAsync(() => watches.Status.Runway is not null);
        Assert.Equal(("", 0L, null), (watches.Status.Gravest, watches.Status.RivalTransactions, watches.Status.NewestRival));
        _l1.Mine(rival);
        _l1.BatcherHash = HashOf(Address.FromNumber(0x77));
        _l1.Balance = 0;
        await UntilAsync(() => watches.Status.Alarms.Count == 3);
        Assert.Equal(new[] { BatcherKeyWatch.Alarm, RivalWatch.Alarm, RunwayWatch.FundsAlarm }.Order(StringComparer.Ordinal), watches.Status.Alarms.Select(static alarm => alarm.Kind).Order(StringComparer.Ordinal));
        Assert.Equal((1L, rival.Hash), (watches.Status.RivalTransactions, watches.Status.NewestRival!.Hash));
        Assert.StartsWith("What is posted does not count any more: the batcher's key has the address", alarms.Find(BatcherKeyWatch.Alarm)!.Text, StringComparison.Ordinal);
        _l1.BatcherHash = HashOf(Signer);
        _l1.Balance = new UInt256(1_000_000_000_000_000_000) * 10_000; // what was taken out counts as spent
        await UntilAsync(() => watches.Status.Alarms is [{ Kind: RivalWatch.Alarm }] or []);
    }

    private async Task UntilAsync(Func<bool> holds)
    {
        for (int i = 0; !holds(); i++)
        {
            Assert.True(i < 3_000, "it never held");
            _time.Advance(TimeSpan.FromSeconds(30));
            await Task.Delay(10);
        }
    }

    /// <summary>A submitter that publishes one transaction.</summary>
    private sealed class Publishing(Transaction transaction) : IL1Submitter
    {
        public async Task<BlockId> SubmitAsync(IReadOnlyList<byte[]> carriers, bool asBlobs, ITxRecorder? recorder, TxResume? resume, CancellationToken cancellation)
        {
            await recorder!.PublishingAsync(new TxVersion(transaction.Nonce, transaction.Hash, default!), cancellation);
            return default;
        }
    }
}
